//! Buttons that copy what stands in their `data-copy`. One listener for the page, since the server alone makes it; without
//! scripts the buttons are not shown, and the text can be selected.

use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys::Element};

use crate::{browser::clipboard, i18n::t};

/// Copies when such a button is pressed, for as long as the current component lives. What came of it is put into the
/// `role=status` beside the button.
pub fn copy_on_press() {
    let texts = &t().turns;
    let presses = window_event_listener(ev::click, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(button) = target.and_then(|target| target.closest("[data-copy]").ok().flatten())
        else {
            return;
        };
        let text = button.get_attribute("data-copy").unwrap_or_default();
        spawn_local(async move {
            let said = if clipboard::copy(&text, None).await {
                texts.copied
            } else {
                texts.copy_failed
            };
            let parent = button.parent_element();
            let status = parent.and_then(|parent| parent.query_selector("[role=status]").ok()?);
            if let Some(status) = status {
                status.set_text_content(Some(said));
            }
        });
    });
    on_cleanup(move || presses.remove());
}
