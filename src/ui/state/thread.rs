//! An open conversation as signals. The reducer holds the truth; `publish` copies what changed, once per frame.

use leptos::prelude::*;
use parlance_core::domain::{
    Accepted, ConversationId, Event, GenerationFailure, GenerationId, GenerationStatus, MessageId,
    Part, StatusEvent,
};

use super::{
    connection::Notice,
    live::{Changes, Lapse, Live, Outcome, Running},
    page::{OpenPage, Turn},
};

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
    pub turns: RwSignal<Vec<Turn>>,
    pub reply: RwSignal<Option<Reply>>,
    /// Part `text` of the reply.
    pub text: RwSignal<String>,
    /// Part `reasoning` of the reply.
    pub reasoning: RwSignal<String>,
    pub failure: RwSignal<Option<GenerationFailure>>,
    pub lapse: RwSignal<Option<Lapse>>,
    /// Whether there are messages before `turns`.
    pub earlier: RwSignal<bool>,
    /// How often the shown text was not the stored one.
    pub mismatches: RwSignal<u32>,
    pub notice: RwSignal<Option<Notice>>,
    live: StoredValue<Live>,
}

impl Thread {
    /// Begins with what the page brought.
    #[must_use]
    pub fn new(page: &OpenPage) -> Self {
        let live = Live::new(page);
        Self {
            id: page.conversation.id,
            title: RwSignal::new(live.title.clone()),
            turns: RwSignal::new(live.turns.clone()),
            reply: RwSignal::new(reply(&live)),
            text: RwSignal::new(text(&live).to_owned()),
            reasoning: RwSignal::new(reasoning(&live).to_owned()),
            failure: RwSignal::new(live.failure.clone()),
            lapse: RwSignal::new(live.lapse),
            earlier: RwSignal::new(live.earlier),
            mismatches: RwSignal::new(0),
            notice: RwSignal::new(None),
            live: StoredValue::new(live),
        }
    }

    /// Takes an event in without showing it yet. `None` when the page is gone.
    pub fn apply(&self, event: Event, id: &str) -> Option<Outcome> {
        let outcome = self.live.try_update_value(|live| live.apply(event, id));
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

    /// Whether a reply is being written, as far as events tell.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.live
            .try_with_value(|live| live.active.is_some())
            .unwrap_or_default()
    }

    /// What the reply goes on from, as safe HTML and as text, where the page has it at hand.
    #[must_use]
    pub fn seed(&self) -> Option<(String, String)> {
        self.live
            .try_with_value(|live| live.active.as_ref().and_then(Running::seed))
            .flatten()
    }

    /// Begins anew from a fresh page.
    pub fn adopt(&self, page: &OpenPage) {
        self.change(|live| live.adopt(page));
    }

    /// Shows a message that is on its way.
    pub fn sending(&self, client_message_id: &str, text: &str) {
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
        self.change(|live| live.reworded(client_message_id, text, parent, accepted));
    }

    /// Puts an earlier stretch in front.
    pub fn prepend(&self, page: OpenPage) {
        self.change(|live| live.prepend(page));
    }

    /// The server took it in.
    pub fn accepted(&self, client_message_id: &str, accepted: &Accepted) {
        self.change(|live| live.accepted(client_message_id, accepted));
    }

    /// The server did not: gives the text back.
    pub fn refused(&self, client_message_id: &str) -> Option<String> {
        self.change(|live| live.refused(client_message_id))
            .flatten()
    }

    /// Lets the signals show what the reducer holds.
    pub fn publish(&self) {
        self.change(|_| ());
    }

    fn change<T>(&self, act: impl FnOnce(&mut Live) -> T) -> Option<T> {
        // Signals wake effects, and effects may come back here: so never while the reducer is borrowed.
        let (result, changes, shown) = self.live.try_update_value(|live| {
            let result = act(live);
            let changes = live.take_changes();
            (result, changes, Shown::of(live, changes))
        })?;
        if changes.title {
            self.title.try_set(shown.title);
        }
        if changes.turns {
            self.turns.try_set(shown.turns);
            renew(self.earlier, shown.earlier);
        }
        if changes.text || changes.reply {
            renew(self.text, shown.text);
            renew(self.reasoning, shown.reasoning);
        }
        if changes.reply {
            self.failure.try_set(shown.failure);
            renew(self.lapse, shown.lapse);
            self.reply.try_set(shown.reply);
        }
        Some(result)
    }
}

/// A copy of what changed; the rest is empty.
#[derive(Default)]
struct Shown {
    title: String,
    turns: Vec<Turn>,
    earlier: bool,
    text: String,
    reasoning: String,
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
        if changes.turns {
            shown.turns.clone_from(&live.turns);
            shown.earlier = live.earlier;
        }
        if changes.text || changes.reply {
            text(live).clone_into(&mut shown.text);
            reasoning(live).clone_into(&mut shown.reasoning);
        }
        if changes.reply {
            shown.reply = reply(live);
            shown.failure.clone_from(&live.failure);
            shown.lapse = live.lapse;
        }
        shown
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
