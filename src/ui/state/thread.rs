//! An open conversation as signals. The reducer holds the truth; `publish` copies what changed, once per frame.

use leptos::prelude::*;
use parlance_core::domain::{
    Accepted, ConversationId, Event, GenerationFailure, GenerationId, GenerationStatus, MessageId,
    Part, ProblemCode, StatusEvent, lane::FIRST,
};

mod lanes;
mod strand;
#[cfg(test)]
mod tests;

use super::{
    connection::Notice,
    live::{Changes, Lapse, Live, Outcome, Running},
    page::{OpenPage, Turn},
    window::{Edge, Held, Shown as Seen, Side, Stretch, Window},
};

pub use lanes::Column;
use lanes::{Comparison, lane_of};
use strand::Strand;

/// What is known of the reply being written, besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub generation_id: GenerationId,
    pub message_id: MessageId,
    pub status: GenerationStatus,
    pub fare: Option<StatusEvent>,
}

/// The signals of one open conversation.
#[derive(Clone, Copy)]
pub struct Thread {
    pub id: ConversationId,
    pub title: RwSignal<String>,
    /// Those that stand in the page: the end of the path, or a stretch of it elsewhere.
    pub turns: RwSignal<Vec<Turn>>,
    pub reply: RwSignal<Option<Reply>>,
    /// Part `text` of the reply. It grows in place: whoever shows it looks at what is new.
    pub text: RwSignal<String>,
    /// How often `text` did not grow but became another.
    pub replaced: RwSignal<u32>,
    /// Part `reasoning` of the reply.
    pub reasoning: RwSignal<String>,
    pub failure: RwSignal<Option<GenerationFailure>>,
    pub lapse: RwSignal<Option<Lapse>>,
    /// Whether there are messages before `turns`, and behind them.
    pub earlier: RwSignal<bool>,
    pub later: RwSignal<bool>,
    /// The message that the page was asked for.
    pub marked: Option<MessageId>,
    /// How often the shown text was not the stored one.
    pub mismatches: RwSignal<u32>,
    pub notice: RwSignal<Option<Notice>>,
    /// The message whose replies are compared: this thread is about the first of them.
    pub compared: RwSignal<Option<MessageId>>,
    comparison: StoredValue<Comparison>,
    /// Whether `text` is that of the reply that this one goes on from.
    kept: StoredValue<bool>,
    live: StoredValue<Live>,
    window: StoredValue<Window>,
}

impl Thread {
    /// Begins with what the page brought.
    #[must_use]
    pub fn new(page: &OpenPage) -> Self {
        Self::of(page, Live::new(page))
    }

    fn of(page: &OpenPage, live: Live) -> Self {
        let mut window = Window::default();
        if let Some(stretch) = page.window.clone() {
            window.go(stretch, held(&live));
        }
        let seen = window.shown(held(&live));
        Self {
            id: page.conversation.id,
            title: RwSignal::new(live.title.clone()),
            turns: RwSignal::new(seen.turns),
            reply: RwSignal::new(reply(&live)),
            text: RwSignal::new(text(&live).to_owned()),
            replaced: RwSignal::new(0),
            reasoning: RwSignal::new(reasoning(&live).to_owned()),
            failure: RwSignal::new(live.failure.clone()),
            lapse: RwSignal::new(live.lapse),
            earlier: RwSignal::new(seen.earlier),
            later: RwSignal::new(seen.later),
            marked: page.window.as_ref().and_then(|stretch| stretch.message),
            mismatches: RwSignal::new(0),
            notice: RwSignal::new(None),
            compared: RwSignal::new(None),
            comparison: StoredValue::new(Comparison::default()),
            kept: StoredValue::new(is_kept(&live)),
            live: StoredValue::new(live),
            window: StoredValue::new(window),
        }
    }

    /// Takes an event in without showing it yet. `None` when the page is gone.
    pub fn apply(&self, event: Event, id: &str) -> Option<Outcome> {
        let outcome = match lane_of(&event) {
            FIRST => self.live.try_update_value(|live| live.apply(event, id)),
            lane => self.apply_beside(lane, event, id),
        };
        if outcome == Some(Outcome::Mismatch) {
            self.mismatches.try_update(|count| *count += 1);
        }
        outcome
    }

