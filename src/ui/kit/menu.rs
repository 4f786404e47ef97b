//! A button with a menu under it: a popover, opened and closed by the browser itself.
//!
//! Beside its button where there is room (CSS anchors: a popover's button is its anchor already), a sheet at the lower
//! edge of a narrow screen. Arrow keys come from `browser::menu`. It is a group of ordinary buttons and not
//! `role="menu"`: that would promise keys which are missing without scripts, and forbid the forms inside.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A button that opens a menu. `id` must be the only one of its kind in the page.
#[component]
pub fn Menu(
    id: String,
    /// Name of the button and of what it opens.
    label: &'static str,
    glyph: Glyph,
    /// Elements with the class `menu-item`, or forms around them.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button button-quiet button-icon"
            type="button"
            popovertarget=id.clone()
            aria-label=label
            data-tip=label
        >
            <Icon glyph=glyph/>
        </button>
        <div class="menu" id=id popover="auto" role="group" aria-label=label>
            {children()}
        </div>
    }
}
