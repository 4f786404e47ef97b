//! The leader's desk: which tabs are there, what is carried for them from which position on, and who has to see to it
//! alone. A tab that shares with nobody keeps one too, with itself as the only visitor.

use parlance_core::domain::{ConversationId, Cursor, Position, limits};

use super::{Tab, Want};

/// Streams beside the shared one, for conversations that have no place on it.
const ALONE: usize = 2;
/// Milliseconds between two pieces of text when nobody looks.
const UNSEEN_PACE_MS: u32 = 1_000;

/// Who brings a tab the events of its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The shared stream.
    Carried,
    /// A stream of its own.
    Alone,
    /// Nobody: it reads the state now and then.
    Poll,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::Alone => "alone",
            Self::Poll => "poll",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Carried, Self::Alone, Self::Poll]
            .into_iter()
            .find(|verdict| verdict.as_str() == word)
    }
}

#[derive(Debug)]
struct Visitor {
    tab: Tab,
    open: Option<ConversationId>,
    hidden: bool,
    verdict: Verdict,
}

/// A conversation that is carried.
#[derive(Debug)]
struct Seat {
    conversation: ConversationId,
    /// How far it was passed on, which is where the next stream goes on.
    at: String,
    /// Somebody waits for the next stream, and hears nothing of what the open one still brings.
    awaited: bool,
}

impl Seat {
    /// Makes the next stream one for this position too.
    fn reach(&mut self, position: &str) {
        self.at = together(&self.at, position);
    }
}

/// The desk.
#[derive(Debug, Default)]
pub struct Desk {
    visitors: Vec<Visitor>,
    seats: Vec<Seat>,
    /// Something has to be carried that the open stream does not carry, or from another position on.
    dirty: bool,
    /// Whether the stream was opened at the pace of an unseen one.
    slow: bool,
}

impl Desk {
    /// A tab announces itself, for the first time or again.
    pub fn take(&mut self, tab: Tab, want: Want) -> Verdict {
        let old = self.remove(tab);
        let open = want.open.as_ref().map(|(id, _)| *id);
        let in_step = want.in_step && old == Some(open);
        if !in_step {
            self.clear(old.flatten());
        }
        let verdict = match want.open {
            None => Verdict::Carried,
            Some((id, cursor)) => self.seat(id, &cursor, in_step),
        };
        // Who comes new needs a greeting, and what happened to the list since its page was made.
        self.dirty |= verdict == Verdict::Carried && !in_step;
        self.visitors.push(Visitor {
            tab,
            open,
            hidden: want.hidden,
            verdict,
        });
        verdict
    }

    /// A tab needs nothing any more. True when a place became free that others wait for.
    pub fn leave(&mut self, tab: Tab) -> bool {
        let before = self.seats.len();
        let old = self.remove(tab);
        self.clear(old.flatten());
        let waits = |visitor: &Visitor| visitor.verdict != Verdict::Carried;
        self.seats.len() < before && self.visitors.iter().any(waits)
    }

    /// A line about `conversation` was passed on, with its id.
    pub fn passed(&mut self, conversation: ConversationId, id: &str) {
        let seat = self.seat_of(conversation).filter(|_| !id.is_empty());
        match seat {
            Some(seat) if seat.awaited => seat.reach(id),
            Some(seat) => id.clone_into(&mut seat.at),
            None => {}
        }
    }

