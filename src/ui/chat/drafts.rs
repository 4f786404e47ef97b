//! Keeps what is typed: in the tab with every key, on the server when the typing rests or the page goes away.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, server_fn::ServerFn};
use parlance_core::domain::ConversationId;

use crate::{
    browser::{composer, drafts},
    rpc::{drafts::SaveDraft, session::current_user},
    state::drafts::restored,
};

/// The typing rests.
const REST: Duration = Duration::from_millis(800);

/// The draft of one composer.
#[derive(Clone, Copy)]
pub(super) struct Drafting {
    conversation: Option<ConversationId>,
    place: StoredValue<String>,
    /// What the server has not been told.
    fresh: StoredValue<Option<String>>,
    /// Whether the server holds a text.
    held: StoredValue<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// What is typed now belongs to a conversation that is being made.
    paused: Signal<bool>,
}

impl Drafting {
    /// `held`: the page came with a draft of the server.
    pub(super) fn new(
        conversation: Option<ConversationId>,
        held: bool,
        paused: Signal<bool>,
    ) -> Self {
        let user = current_user().map(|user| user.id);
        Self {
            conversation,
            place: StoredValue::new(drafts::place(user, conversation, "draft")),
            fresh: StoredValue::new(None),
            held: StoredValue::new(held),
            timer: StoredValue::new(None),
            paused,
        }
    }

    /// Begins once the composer is there: what the tab kept comes back. `said` is the newest message of the person.
    pub(super) fn start(self, input: NodeRef<html::Textarea>, said: Option<String>) {
        Effect::new(move |done: Option<bool>| {
            let Some(field) = input.get().filter(|_| done != Some(true)) else {
                return done == Some(true);
            };
            let touched = composer::is_touched(&field);
            let kept = self.place.with_value(|place| drafts::kept(place));
            let text = restored(touched, kept.as_deref(), &field.value(), said.as_deref());
            if let Some(text) = text {
                composer::write(&field, &text);
            } else if touched {
                self.typed(&field.value());
            }
            true
        });
        Effect::new(move || {
            for name in ["pagehide", "visibilitychange"] {
                let handle = window_event_listener_untyped(name, move |_| self.save());
                on_cleanup(move || handle.remove());
            }
            on_cleanup(move || self.save());
        });
    }

    /// The text has changed.
    pub(super) fn typed(self, text: &str) {
        if self.paused.try_get_untracked() != Some(false) {
            return;
        }
        self.place.with_value(|place| drafts::keep(place, text));
        self.fresh.set_value(Some(text.to_owned()));
        self.rest(set_timeout_with_handle(move || self.save(), REST).ok());
    }

    /// The text is with the server as a message.
    pub(super) fn forget(self) {
        self.place.try_with_value(|place| drafts::keep(place, ""));
    }

    /// Tells the server now, if there is something to tell.
    fn save(self) {
        self.rest(None);
        let fresh = self.fresh.try_update_value(Option::take).flatten();
        let held = self.held.try_get_value().unwrap_or_default();
        let text = match fresh {
            // What was typed has gone out as a message: a draft that left just before it must not stay behind.
            _ if self.paused.try_get_untracked() == Some(true) => String::new(),
            Some(text) => text,
            None => return,
        };
        if held || !text.is_empty() {
            self.held.try_set_value(!text.is_empty());
            drafts::send(SaveDraft::url(), self.conversation, &text);
        }
    }

    fn rest(self, timer: Option<TimeoutHandle>) {
        let old = self
            .timer
            .try_update_value(|held| std::mem::replace(held, timer));
        if let Some(old) = old.flatten() {
            old.clear();
        }
    }
}
