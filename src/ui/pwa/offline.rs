//! The page that the worker shows where there is no network and nothing was kept.

use crate::{
    i18n::Locale,
    kit::Look,
    shell::{Assets, html_theme},
};

/// The whole document. Every text in it is ours: the catalogue's, and addresses of files.
#[must_use]
pub fn offline_document(locale: Locale, theme: Option<&str>, assets: &Assets) -> String {
    let texts = locale.texts();
    let style = match assets.css.address.as_str() {
        "" => String::new(),
        css => format!(r#"<link rel="stylesheet" href="{css}">"#),
    };
    let script = match assets.pwa.as_str() {
        "" => String::new(),
        script => format!(r#"<script type="module" src="{script}"></script>"#),
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" data-theme=\"{theme}\" data-build=\"{build}\" data-offline><head>\
         <meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"{schemes}\">\
         <title>{title} · {name}</title><link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">{style}{script}</head>\
         <body><div class=\"page\"><header class=\"masthead\"><a class=\"brand\" href=\"/\">\
         <img class=\"seal\" src=\"/icon.svg\" alt=\"\" width=\"24\" height=\"24\">\
         <span class=\"brand-name\">{name}</span></a></header><main class=\"blank\" id=\"content\">\
         <h1 class=\"title\">{title}</h1><p class=\"lead\">{lead}</p>\
         <p><a class=\"{button}\" href=\"\">{again}</a></p>\
         <nav class=\"pwa-kept\" aria-labelledby=\"kept-title\" hidden><h2 id=\"kept-title\">{list}</h2>\
         <ul id=\"kept\" role=\"list\"></ul></nav></main></div></body></html>\n",
        lang = locale.tag(),
        theme = html_theme(theme)[0],
        schemes = html_theme(theme)[1],
        build = assets.build,
        name = texts.site.name,
        title = texts.pwa.offline_title,
        lead = texts.pwa.offline_lead,
        again = texts.pwa.try_again,
        button = Look::Plain.class(),
        list = texts.pwa.offline_list,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::Sheet;

    #[test]
    fn speaks_the_readers_language_and_names_the_files_of_its_build() {
        let assets = Assets {
            css: Sheet {
                address: "/pkg/main.1.css".to_owned(),
                ..Sheet::default()
            },
            pwa: "/pkg/pwa.2.js".to_owned(),
            ..Assets::default()
        };
        let page = offline_document(Locale::ZhCn, Some("dark"), &assets);
        for part in [
            "lang=\"zh-CN\" data-theme=\"dark\"",
            "没有网络连接",
            "/pkg/main.1.css",
            "/pkg/pwa.2.js",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
}
