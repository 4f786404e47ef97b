//! Sidebar and page side by side.

use leptos::{html, prelude::*};
use leptos_router::components::{A, Outlet};

use super::{
    drawer::{DRAWER, close_on_navigation},
    list::ConversationList,
};
use crate::{
    auth::SignOut,
    browser::sse::provide_stream,
    i18n::t,
    kit::{Glyph, Icon, Seal},
    rpc::session::current_user,
    state::roster::Roster,
};

/// The frame of a signed-in person's pages.
#[component]
pub fn ChatLayout() -> impl IntoView {
    let roster = RwSignal::new(Roster::default());
    provide_context(roster);
    if let Some(user) = current_user() {
        provide_stream(user.id, roster);
    }
    let texts = t();
    let drawer = NodeRef::<html::Div>::new();
    close_on_navigation(drawer);
    let name = move || current_user().map(|user| user.username).unwrap_or_default();
    view! {
        <div class="frame">
            <div class="sidebar" id=DRAWER popover="auto" node_ref=drawer role="region" aria-label=texts.sidebar.label>
                <div class="sidebar-head">
                    <a class="sidebar-name" href="/chat"><Seal/><span>{texts.site.name}</span></a>
                </div>
                <A href="/chat" exact=true attr:class="sidebar-new">
                    <Icon glyph=Glyph::Plus/>
                    <span>{texts.sidebar.new}</span>
                </A>
                <ConversationList/>
                <div class="sidebar-foot">
                    <span class="sidebar-person">{name}</span>
                    <SignOut/>
                </div>
            </div>
            <div class="frame-page">
                <Outlet/>
            </div>
        </div>
    }
}
