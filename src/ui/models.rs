//! `/models`: which models can be asked, and where; and which of them a conversation asks.
//!
//! The server alone makes these pages (`kit::still`), and the control in a conversation's head: they are lists and forms,
//! which need no scripts. Must not enter: what the forms do (`rpc::models`).

use leptos::prelude::*;

use crate::kit::still_page;

#[cfg(feature = "ssr")]
mod choose;
#[cfg(feature = "ssr")]
mod control;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod lines;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;

#[cfg(feature = "ssr")]
pub use control::control_html;

/// The page that the address asks for.
pub fn page() -> AnyView {
    #[cfg(feature = "ssr")]
    let page = {
        let part = page::Part::of_request();
        still_page(
            page::heading(part),
            move || page::read(part),
            move |found| page::view(part, found),
        )
    };
    #[cfg(not(feature = "ssr"))]
    let page = still_page();
    page
}

/// Has the control read with the page that is being built.
pub fn provide_control() {
    #[cfg(feature = "ssr")]
    crate::rpc::models::offer::provide_place();
}

/// The control: in a conversation's head, or where one begins. A browser that builds the page by itself asks for it when
/// the tools are there (`chat::model`).
#[cfg(feature = "ssr")]
pub fn control() -> Option<AnyView> {
    control::noted()
}

/// The server alone makes it.
#[cfg(not(feature = "ssr"))]
pub fn control() -> Option<AnyView> {
    None
}