    /// Whether the stream has to be opened anew to carry what it should.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty || self.slow != self.is_unseen()
    }

    /// The address of a stream that carries what it should. `pace` is for whoever looks: milliseconds between two pieces
    /// of text.
    pub fn address(&mut self, pace: u32) -> String {
        self.dirty = false;
        self.slow = self.is_unseen();
        let seats: Vec<_> = self
            .seats
            .iter_mut()
            .map(|seat| {
                seat.awaited = false;
                format!("{}:{}", seat.conversation, seat.at)
            })
            .collect();
        let pace = if self.slow { UNSEEN_PACE_MS } else { pace };
        format!("/api/stream?pace={pace}&c={}", seats.join(","))
    }

    fn is_unseen(&self) -> bool {
        self.visitors.iter().all(|visitor| visitor.hidden)
    }

    fn seat(&mut self, id: ConversationId, cursor: &str, in_step: bool) -> Verdict {
        if let Some(seat) = self.seat_of(id) {
            if !in_step {
                seat.reach(cursor);
                seat.awaited = true;
            }
            return Verdict::Carried;
        }
        if self.seats.len() < limits::STREAM_CONVERSATIONS {
            self.seats.push(Seat {
                conversation: id,
                at: cursor.to_owned(),
                awaited: true,
            });
            self.dirty = true;
            return Verdict::Carried;
        }
        let alone = |visitor: &&Visitor| visitor.verdict == Verdict::Alone;
        if self.visitors.iter().filter(alone).count() < ALONE {
            Verdict::Alone
        } else {
            Verdict::Poll
        }
    }

    fn seat_of(&mut self, conversation: ConversationId) -> Option<&mut Seat> {
        self.seats
            .iter_mut()
            .find(|seat| seat.conversation == conversation)
    }

    /// Forgets a tab: its conversation, when it was known.
    fn remove(&mut self, tab: Tab) -> Option<Option<ConversationId>> {
        let place = self
            .visitors
            .iter()
            .position(|visitor| visitor.tab == tab)?;
        Some(self.visitors.swap_remove(place).open)
    }

    /// Frees the place of a conversation that nobody wants any more.
    fn clear(&mut self, conversation: Option<ConversationId>) {
        let wanted =
            |visitor: &Visitor| visitor.open == conversation && visitor.verdict == Verdict::Carried;
        if conversation.is_none() || self.visitors.iter().any(wanted) {
            return;
        }
        let before = self.seats.len();
        self.seats
            .retain(|seat| Some(seat.conversation) != conversation);
        self.dirty |= self.seats.len() < before;
    }
}