    /// The position to come back with. `None` when the page is gone.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.live.try_with_value(|live| live.cursor().to_owned())
    }

    /// Whether a reply is being written, here or beside, as far as events tell.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let here = self.live.try_with_value(|live| live.active.is_some());
        here.unwrap_or_default() || self.others().any(|other| other.is_busy())
    }

    /// What the reply goes on from, as safe HTML and as text, where the page has it at hand.
    #[must_use]
    pub fn seed(&self) -> Option<(String, String)> {
        self.live
            .try_with_value(|live| live.active.as_ref().and_then(Running::seed))
            .flatten()
    }

    /// Whether what is shown of the reply is still the text that it goes on from.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.kept.try_get_value().unwrap_or_default()
    }

    /// Begins anew from a fresh page.
    pub fn adopt(&self, page: &OpenPage) {
        self.change(|live| live.adopt(page));
        self.compare(&page.compared);
    }

    /// Shows a message that is on its way, at the end of the path.
    pub fn sending(&self, client_message_id: &str, text: &str) {
        self.window.try_update_value(Window::to_end);
        self.change(|live| live.sending(client_message_id, text));
    }

    /// The server took in another wording of the message behind `parent`.
    pub fn reworded(
        &self,
        client_message_id: &str,
        text: &str,
        parent: Option<MessageId>,
        accepted: &Accepted,
    ) {
        let beside = parent.and_then(|parent| {
            let find = |window: &Window| window.behind(parent).cloned();
            Some((parent, self.window.try_with_value(find)?))
        });
        self.change(|live| {
            if let Some((parent, old)) = beside.filter(|_| !live.holds(accepted.message_id)) {
                live.go_back_to(parent, old);
            }
            live.reworded(client_message_id, text, parent, accepted);
        });
        self.compare_from(accepted);
        self.look(Window::to_last);
    }

    /// A message that has ended or arrived, wherever the reader is.
    #[must_use]
    pub fn message(&self, id: MessageId) -> Option<Turn> {
        let find = |live: &Live| live.turns.iter().find(|turn| turn.id == Some(id)).cloned();
        self.live.try_with_value(find).flatten()
    }

    /// What lies beyond a side of what is shown.
    #[must_use]
    pub fn edge(&self, side: Side) -> Edge {
        let edge = |live: &Live| {
            self.window
                .try_with_value(|window| window.edge(side, held(live)))
        };
        self.live
            .try_with_value(edge)
            .flatten()
            .unwrap_or(Edge::End)
    }

    /// Shows more on one side, and up to `spare` turns less on the other.
    pub fn step(&self, side: Side, fetched: Option<Stretch>, spare: usize) {
        self.look(|window, held| window.step(side, fetched, held, spare));
    }

    /// Shows the message, if it is at hand.
    pub fn reach(&self, id: MessageId) -> bool {
        self.look(|window, held| window.reach(id, held))
            .unwrap_or_default()
    }

    /// Shows a stretch from elsewhere.
    pub fn go(&self, stretch: Stretch) {
        self.look(|window, held| window.go(stretch, held));
    }

    /// Shows the end of the path.
    pub fn to_end(&self) {
        self.look(|window, _| window.to_end());
    }

    fn look<T>(&self, act: impl FnOnce(&mut Window, Held<'_>) -> T) -> Option<T> {
        let (result, seen) = self.live.try_with_value(|live| {
            self.window.try_update_value(|window| {
                let result = act(window, held(live));
                (result, window.shown(held(live)))
            })
        })??;
        self.see(seen);
        Some(result)
    }

    fn see(&self, seen: Seen) {
        renew(self.turns, seen.turns);
        renew(self.earlier, seen.earlier);
        renew(self.later, seen.later);
    }

    /// The server took it in.
    pub fn accepted(&self, client_message_id: &str, accepted: &Accepted) {
        self.change(|live| live.accepted(client_message_id, accepted));
        self.compare_from(accepted);
    }

    /// The server did not: gives the text back.
    pub fn refused(&self, client_message_id: &str) -> Option<String> {
        self.change(|live| live.refused(client_message_id))
            .flatten()
    }

    /// The newest stored message of the path that fits, wherever the reader is.
    #[must_use]
    pub fn newest(&self, fits: fn(&Turn) -> bool) -> Option<Turn> {
        let find = |live: &Live| {
            let mut turns = live.turns.iter().rev();
            turns.find(|turn| turn.id.is_some() && fits(turn)).cloned()
        };
        self.live.try_with_value(find).flatten()
    }

    /// Shows a message that was not taken before the page was loaded anew.
    pub fn unsent(&self, client_message_id: &str, text: &str) {
        self.change(|live| live.unsent(client_message_id, text));
    }

    /// The server did not, and it stays in sight. `false` when it did arrive after all.
    pub fn failed(&self, client_message_id: &str, reason: Option<ProblemCode>) -> bool {
        self.change(|live| live.failed(client_message_id, reason))
            .unwrap_or_default()
    }

    /// Lets the signals show what the reducer holds.
    pub fn publish(&self) {
        self.change(|_| ());
        self.others().for_each(|other| other.publish());
    }

    fn change<T>(&self, act: impl FnOnce(&mut Live) -> T) -> Option<T> {
        // Signals wake effects, and effects may come back here: so never while the reducer is borrowed.
        let (result, changes, shown, seen) = self.live.try_update_value(|live| {
            let result = act(live);
            let changes = live.take_changes();
            let (text, reasoning) = self.strands(live, changes);
            let seen = self.window.try_update_value(|window| {
                changes.turns.then(|| {
                    window.settle(held(live));
                    window.shown(held(live))
                })
            });
            let shown = Shown {
                text,
                reasoning,
                ..Shown::of(live, changes)
            };
            (result, changes, shown, seen.flatten())
        })?;
        if changes.title {
            self.title.try_set(shown.title);
        }
        if let Some(seen) = seen {
            self.see(seen);
        }
        if shown.text.show(self.text) {
            self.replaced.try_update(|count| *count += 1);
        }
        shown.reasoning.show(self.reasoning);
        if changes.reply {
            self.failure.try_set(shown.failure);
            renew(self.lapse, shown.lapse);
            self.reply.try_set(shown.reply);
        }
        Some(result)
    }

    /// What became of the reply's texts. Deltas alone only append, so nothing but them is looked at.
    fn strands(&self, live: &Live, changes: Changes) -> (Strand, Strand) {
        if !changes.text && !changes.reply {
            return Default::default();
        }
        let kept = is_kept(live);
        let was_kept = self.kept.try_get_value();
        self.kept.try_set_value(kept);
        let grown = !changes.reply && !kept && was_kept == Some(false);
        let strand = |signal: RwSignal<String>, text: &str| {
            signal.try_with_untracked(|old| Strand::between(old, text, grown))
        };
        (
            strand(self.text, text(live)).unwrap_or_default(),
            strand(self.reasoning, reasoning(live)).unwrap_or_default(),
        )
    }
}

