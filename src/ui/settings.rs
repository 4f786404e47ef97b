//! `/settings/…`: how the pages look and behave, as plain forms.
//!
//! The server makes these pages (`kit::still`). In the browser one listener sends a form when something in it changes,
//! and flips the page's attributes at once. Must not enter: what a setting does; styles and components read the page's
//! attributes (`html[data-theme]`, `browser::preferences`).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    error_page::NotFound,
    i18n::t,
    kit::still,
    rpc::{form::take_flash, preferences::PREFERENCES_FORM, problem::RpcError},
    tools,
};

#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod switches;

#[cfg(feature = "ssr")]
pub use switches::visitor_switches;

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    General,
    Appearance,
    Chat,
    Shortcuts,
}

impl Part {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "general" => Some(Self::General),
            "appearance" => Some(Self::Appearance),
            "chat" => Some(Self::Chat),
            "shortcuts" => Some(Self::Shortcuts),
            _ => None,
        }
    }
}

/// `/settings/{general,appearance,chat,shortcuts}`.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("page"));
    let Some(part) = name.as_deref().and_then(Part::from_word) else {
        return view! { <NotFound/> }.into_any();
    };
    // Both sides take the flash in the same place, hence here and not in what the server alone makes.
    let failure = take_flash(PREFERENCES_FORM).map(|flash| RpcError(flash.problem));
    tools::wire(Box::new(|tools| (tools.preferences)()));
    view! {
        <Title text=t().kit.settings/>
        {still(move || page_of(part, failure))}
    }
    .into_any()
}

#[cfg(feature = "ssr")]
fn page_of(part: Part, failure: Option<RpcError>) -> AnyView {
    page::page(part, failure)
}

#[cfg(not(feature = "ssr"))]
fn page_of(_: Part, _: Option<RpcError>) -> AnyView {
    ().into_any()
}
