//! The list's state, shared with the pages beside it: they tell it when something changed.

use leptos::{prelude::*, task::spawn_local};
use parlance_core::domain::ConversationId;

use crate::{state::roster::Roster, tools::reading};

/// A handle on the list. Outside of the sidebar's layout it does nothing.
#[derive(Clone, Copy, Default)]
pub struct RosterHandle(Option<RwSignal<Roster>>);

/// The list of this page.
#[must_use]
pub fn use_roster() -> RosterHandle {
    RosterHandle(use_context::<RwSignal<Roster>>())
}

impl RosterHandle {
    /// Reads the first page anew: a conversation was made or used.
    pub fn refresh(self) {
        let Some(roster) = self.0 else { return };
        spawn_local(async move {
            // A list that is a little old is no reason to disturb anybody.
            if let Ok(page) = reading::list(None).await {
                roster.try_update(|roster| roster.refresh(page));
            }
        });
    }

    /// A title changed.
    pub fn rename(self, id: ConversationId, title: &str) {
        if let Some(roster) = self.0 {
            roster.try_update(|roster| roster.rename(id, title));
        }
    }
}
