//! The foot of the sidebar: who is signed in, and their menu.

use leptos::prelude::*;

use crate::{
    auth::sign_out,
    i18n::t,
    kit::{Glyph, Icon, avatar},
    rpc::{conversations::acts::HISTORY, profile::PROFILE, roles::ROLES, session::current_user},
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
                // By the browser itself: the server alone makes that page, and two of those below.
                <a class="menu-item" href=PROFILE rel="external"><Icon glyph=Glyph::Person/>{texts.profile}</a>
                <a class="menu-item" href="/settings/general"><Icon glyph=Glyph::Gear/>{texts.settings}</a>
                <a class="menu-item" href=ROLES rel="external"><Icon glyph=Glyph::Persona/>{texts.roles}</a>
                <a class="menu-item" href=HISTORY rel="external"><Icon glyph=Glyph::Clock/>{texts.history}</a>
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
