//! An open conversation as signals. The reducer holds the truth; `publish` copies what changed, once per frame.

use leptos::prelude::*;
use parlance_core::domain::{
    Accepted, ConversationId, Event, GenerationFailure, GenerationId, GenerationStatus, MessageId,
    Part, event::Fare,
};

use super::{
    connection::Notice,
    live::{Live, Outcome},
    page::{OpenPage, Turn},
};

/// What is known of the reply being written, besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    pub generation_id: GenerationId,
    pub message_id: MessageId,
    pub status: GenerationStatus,
    pub fare: Option<Fare>,
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
            text: RwSignal::new(part(&live, Part::Text).to_owned()),
            reasoning: RwSignal::new(part(&live, Part::Reasoning).to_owned()),
            failure: RwSignal::new(live.failure.clone()),
            notice: RwSignal::new(None),
            live: StoredValue::new(live),
        }
    }

    /// Takes an event in without showing it yet. `None` when the page is gone.
    pub fn apply(&self, event: Event, id: &str) -> Option<Outcome> {
        self.live.try_update_value(|live| live.apply(event, id))
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

    /// Begins anew from a fresh page.
    pub fn adopt(&self, page: &OpenPage) {
        self.change(|live| live.adopt(page));
    }

    /// Shows a message that is on its way.
    pub fn sending(&self, client_message_id: &str, text: &str) {
        self.change(|live| live.sending(client_message_id, text));
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
        let mut result = None;
        let (changes, live) = self.live.try_update_value(|live| {
            result = Some(act(live));
            let changes = live.take_changes();
            let copied = (changes.turns || changes.reply || changes.text || changes.title)
                .then(|| Shown::of(live, changes));
            (changes, copied)
        })?;
        if let Some(shown) = live {
            if changes.title {
                self.title.try_set(shown.title);
            }
            if changes.turns {
                self.turns.try_set(shown.turns);
            }
            if changes.text || changes.reply {
                grow(self.text, shown.text);
                grow(self.reasoning, shown.reasoning);
            }
            if changes.reply {
                self.failure.try_set(shown.failure);
                self.reply.try_set(shown.reply);
            }
        }
        result
    }
}

/// A copy of what changed.
struct Shown {
    title: String,
    turns: Vec<Turn>,
    text: String,
    reasoning: String,
    reply: Option<Reply>,
    failure: Option<GenerationFailure>,
}

impl Shown {
    fn of(live: &Live, changes: super::live::Changes) -> Self {
        let text = changes.text || changes.reply;
        Self {
            title: if changes.title {
                live.title.clone()
            } else {
                String::new()
            },
            turns: if changes.turns {
                live.turns.clone()
            } else {
                Vec::new()
            },
            text: if text {
                part(live, Part::Text).to_owned()
            } else {
                String::new()
            },
            reasoning: if text {
                part(live, Part::Reasoning).to_owned()
            } else {
                String::new()
            },
            reply: reply(live),
            failure: live.failure.clone(),
        }
    }
}

fn grow(signal: RwSignal<String>, text: String) {
    if signal
        .try_with_untracked(|old| *old != text)
        .unwrap_or_default()
    {
        signal.try_set(text);
    }
}

fn part(live: &Live, kind: Part) -> &str {
    live.active
        .as_ref()
        .map_or("", |running| running.part(kind))
}

fn reply(live: &Live) -> Option<Reply> {
    live.active.as_ref().map(|running| Reply {
        generation_id: running.generation_id,
        message_id: running.message_id,
        status: running.status,
        fare: running.fare,
    })
}
