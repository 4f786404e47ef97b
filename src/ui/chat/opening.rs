//! What greets and what is suggested, as soon as somebody else is chosen to reply.

use leptos::{prelude::*, task::spawn_local};

use crate::{browser::composer::checked, rpc::conversations::start_conversation};

/// What a page shows that begins a conversation.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    /// Whose it is: the slug of a persona; empty: there is none to choose.
    pub(super) persona: StoredValue<String>,
    pub(super) greeting: RwSignal<String>,
    /// HTML.
    pub(super) ideas: RwSignal<String>,
}

/// Asks for what belongs to the persona that is chosen now. What cannot be had leaves the page as it is: who replies
/// is chosen all the same.
pub(super) fn turn(opening: Opening) {
    let chosen = || checked("persona").unwrap_or_default();
    let persona = chosen();
    if opening.persona.with_value(|shown| *shown == persona) {
        return;
    }
    spawn_local(async move {
        let other = start_conversation(Some(persona.clone())).await;
        // Somebody else may have been chosen meanwhile, or the page left.
        if let (Ok(other), Some(())) = (other, opening.persona.try_update_value(|_| ()))
            && chosen() == persona
        {
            opening.persona.set_value(persona);
            opening.greeting.set(other.greeting.unwrap_or_default());
            opening.ideas.set(other.ideas);
        }
    });
}
