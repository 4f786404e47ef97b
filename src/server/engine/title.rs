//! A conversation's title, from its first message, beside the first reply. Without one the first words stay.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{Role, UserId, limits};
use unicode_segmentation::UnicodeSegmentation;

use super::{Inner, side};
use crate::port::{
    llm::{Model, Prompt, Turn},
    store::{GenerationRow, Renamed, TitleBy},
};

/// Characters of the message that the model is shown.
const SHOWN: usize = 2_000;
/// Bytes that are read of the answer.
const READ: usize = 2 * 1024;
/// Some models think before they answer.
const MOST_TOKENS: u32 = 256;
const LIMIT: Duration = Duration::from_secs(30);

const REQUEST: &str = "You name conversations. Reply with a title for the conversation that begins with the message \
    you are shown: at most six words (or twelve Chinese characters), in the language of the message, without quotation \
    marks, Markdown or a full stop. Do not answer the message. Reply with the title alone.";

/// Asks for a title in a task of its own, if that is wanted, and stores it; a person's own title is never touched.
pub(super) fn spawn(
    inner: Arc<Inner>,
    row: GenerationRow,
    model: Arc<Model>,
    first_message: String,
) {
    if !inner.settings.titles {
        return;
    }
    tokio::spawn(async move {
        let Some(title) = title(&inner, &model, row.user_id, &first_message).await else {
            return;
        };
        let now = inner.clock.now();
        let renamed = inner
            .store
            .rename_conversation(
                row.user_id,
                row.conversation_id,
                &title,
                TitleBy::Model,
                now,
            )
            .await;
        match renamed {
            Ok(Renamed::Done(_)) => inner.stored(row.conversation_id, row.user_id),
            Ok(Renamed::Kept(_)) => {}
            Err(error) => {
                tracing::debug!(%error, conversation_id = %row.conversation_id, "title not stored");
            }
        }
    });
}

/// A title for a conversation that begins with `first_message`. `None` after any failure.
pub(super) async fn title(
    inner: &Inner,
    model: &Model,
    user: UserId,
    first_message: &str,
) -> Option<String> {
    let shown: String = first_message.chars().take(SHOWN).collect();
    let turn = |role, content| Turn { role, content };
    let prompt = Prompt {
        turns: vec![
            turn(Role::System, REQUEST.to_owned()),
            turn(Role::User, format!("<message>\n{shown}\n</message>")),
        ],
        max_tokens: Some(MOST_TOKENS),
        ..Prompt::default()
    };
    let answer = side::ask(inner, model, user, prompt, READ, LIMIT).await?;
    clean(&answer)
}

/// One plain line of what a model calls a title.
fn clean(answer: &str) -> Option<String> {
    // Some servers leave the reasoning in the text.
    let answer = match answer.rsplit_once("</think>") {
        Some((_, after)) => after,
        None if answer.trim_start().starts_with("<think>") => return None,
        None => answer,
    };
    let line = answer.lines().find_map(|line| {
        let line = bare(line);
        (!line.is_empty()).then_some(line)
    })?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let title: String = words
        .join(" ")
        .graphemes(true)
        .filter(|grapheme| !grapheme.contains(char::is_control))
        .take(limits::TITLE_GRAPHEMES)
        .collect();
    let title = title.trim().to_owned();
    (!title.is_empty()).then_some(title)
}

/// A line without what stands around its words.
fn bare(line: &str) -> &str {
    const AROUND: &[char] = &[
        '"', '\'', '`', '*', '_', '#', '“', '”', '‘', '’', '「', '」', '『', '』', '《', '》', '«',
        '»',
    ];
    let mut line = line;
    loop {
        let before = line.len();
        line = line
            .trim()
            .trim_matches(AROUND)
            .trim_end_matches(['.', '。', '．']);
        for label in ["Title:", "title:", "TITLE:", "标题：", "标题:", "題名："] {
            line = line.strip_prefix(label).unwrap_or(line);
        }
        if line.len() == before {
            return line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_plain_line() {
        for (answer, title) in [
            ("Rust Lifetimes Explained", "Rust Lifetimes Explained"),
            ("\n\n# \"Rust lifetimes.\"\nand more", "Rust lifetimes"),
            ("**Title:** *A plan   for\tMay*", "A plan for May"),
            ("标题：《春天的计划》。", "春天的计划"),
            ("<think>\nhm\n</think>\n\nA mill", "A mill"),
            ("C# and F#: a comparison", "C# and F#: a comparison"),
            ("nul\u{0}bell\u{7}", "nulbell"),
        ] {
            assert_eq!(clean(answer).as_deref(), Some(title), "{answer}");
        }
    }

    #[test]
    fn a_title_is_short_by_what_people_see() {
        let family = "👩‍👩‍👧‍👦";
        let title = clean(&family.repeat(100)).expect("a title");
        assert_eq!(title, family.repeat(limits::TITLE_GRAPHEMES));
    }

    #[test]
    fn nothing_is_no_title() {
        for answer in ["", " \n\t", "\"\"", "***\n###", "<think>never ends", "。"] {
            assert_eq!(clean(answer), None, "{answer:?}");
        }
    }
}
