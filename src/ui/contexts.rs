//! `/contexts` and `/chat/{id}/context`: what models are told beside the conversation, under names and in one
//! conversation.
//!
//! The server alone makes these pages (`kit::still`), their addresses included: they are lists and forms, which need no
//! scripts, and the browser holds nothing of them. Must not enter: what the forms do (`rpc::contexts`).

use leptos::prelude::*;

use crate::kit::still_page;

#[cfg(feature = "ssr")]
mod gauge;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod part;
#[cfg(feature = "ssr")]
mod sheet;
#[cfg(feature = "ssr")]
mod talk;
#[cfg(feature = "ssr")]
mod wording;

/// The page that the address asks for.
#[cfg(feature = "ssr")]
pub fn contexts_page() -> AnyView {
    use part::Part;

    let path = leptos_router::hooks::use_location()
        .pathname
        .get_untracked();
    match Part::at(&path) {
        Some(part) => still_page(
            page::heading(part),
            move || page::read(part),
            move |found| page::view(part, found),
        ),
        None => still_page(
            crate::i18n::t().locale.contexts().title,
            || async { page::nothing() },
            page::failed,
        ),
    }
}

/// Its place.
#[cfg(not(feature = "ssr"))]
pub fn contexts_page() -> AnyView {
    still_page()
}
