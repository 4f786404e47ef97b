//! Language and theme for those who have no settings yet: two menus at the head of a visitor's pages.
//!
//! Server only. They stand in the document beside the app and stay there while a visitor goes from page to page.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::preferences::{Language, Theme};

use super::forms::name_of;
use crate::{
    i18n::{Locale, t},
    kit::{Glyph, Icon, Menu},
    rpc::preferences::{SavePreferences, effective},
};

/// The two menus. Forms, so they work without scripts; the page is loaded anew.
pub fn visitor_switches(locale: Locale) -> AnyView {
    let texts = t().settings();
    let chosen = effective().theme;
    let languages = Language::ALL.iter().map(move |language| {
        let here = language.word() == locale.tag();
        item("locale", language.word(), here, name_of(*language), None)
    });
    let glyphs = [Glyph::Monitor, Glyph::Sun, Glyph::Moon];
    let place = Theme::ALL.iter().position(|theme| *theme == chosen);
    let glyph = glyphs[place.unwrap_or_default()];
    let themes = Theme::ALL.iter().zip(texts.theme.choices).zip(glyphs);
    let themes = themes.map(move |((theme, text), glyph)| {
        item("theme", theme.word(), *theme == chosen, text, Some(glyph))
    });
    view! {
        <nav class="visitor-switches" aria-label=texts.title>
            <Menu id="visitor-language".to_owned() label=texts.language glyph=Glyph::Globe>
                {form(languages.collect())}
            </Menu>
            <Menu id="visitor-theme".to_owned() label=texts.theme.name glyph=glyph>
                {form(themes.collect())}
            </Menu>
        </nav>
    }
    .into_any()
}

fn form(items: Vec<AnyView>) -> AnyView {
    let action = <SavePreferences as ServerFn>::url();
    view! { <form method="post" action=action>{items}</form> }.into_any()
}

fn item(
    field: &'static str,
    value: &'static str,
    here: bool,
    text: &'static str,
    glyph: Option<Glyph>,
) -> AnyView {
    let lang = (field == "locale").then_some(value);
    view! {
        <button
            class="menu-item"
            name=field
            value=value
            lang=lang
            aria-current=here.then_some("true")
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph/> })}
            <span class="menu-text">{text}</span>
            {here.then(|| view! { <Icon glyph=Glyph::Check/> })}
        </button>
    }
    .into_any()
}
