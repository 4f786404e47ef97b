//! The document around the app: everything the browser needs before the first byte of the page itself.
//!
//! Server only. Must not enter: anything that changes after the page has been sent.

use leptos::{nonce::use_nonce, prelude::*, tachys::html::attribute::media};
use leptos_meta::MetaTags;

use crate::{app::App, i18n, rpc::form};

mod boot;
mod theme;

use boot::Boot;
use theme::Theme;

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
    pub css: String,
}

/// The whole HTML document.
pub fn shell() -> impl IntoView {
    let locale = i18n::provide_locale();
    let texts = locale.texts();
    let theme = Theme::from_cookie(form::cookie("theme").as_deref());
    let [light, dark] = theme.bar_colours();
    let assets = use_context::<Assets>().unwrap_or_default();
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag() dir="ltr" data-theme=theme.word() data-build=assets.build.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content=theme.schemes()/>
                <meta content=light name="theme-color" {..media("(prefers-color-scheme: light)")}/>
                <meta content=dark name="theme-color" {..media("(prefers-color-scheme: dark)")}/>
                <meta name="description" content=texts.site.description/>
                <link rel="stylesheet" href=assets.css.clone()/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link rel="alternate icon" href="/favicon.ico" sizes="32x32"/>
                <Boot assets=assets.clone() nonce=nonce/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
