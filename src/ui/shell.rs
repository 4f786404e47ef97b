//! The document around the app: everything the browser needs before the first byte of the page itself.
//!
//! Server only. Must not enter: anything that changes after the page has been sent.

use std::{collections::HashMap, sync::Arc};

use leptos::{nonce::use_nonce, prelude::*, tachys::html::attribute::media};
use leptos_meta::MetaTags;

use crate::{
    app::App,
    i18n,
    pwa::PwaHead,
    rpc::{preferences, session},
    settings::visitor_switches,
    shortcuts::hints,
};

mod boot;
mod icon;
mod style;
mod theme;

use boot::Boot;
use style::style_sheet;

/// Addresses of the built files, each with a hash in its name.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// Names this build; changes with any of the files.
    pub build: String,
    pub js: String,
    pub wasm: String,
    /// The lazily loaded Markdown renderer.
    pub render_js: String,
    pub render_wasm: String,
    /// The style of all pages.
    pub css: Sheet,
    /// As much of it as the pages of conversations need.
    pub chat_css: Sheet,
    /// As much of it as visitors need.
    pub entrance_css: Sheet,
    /// What makes the page an app.
    pub pwa: String,
    /// Parts of the page's WASM that are fetched when they are first needed, by name: the files of each.
    pub lazy: HashMap<String, Vec<String>>,
}

/// A style sheet.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub address: String,
    /// What is in the file.
    pub text: Arc<str>,
}

/// What stands behind everything, by the theme's cookie; the system's choice is not known here, so light stands for it.
#[must_use]
pub fn paper(cookie: Option<&str>) -> &'static str {
    theme::bar_colours(theme::from_cookie(cookie))[0]
}

/// `<html data-theme>` and `<meta name=color-scheme>` for the theme's cookie.
#[must_use]
pub fn html_theme(cookie: Option<&str>) -> [&'static str; 2] {
    let theme = theme::from_cookie(cookie);
    [theme.word(), theme::schemes(theme)]
}

/// The whole HTML document.
pub fn shell() -> impl IntoView {
    let locale = i18n::provide_locale();
    let texts = locale.texts();
    let settings = preferences::effective();
    let viewer = session::viewer().ok();
    if viewer
        .as_ref()
        .is_some_and(|viewer| viewer.preferences.is_some())
    {
        preferences::mirror(&settings);
    }
    let [light, dark] = theme::bar_colours(settings.theme);
    let words = settings.words();
    let word = |name| {
        words
            .iter()
            .find(|word| word.0 == name)
            .and_then(|word| word.1.map(str::to_owned))
    };
    let switches = viewer.is_none().then(|| visitor_switches(locale));
    let assets = use_context::<Assets>().unwrap_or_default();
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    view! {
        <!DOCTYPE html>
        <html
            lang=locale.tag()
            dir="ltr"
            data-build=assets.build.clone()
            data-theme=settings.theme.word()
            data-accent=word("accent")
            data-size=word("size")
            data-density=word("density")
            data-width=word("width")
            data-motion=word("motion")
            data-zone=word("zone")
            data-enter=word("enter")
            data-streaming=word("streaming")
            data-shortcuts=word("shortcuts")
        >
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content=theme::schemes(settings.theme)/>
                <meta content=light name="theme-color" {..media("(prefers-color-scheme: light)")}/>
                <meta content=dark name="theme-color" {..media("(prefers-color-scheme: dark)")}/>
                <meta name="description" content=texts.site.description/>
                {style_sheet(&assets, nonce.clone())}
                {viewer.map(|_| hints(nonce.clone()))}
                {icon::icon()}
                <Boot assets=assets.clone() nonce=nonce.clone()/>
                <PwaHead assets=assets.clone() nonce=nonce/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                {switches}
            </body>
        </html>
    }
}
