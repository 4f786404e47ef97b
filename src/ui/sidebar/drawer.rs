//! The sidebar on a narrow screen: a popover, which the browser opens and closes without scripts.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use crate::{
    browser::sidebar::close_drawer,
    i18n::t,
    kit::{Glyph, Icon},
};

/// Id of the sidebar's element.
pub(super) const DRAWER: &str = "sidebar";

/// Opens and closes the sidebar where it is a drawer; elsewhere it is not shown.
#[component]
pub fn DrawerToggle() -> impl IntoView {
    let label = t().sidebar.toggle;
    view! {
        <button
            class="button button-quiet button-icon drawer-toggle"
            type="button"
            popovertarget=DRAWER
            aria-label=label
            data-tip=label
        >
            <Icon glyph=Glyph::Menu/>
        </button>
    }
}

/// The way to a new conversation where the sidebar is a drawer; elsewhere it is not shown.
#[component]
pub fn NewLink() -> impl IntoView {
    let label = t().sidebar.new;
    view! {
        <a class="button button-quiet button-icon drawer-toggle" href="/chat" aria-label=label data-tip=label>
            <Icon glyph=Glyph::Plus/>
        </a>
    }
}

/// Closes the drawer when another page is shown.
pub(super) fn close_on_navigation(drawer: NodeRef<html::Div>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(drawer) = drawer.get_untracked()
        {
            close_drawer(&drawer);
        }
        now
    });
}
