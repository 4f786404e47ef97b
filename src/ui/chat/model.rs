//! The control of the model on a page that the browser has built by itself: the server's own markup, fetched.

use leptos::{prelude::*, task::spawn_local, web_sys::Element};
use leptos_router::hooks::use_location;
use parlance_core::domain::ConversationId;

use crate::rpc::models::model_control;

/// Puts the control of this page into its place, unless it is there. Call it while the page is being built.
pub(super) fn fill() {
    let path = use_location().pathname.get_untracked();
    let id = path.strip_prefix("/chat/");
    let id = id.and_then(|id| id.parse::<ConversationId>().ok());
    // From the next frame on the page stands in the document.
    request_animation_frame(move || {
        let of = id.map_or_else(|| "new".to_owned(), |id| id.to_string());
        if place().is_none_or(|place| is_of(&place, &of)) {
            return;
        }
        spawn_local(async move {
            let control = model_control(id).await.unwrap_or_default();
            // The page may be another one by now, which asks for itself.
            if let Some(place) = place().filter(|_| here(id)) {
                place.set_inner_html(&control);
            }
        });
    });
}

fn place() -> Option<Element> {
    document().query_selector(".chat-model").ok().flatten()
}

fn is_of(place: &Element, of: &str) -> bool {
    let control = place.first_element_child();
    control
        .and_then(|control| control.get_attribute("data-of"))
        .as_deref()
        == Some(of)
}

/// Whether the window is still at this conversation, or at none.
fn here(id: Option<ConversationId>) -> bool {
    let path = window().location().pathname().unwrap_or_default();
    match id {
        Some(id) => path == format!("/chat/{id}"),
        None => !path.starts_with("/chat/"),
    }
}
