//! One page of the settings: heading, tabs, and its form.

use leptos::prelude::*;

use super::{Part, forms};
use crate::{
    app::query,
    i18n::t,
    kit::{Notice, Tone, tabs},
    rpc::{models::MODELS, preferences::effective, problem::RpcError, profile::PROFILE},
    shortcuts,
    sidebar::DrawerToggle,
};

/// The page. `failure` is what kept the form from being saved.
pub(super) fn page(part: Part, failure: Option<RpcError>) -> AnyView {
    let texts = t();
    let settings = texts.settings();
    let pages = [
        ("/settings/general", settings.general),
        ("/settings/appearance", settings.appearance),
        ("/settings/chat", settings.chat),
        ("/settings/shortcuts", texts.shortcuts.title),
    ];
    let (address, heading) = pages[part as usize];
    let saved = query("saved").is_some();
    let notice = failure
        .map(|error| view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> }.into_any())
        .or_else(|| saved.then(|| view! { <Notice>{settings.saved}</Notice> }.into_any()));
    let preferences = effective();
    let form = match part {
        Part::General => forms::general(&preferences),
        Part::Appearance => forms::appearance(&preferences),
        Part::Chat => forms::chat(&preferences),
        Part::Shortcuts => shortcuts::form(),
    };
    view! {
        <div class="settings">
            <header class="settings-bar">
                <DrawerToggle/>
                <span class="settings-name">{settings.title}</span>
                <a class="settings-beside" href=MODELS rel="external">{texts.locale.models().title}</a>
                <a href=PROFILE rel="external">{texts.sidebar.profile}</a>
            </header>
            {tabs(settings.pages, &pages, address)}
            <main class="settings-main" id="content">
                <h1 class="title">{heading}</h1>
                {notice}
                {form}
            </main>
        </div>
    }
    .into_any()
}
