//! A window on top of the page: the native `<dialog>`, which traps the focus, gives it back, and closes on Esc.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::t;

/// A dialog. Any `<button command="show-modal" commandfor=id>` opens it, any `<button command="close" commandfor=id>`
/// closes it, scripts or not; so does a click beside it.
#[component]
pub fn Dialog(id: String, title: &'static str, children: Children) -> impl IntoView {
    let title_id = format!("{id}-title");
    let label = t().kit.close;
    // The way out comes last: what the dialog is for gets the focus first.
    view! {
        <dialog class="dialog" id=id closedby="any" aria-labelledby=title_id>
            <h2 class="dialog-title" id=title_id.clone()>{title}</h2>
            <div class="dialog-body">{children()}</div>
            <button
                class="button button-quiet button-icon dialog-close"
                type="button"
                command="close"
                commandfor=id.clone()
                aria-label=label
            >
                <Icon glyph=Glyph::Close/>
            </button>
        </dialog>
    }
}
