//! The foot of the sidebar: who is signed in, and their menu.

use leptos::prelude::*;

use crate::{
    auth::sign_out,
    i18n::t,
    kit::{Glyph, Icon, avatar, still},
    rpc::session::current_user,
};

/// The person's name, which opens their menu.
pub(super) fn foot() -> AnyView {
    let texts = &t().sidebar;
    let name = current_user().map(|user| user.username).unwrap_or_default();
    let label = format!("{}: {name}", texts.person);
    let (sign_out, failure) = sign_out();
    view! {
        <div class="sidebar-foot">
            {failure}
            <button class="sidebar-account" type="button" popovertarget="person-menu" aria-label=label>
                {avatar(&name)}
                <span class="sidebar-person">{name}</span>
                <Icon glyph=Glyph::More/>
            </button>
            <div class="menu person-menu" id="person-menu" popover="auto" role="group" aria-label=texts.person>
                {still(links)}
                <button class="menu-item" type="button" command="show-modal" commandfor="shortcuts">
                    <Icon glyph=Glyph::Keyboard/>
                    {texts.shortcuts}
                </button>
                <hr class="menu-line"/>
                {sign_out}
            </div>
        </div>
    }
    .into_any()
}

/// The ways to one's own pages, which no script changes. By the browser itself: the server alone makes most of those pages.
#[cfg(feature = "ssr")]
fn links() -> AnyView {
    use crate::rpc::{
        contexts::CONTEXTS, conversations::acts::HISTORY, models::MODELS, profile::PROFILE,
        roles::ROLES,
    };

    let texts = t();
    let (own, locale) = (&texts.sidebar, texts.locale);
    let far = |href, glyph, text| {
        view! { <a class="menu-item" href=href rel="external"><Icon glyph=glyph/>{text}</a> }
    };
    view! {
        {far(PROFILE, Glyph::Person, own.profile)}
        <a class="menu-item" href="/settings/general"><Icon glyph=Glyph::Gear/>{own.settings}</a>
        {far(ROLES, Glyph::Persona, own.roles)}
        {far(MODELS, Glyph::Model, locale.models().title)}
        {far(CONTEXTS, Glyph::Context, locale.contexts().title)}
        {far(HISTORY, Glyph::Clock, own.history)}
    }
    .into_any()
}

/// They are in the server's HTML.
#[cfg(not(feature = "ssr"))]
fn links() -> AnyView {
    ().into_any()
}