/// The position from which two tabs go on together. A piece of text fits one position only, so where they differ the
/// reply's text is sent whole: a cursor without a generation asks for that, and for every change since its rev. Of replies
/// beside the first, to which it says nothing, everything is sent.
fn together(one: &str, other: &str) -> String {
    if one == other {
        return one.to_owned();
    }
    let rev = |text: &str| text.parse::<Position>().ok()?.rev();
    match (rev(one), rev(other)) {
        (Some(one), Some(other)) => Cursor::idle(one.min(other)).to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(number))
    }

    fn want(conversation: u128, cursor: &str) -> Want {
        Want {
            open: Some((id(conversation), cursor.to_owned())),
            hidden: false,
            in_step: false,
        }
    }

    fn hide(want: Want) -> Want {
        Want {
            hidden: true,
            in_step: true,
            ..want
        }
    }

    #[test]
    fn a_tab_by_itself_carries_its_own_conversation() {
        let mut desk = Desk::default();
        assert_eq!(desk.take(1, want(7, "17::0")), Verdict::Carried);
        assert!(desk.is_dirty());
        assert_eq!(
            desk.address(32),
            format!("/api/stream?pace=32&c={}:17::0", id(7))
        );
        assert!(!desk.is_dirty());
        desk.passed(id(7), "18:k7f2m9qd3x:3");
        desk.passed(id(7), "");
        let address = format!("/api/stream?pace=32&c={}:18:k7f2m9qd3x:3", id(7));
        assert_eq!(desk.address(32), address);
    }

    #[test]
    fn opening_another_conversation_leaves_the_first_unless_somebody_else_reads_it() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17::0"));
        desk.take(2, want(7, "17::0"));
        desk.take(1, want(8, "3::0"));
        let address = format!("/api/stream?pace=32&c={}:17::0,{}:3::0", id(7), id(8));
        assert_eq!(desk.address(32), address);
        desk.leave(2);
        assert_eq!(
            desk.address(32),
            format!("/api/stream?pace=32&c={}:3::0", id(8))
        );
    }

    #[test]
    fn tabs_that_stand_apart_start_over_together() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17:k7f2m9qd3x:3"));
        desk.take(2, want(7, "17:k7f2m9qd3x:9"));
        assert!(desk.address(32).ends_with(":17::0"));
        desk.take(3, want(7, "16:g7f2m9qd3x:9"));
        assert!(desk.address(32).ends_with(":16::0"));
        desk.take(3, want(7, "15:g7f2m9qd3x:9.15:h7f2m9qd3x:2"));
        assert!(desk.address(32).ends_with(":15::0"));
        desk.take(4, want(7, "nonsense"));
        assert!(desk.address(32).ends_with(&format!("{}:", id(7))));
    }

    #[test]
    fn what_the_open_stream_still_brings_is_not_taken_for_heard_by_who_waits_for_the_next() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17:k7f2m9qd3x:3"));
        desk.address(32);
        desk.take(2, want(7, "17:k7f2m9qd3x:3"));
        desk.passed(id(7), "17:k7f2m9qd3x:4");
        desk.passed(id(7), "17:k7f2m9qd3x:5");
        assert!(desk.address(32).ends_with(":17::0"));
        desk.passed(id(7), "17:k7f2m9qd3x:6");
        assert!(desk.address(32).ends_with(":17:k7f2m9qd3x:6"));
    }

    #[test]
    fn a_tab_that_lost_its_place_comes_back_to_its_own_position() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17:k7f2m9qd3x:3"));
        desk.address(32);
        desk.passed(id(7), "17:k7f2m9qd3x:9");
        desk.take(1, want(7, "17:k7f2m9qd3x:4"));
        assert!(desk.address(32).ends_with(":17:k7f2m9qd3x:4"));
    }

    #[test]
    fn whoever_is_in_step_may_speak_without_disturbing() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17::0"));
        desk.take(2, want(7, "17::0"));
        desk.address(32);
        desk.passed(id(7), "18::0");
        desk.take(2, hide(want(7, "17::0")));
        assert!(!desk.is_dirty());
        assert!(desk.address(32).ends_with(":18::0"));
        // To a new leader it is a stranger all the same.
        desk.take(3, hide(want(7, "17::0")));
        assert!(desk.is_dirty());
    }

    #[test]
    fn goes_slowly_when_nobody_looks_and_fast_when_somebody_does() {
        let mut desk = Desk::default();
        desk.take(1, want(7, "17::0"));
        desk.take(2, want(8, "17::0"));
        desk.address(32);
        desk.take(1, hide(want(7, "17::0")));
        assert!(!desk.is_dirty());
        desk.take(2, hide(want(8, "17::0")));
        assert!(desk.is_dirty());
        assert!(desk.address(32).contains("?pace=1000&"));
        let seen = Want {
            in_step: true,
            ..want(7, "17::0")
        };
        desk.take(1, seen);
        assert!(desk.is_dirty());
        assert!(desk.address(32).contains("?pace=32&"));
    }

    #[test]
    fn eight_are_carried_two_see_to_it_alone_and_the_rest_look_now_and_then() {
        let mut desk = Desk::default();
        let verdicts: Vec<_> = (1..=11)
            .map(|tab| desk.take(tab, want(u128::from(tab), "1::0")))
            .collect();
        assert!(verdicts[..8].iter().all(|one| *one == Verdict::Carried));
        assert_eq!(
            verdicts[8..],
            [Verdict::Alone, Verdict::Alone, Verdict::Poll]
        );
        // Asking again changes nothing and opens nothing.
        desk.address(32);
        assert_eq!(desk.take(9, want(9, "1::0")), Verdict::Alone);
        assert_eq!(desk.take(11, want(11, "1::0")), Verdict::Poll);
        assert!(!desk.is_dirty());
        // Who only reads the list, or what is carried already, always finds a place.
        assert_eq!(desk.take(12, want(3, "1::0")), Verdict::Carried);
        let nothing = Want {
            open: None,
            hidden: false,
            in_step: false,
        };
        assert_eq!(desk.take(13, nothing), Verdict::Carried);
        assert!(!desk.leave(3));
        assert!(desk.leave(12));
        assert_eq!(desk.take(11, want(11, "1::0")), Verdict::Carried);
    }
}
