//! Reading a long conversation away from its end: the messages around one, and those in which something is said.
//!
//! One conversation is small enough to be looked through word by word, so there is no index and nothing to keep in
//! step with it. Searching all conversations is another matter and does not belong here.

use parlance_core::domain::{ConversationId, FieldCode, MessageId, limits};

use super::Messages;
use crate::service::{Error, Viewer};

pub use crate::port::store::Surroundings;

/// Messages that are looked through at a time: so much text is in memory at once.
const AT_ONCE: u32 = 500;
/// Messages that are looked through, the newest ones.
const MOST_READ: u32 = 50_000;
/// Messages that are found, the newest ones.
const MOST_FOUND: usize = 500;
/// Longest text to look for, characters.
const ASKED_CHARS: usize = 200;
/// What is told of the text on each side of a match, characters.
const SIDE_CHARS: usize = 30;

/// A message in which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: MessageId,
    /// Text around the first place, on one line.
    pub before: String,
    pub found: String,
    pub after: String,
}

impl Messages {
    /// A message of the path with at most `before` and `after` beside it.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`limit`).
    pub async fn around(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        message: MessageId,
        before: u32,
        after: u32,
    ) -> Result<Surroundings, Error> {
        if before > limits::PAGE_ITEMS || after > limits::PAGE_ITEMS {
            return Err(Error::field("limit", FieldCode::Malformed));
        }
        let owner = viewer.user.id;
        let read = self
            .store
            .messages_around(owner, conversation, message, before, after)
            .await?;
        Ok(read)
    }

    /// The messages of the path in which `text` stands, whatever the case of its letters, from the first to the last.
    /// Nothing stands nowhere.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`text`).
    pub async fn find(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        text: &str,
    ) -> Result<Vec<Found>, Error> {
        if text.chars().count() > ASKED_CHARS {
            return Err(Error::field("text", FieldCode::TooLong));
        }
        let needle = folded(text.trim());
        let (mut found, mut read, mut before) = (Vec::new(), 0, None);
        // Also for nothing: whose conversation it is must not be told by the answer.
        loop {
            let words = self
                .store
                .path_words(viewer.user.id, conversation, before, AT_ONCE)
                .await?;
            read += AT_ONCE;
            before = words.last().map(|words| words.id);
            let last = words.len() < AT_ONCE as usize || needle.is_empty() || read >= MOST_READ;
            let hits = words
                .into_iter()
                .filter_map(|words| hit(words.id, &words.content, &needle));
            found.extend(hits);
            if last || found.len() >= MOST_FOUND {
                break;
            }
            // A long conversation is a second of work: others come in between.
            tokio::task::yield_now().await;
        }
        found.truncate(MOST_FOUND);
        found.reverse();
        Ok(found)
    }
}

/// As it is compared: letters of either case are the same.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn hit(id: MessageId, content: &str, needle: &str) -> Option<Found> {
    let at = folded(content)
        .find(needle)
        .filter(|_| !needle.is_empty())?;
    let (from, to) = (written(content, at), written(content, at + needle.len()));
    Some(Found {
        id,
        before: tail(&content[..from]),
        found: content[from..to].to_owned(),
        after: head(&content[to..]),
    })
}

/// Where in `text` the place `at` of its folded form is: folding changes the lengths of a few letters.
fn written(text: &str, at: usize) -> usize {
    let mut seen = 0;
    for (byte, letter) in text.char_indices() {
        if seen >= at {
            return byte;
        }
        seen += letter.to_lowercase().map(char::len_utf8).sum::<usize>();
    }
    text.len()
}

/// The beginning of what follows, on one line.
fn head(text: &str) -> String {
    text.chars()
        .take(SIDE_CHARS)
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .collect()
}

/// The end of what goes before, on one line.
fn tail(text: &str) -> String {
    let from = text
        .char_indices()
        .rev()
        .nth(SIDE_CHARS - 1)
        .map_or(0, |(at, _)| at);
    head(&text[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: MessageId = MessageId(uuid::Uuid::nil());

    fn told(content: &str, needle: &str) -> Option<(String, String, String)> {
        hit(ID, content, &folded(needle)).map(|hit| (hit.before, hit.found, hit.after))
    }

    fn words(before: &str, found: &str, after: &str) -> Option<(String, String, String)> {
        Some((before.to_owned(), found.to_owned(), after.to_owned()))
    }

    #[test]
    fn letters_of_either_case_are_the_same_and_are_told_as_written() {
        assert_eq!(
            told("See the TIDES\nrise", "tides"),
            words("See the ", "TIDES", " rise")
        );
        assert_eq!(
            told("潮汐为什么每天有两次？", "每天"),
            words("潮汐为什么", "每天", "有两次？")
        );
        assert_eq!(told("nothing", "thing else"), None);
        assert_eq!(told("anything", ""), None);
    }

    #[test]
    fn letters_that_folding_makes_longer_do_not_move_the_place() {
        // İ folds to three bytes, ẞ to two where it had three.
        assert_eq!(told("İİẞ İstanbul now", "istanbul now"), None);
        assert_eq!(
            told("İİẞ here it is", "HERE"),
            words("İİẞ ", "here", " it is")
        );
    }

    #[test]
    fn only_the_nearest_words_are_told() {
        let text = format!("{}x{}", "a".repeat(100), "é".repeat(100));
        assert_eq!(
            told(&text, "X"),
            words(&"a".repeat(30), "x", &"é".repeat(30))
        );
    }
}
