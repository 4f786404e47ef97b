//! Opening and closing the sidebar on a wide screen. A cookie keeps it, so that the server paints it right.

use leptos::{ev, html, prelude::*, server_fn::ServerFn};

use super::drawer::DRAWER;
use crate::{
    browser::sidebar::{keep, toggle_drawer},
    i18n::t,
    kit::{Glyph, Icon},
    rpc::conversations::acts::{SIDEBAR_COOKIE, SetSidebar},
};

/// The cookie's value for a closed sidebar.
const CLOSED: &str = "closed";

/// Whether the sidebar was closed when the page was made.
pub(super) fn is_closed() -> bool {
    SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        let closed = crate::rpc::form::cookie(SIDEBAR_COOKIE).as_deref() == Some(CLOSED);
        #[cfg(not(feature = "ssr"))]
        let closed = false;
        closed
    })
    .into_inner()
}

/// The button: a form that sends itself without scripts.
pub(super) fn fold(closed: RwSignal<bool>, drawer: NodeRef<html::Div>) -> AnyView {
    let label = t().sidebar.fold;
    let turn = move |event: ev::MouseEvent| {
        event.prevent_default();
        // The shortcut presses this button where it is not shown, too.
        if drawer
            .get_untracked()
            .is_some_and(|drawer| toggle_drawer(&drawer))
        {
            return;
        }
        closed.update(|closed| *closed = !*closed);
        keep(
            SIDEBAR_COOKIE,
            if closed.get_untracked() { CLOSED } else { "" },
        );
    };
    view! {
        <form class="sidebar-fold" method="post" action=SetSidebar::url()>
            <button
                id="sidebar-toggle"
                class="button button-quiet button-icon"
                name="open"
                value=move || closed.get().to_string()
                aria-label=label
                aria-controls=DRAWER
                aria-expanded=move || (!closed.get()).to_string()
                data-tip=label
                on:click=turn
            >
                <Icon glyph=Glyph::Panel/>
            </button>
        </form>
    }
    .into_any()
}
