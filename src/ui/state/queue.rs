//! What a person sent and the server has not taken in yet, in the order of the sending. Pure.
//!
//! The queue lives in the tab and not on the server, although a conversation may be set to queue there (`when_busy`):
//! what the server has taken in never changes, and has a reply of its own. What waits here may still be reworded,
//! deleted, and goes out as one message. The page leaves `when_busy` as it is; where the server refuses because a reply
//! has begun elsewhere, the text comes back here and waits. The id of a message is minted when it enters and stays with
//! it: whatever is sent again under the same id is stored once.

use parlance_core::domain::ProblemCode;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Goes out with its neighbours as soon as it may.
    Waiting,
    /// Waits for a word: the reply before it did not end well.
    Held,
    /// Goes out next, and alone: so the person wants it, or it may be on the server already.
    Next,
    /// On its way.
    Away,
    /// Not taken. Its turn in the thread says why.
    Failed,
}

impl Stage {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Waiting, "w"),
        (Self::Held, "h"),
        (Self::Next, "n"),
        // Nobody knows what became of it.
        (Self::Away, "n"),
        (Self::Failed, "f"),
    ];

    /// Whether it is shown above the composer; the others are turns of the thread.
    #[must_use]
    pub fn is_queued(self) -> bool {
        matches!(self, Self::Waiting | Self::Held | Self::Next)
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Its `client_message_id`.
    pub key: String,
    pub text: String,
    pub stage: Stage,
}

/// What comes of a message that was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The text needs a change: back into the composer.
    Reword,
    /// A reply is being written: back into the queue.
    Wait,
    /// The network is away: sent again when it is back.
    Later,
    /// It stays in the thread, with the reason and a way to try again.
    Stay,
}

