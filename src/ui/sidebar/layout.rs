//! Sidebar and page side by side.

use leptos::{ev, html, prelude::*};
use leptos_router::components::{A, Outlet};

use super::{
    acts::Acts,
    drawer::{DRAWER, close_on_navigation},
    fold::{fold, is_closed},
    foot::foot,
    list::list,
    roster::use_roster,
};
use crate::{
    browser::{
        sidebar::{tell_zone, turn_drawer},
        sse::provide_stream,
    },
    i18n::t,
    kit::{Glyph, Icon, Seal},
    profile::reminder,
    rpc::session::current_user,
    state::roster::Roster,
    tools,
};

/// The frame of a signed-in person's pages.
#[component]
pub fn ChatLayout() -> impl IntoView {
    let roster = RwSignal::new(Roster::default());
    provide_context(roster);
    if let Some(user) = current_user() {
        provide_stream(user.id, roster);
    }
    let (texts, acts, handle) = (t(), Acts::new(roster), use_roster());
    let closed = RwSignal::new(is_closed());
    let drawer = NodeRef::<html::Div>::new();
    close_on_navigation(drawer);
    tools::wire(Box::new(move |tools| (tools.sidebar.read)(acts)));
    Effect::new(move || {
        if tell_zone() {
            // The days are other ones there.
            handle.refresh();
        }
    });
    let turn = move |_: ev::Event| {
        if let Some(drawer) = drawer.get_untracked() {
            turn_drawer(&drawer);
        }
    };
    view! {
        <div class="frame" data-sidebar=move || closed.get().then_some("closed")>
            {fold(closed, drawer)}
            <div
                class="sidebar"
                id=DRAWER
                popover="auto"
                node_ref=drawer
                role="region"
                aria-label=texts.sidebar.label
                on:beforetoggle=turn
            >
                <div class="sidebar-head">
                    <a class="sidebar-name" href="/chat"><Seal/><span>{texts.site.name}</span></a>
                </div>
                <A href="/chat" exact=true attr:class="sidebar-new">
                    <Icon glyph=Glyph::Plus/>
                    <span>{texts.sidebar.new}</span>
                </A>
                {list(acts)}
                {foot()}
            </div>
            <div class="frame-page">
                {reminder()}
                <Outlet/>
            </div>
        </div>
    }
}

/// Whatever stands before the person's eyes is read.
pub(super) fn read_along(acts: Acts) {
    let looks = RwSignal::new(());
    Effect::new(move || {
        let shown = window_event_listener(ev::visibilitychange, move |_| looks.set(()));
        on_cleanup(move || shown.remove());
    });
    Effect::new(move || {
        looks.track();
        acts.see();
    });
}