/// A copy of what changed; the rest is empty.
#[derive(Default)]
struct Shown {
    title: String,
    text: Strand,
    reasoning: Strand,
    reply: Option<Reply>,
    failure: Option<GenerationFailure>,
    lapse: Option<Lapse>,
}

impl Shown {
    fn of(live: &Live, changes: Changes) -> Self {
        let mut shown = Self::default();
        if changes.title {
            shown.title.clone_from(&live.title);
        }
        if changes.reply {
            shown.reply = reply(live);
            shown.failure.clone_from(&live.failure);
            shown.lapse = live.lapse;
        }
        shown
    }
}

fn held(live: &Live) -> Held<'_> {
    Held {
        turns: &live.turns,
        earlier: live.earlier,
    }
}

/// Wakes nobody when nothing is new.
fn renew<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal
        .try_with_untracked(|old| *old != value)
        .unwrap_or_default()
    {
        signal.try_set(value);
    }
}

fn text(live: &Live) -> &str {
    live.active.as_ref().map_or("", Running::shown)
}

/// Whether what is shown is still the text that the reply goes on from.
fn is_kept(live: &Live) -> bool {
    live.active
        .as_ref()
        .is_some_and(|running| running.shown().len() != running.part(Part::Text).len())
}

fn reasoning(live: &Live) -> &str {
    live.active
        .as_ref()
        .map_or("", |running| running.part(Part::Reasoning))
}

fn reply(live: &Live) -> Option<Reply> {
    live.active.as_ref().map(|running| Reply {
        generation_id: running.generation_id,
        message_id: running.message_id,
        status: running.status,
        fare: running.fare,
    })
}