impl Fate {
    /// Of a failure: the server's word (`None`: there was no answer), and whether the browser is online.
    #[must_use]
    pub fn of(code: Option<ProblemCode>, online: bool) -> Self {
        match code {
            Some(ProblemCode::Validation | ProblemCode::TooLarge) => Self::Reword,
            Some(ProblemCode::GenerationActive) => Self::Wait,
            None if !online => Self::Later,
            _ => Self::Stay,
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue(Vec<Parcel>);

/// Between the fields of what is kept in the tab; no text holds it (see [`Queue::put`]).
const CUT: char = '\0';

impl Queue {
    /// Takes one more in. Whatever was held goes along: who writes on wants an answer.
    pub fn put(&mut self, key: String, text: &str) {
        self.release();
        self.0.push(Parcel {
            key,
            text: text.replace(CUT, "\u{fffd}"),
            stage: Stage::Waiting,
        });
    }

    /// Those above the composer.
    pub fn queued(&self) -> impl Iterator<Item = &Parcel> {
        self.0.iter().filter(|parcel| parcel.stage.is_queued())
    }

    /// Those that have a turn in the thread.
    pub fn shown(&self) -> impl Iterator<Item = &Parcel> {
        self.0.iter().filter(|parcel| !parcel.stage.is_queued())
    }

    /// What goes out now; it is on its way then. `None` while one is, or when none may go. Those that wait are joined,
    /// with an empty line between them.
    pub fn depart(&mut self) -> Option<(String, String)> {
        let at = |queue: &Self, stage| queue.0.iter().position(|parcel| parcel.stage == stage);
        if at(self, Stage::Away).is_some() {
            return None;
        }
        let place = match at(self, Stage::Next) {
            Some(place) => place,
            None => {
                let first = at(self, Stage::Waiting)?;
                let mut joined = String::new();
                for parcel in self
                    .0
                    .iter()
                    .filter(|parcel| parcel.stage == Stage::Waiting)
                {
                    if !joined.is_empty() {
                        joined.push_str("\n\n");
                    }
                    joined.push_str(&parcel.text);
                }
                self.0[first].text = joined;
                self.0[first].stage = Stage::Next;
                self.0.retain(|parcel| parcel.stage != Stage::Waiting);
                first
            }
        };
        let parcel = &mut self.0[place];
        parcel.stage = Stage::Away;
        Some((parcel.key.clone(), parcel.text.clone()))
    }

    /// Moves one to another stage.
    pub fn set(&mut self, key: &str, stage: Stage) {
        if let Some(parcel) = self.0.iter_mut().find(|parcel| parcel.key == key) {
            parcel.stage = stage;
        }
    }

    /// Takes one out, with its text.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let place = self.0.iter().position(|parcel| parcel.key == key)?;
        Some(self.0.remove(place).text)
    }

    /// The reply that they waited for did not end well: they wait for the person's word, unless it was one of them that
    /// ended it.
    pub fn hold(&mut self) {
        if self.0.iter().all(|parcel| parcel.stage != Stage::Next) {
            self.swap(Stage::Waiting, Stage::Held);
        }
    }

    /// The person's word.
    pub fn release(&mut self) {
        self.swap(Stage::Held, Stage::Waiting);
    }

    fn swap(&mut self, from: Stage, to: Stage) {
        for parcel in &mut self.0 {
            if parcel.stage == from {
                parcel.stage = to;
            }
        }
    }

    /// As the tab keeps it; empty when there is nothing to keep.
    #[must_use]
    pub fn write(&self) -> String {
        let mut all = String::new();
        for parcel in &self.0 {
            let word = Stage::ALL.iter().find(|(stage, _)| *stage == parcel.stage);
            for field in [word.map_or("", |(_, word)| word), &parcel.key, &parcel.text] {
                all.push_str(field);
                all.push(CUT);
            }
        }
        all
    }

    /// Reads what the tab kept. `last` is the newest message of the person that the server has: one that was on its way
    /// and says the same did arrive. Of one that says the same and failed nobody knows, for a page that is left breaks off
    /// its requests: it is sent again, under the same id.
    #[must_use]
    pub fn read(kept: &str, last: Option<&str>) -> Self {
        let mut fields = kept.split(CUT);
        let mut parcels = Vec::new();
        while let (Some(word), Some(key), Some(text)) =
            (fields.next(), fields.next(), fields.next())
        {
            let stage = Stage::ALL.iter().find(|(_, known)| *known == word);
            let Some((stage, _)) = stage else { continue };
            let says_the_same = last.is_some_and(|last| last.trim() == text.trim());
            let stage = match stage {
                Stage::Next if says_the_same => continue,
                Stage::Failed if says_the_same => Stage::Next,
                stage => *stage,
            };
            parcels.push(Parcel {
                key: key.to_owned(),
                text: text.to_owned(),
                stage,
            });
        }
        Self(parcels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(texts: &[&str]) -> Queue {
        let mut queue = Queue::default();
        for text in texts {
            queue.put(format!("key-{text}"), text);
        }
        queue
    }

    fn out(queue: &mut Queue) -> Option<(String, String)> {
        queue.depart()
    }

    fn pair(key: &str, text: &str) -> Option<(String, String)> {
        Some((key.to_owned(), text.to_owned()))
    }

    #[test]
    fn what_waits_goes_out_as_one_message_and_only_once() {
        let mut queue = queue(&["a", "b"]);
        assert_eq!(out(&mut queue), pair("key-a", "a\n\nb"));
        assert_eq!(queue.queued().count(), 0);
        queue.put("key-c".to_owned(), "c");
        assert_eq!(out(&mut queue), None, "one is on its way");
        assert_eq!(queue.take("key-a").as_deref(), Some("a\n\nb"));
        assert_eq!(out(&mut queue), pair("key-c", "c"));
    }

    #[test]
    fn one_that_is_sent_now_goes_alone_and_leaves_the_others_waiting() {
        let mut queue = queue(&["a", "b", "c"]);
        queue.set("key-b", Stage::Next);
        queue.hold();
        assert_eq!(out(&mut queue), pair("key-b", "b"));
        queue.take("key-b");
        assert_eq!(out(&mut queue), pair("key-a", "a\n\nc"));
    }

    #[test]
    fn what_is_held_waits_until_the_person_writes_on() {
        let mut queue = queue(&["a"]);
        queue.hold();
        assert_eq!(out(&mut queue), None);
        queue.put("key-b".to_owned(), "b");
        assert_eq!(out(&mut queue), pair("key-a", "a\n\nb"));
    }

    #[test]
    fn one_that_was_tried_goes_out_again_under_its_own_id_and_alone() {
        let mut queue = queue(&["a"]);
        out(&mut queue);
        queue.set("key-a", Stage::Next);
        queue.put("key-b".to_owned(), "b");
        assert_eq!(out(&mut queue), pair("key-a", "a"));
    }

    #[test]
    fn a_reload_keeps_everything_and_sends_again_what_was_on_its_way() {
        let mut queue = queue(&["on its way"]);
        out(&mut queue);
        queue.put("key-b".to_owned(), "b\n\n\0b");
        queue.put("key-c".to_owned(), "c");
        queue.set("key-c", Stage::Failed);
        let mut read = Queue::read(&queue.write(), Some("something else"));
        assert_eq!(read.shown().count(), 1);
        assert_eq!(out(&mut read), pair("key-on its way", "on its way"));
        read.take("key-on its way");
        assert_eq!(out(&mut read), pair("key-b", "b\n\n\u{fffd}b"));
        // It had arrived after all.
        let read = Queue::read(&queue.write(), Some("on its way\n"));
        assert_eq!(read.queued().count(), 1);
    }

    #[test]
    fn rubbish_in_the_tab_is_an_empty_queue() {
        for kept in ["", "\0", "w", "w\0k", "x\0k\0t\0", "\0\0\0\0\0\0"] {
            assert_eq!(Queue::read(kept, None), Queue::default(), "{kept:?}");
        }
        assert_eq!(Queue::default().write(), "");
    }

    #[test]
    fn the_cause_decides_where_a_text_goes() {
        assert_eq!(Fate::of(Some(ProblemCode::Validation), true), Fate::Reword);
        assert_eq!(
            Fate::of(Some(ProblemCode::GenerationActive), true),
            Fate::Wait
        );
        assert_eq!(Fate::of(None, false), Fate::Later);
        assert_eq!(Fate::of(None, true), Fate::Stay);
        assert_eq!(Fate::of(Some(ProblemCode::Internal), false), Fate::Stay);
    }

    #[test]
    fn what_failed_and_may_have_arrived_is_sent_again_under_its_id() {
        let mut before = queue(&["a"]);
        before.set("key-a", Stage::Failed);
        let mut after = Queue::read(&before.write(), Some("a"));
        assert_eq!(after.shown().count(), 0);
        assert_eq!(out(&mut after), pair("key-a", "a"));
        assert_eq!(Queue::read(&before.write(), Some("b")).shown().count(), 1);
    }
}
