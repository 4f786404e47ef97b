//! The app's description for the operating system (W3C Web App Manifest), in the reader's language and theme.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use parlance_ui::{i18n::Locale, shell::paper};
use serde_json::{Value, json};

use super::{super::error::page::locale, SHARE};
use crate::web::state::Edge;

/// Answers the manifest. Browsers fetch it with cookies because the page's link asks them to.
pub(super) async fn show(State(edge): State<Edge>, request: HeaderMap) -> Response {
    let theme = CookieJar::from_headers(&request);
    let theme = theme.get("theme").map(|cookie| cookie.value());
    let manifest = manifest(locale(&request), paper(theme), &edge.site.assets.build);
    let mut headers = HeaderMap::new();
    let mut header = |name, value| headers.insert(name, HeaderValue::from_static(value));
    header(header::CONTENT_TYPE, "application/manifest+json");
    header(header::CACHE_CONTROL, "no-cache");
    header(header::VARY, "accept-language, cookie");
    (headers, manifest.to_string()).into_response()
}

/// `paper` is the colour behind everything; `build` makes changed pictures be fetched anew.
fn manifest(locale: Locale, paper: &str, build: &str) -> Value {
    let texts = locale.texts();
    let icon = |name: &str, sizes: &str, purpose: &str| {
        let kind = if name.ends_with("svg") {
            "image/svg+xml"
        } else {
            "image/png"
        };
        json!({ "src": format!("{name}?{build}"), "sizes": sizes, "type": kind, "purpose": purpose })
    };
    let picture = |name: &str, sizes: &str, form: &str, label: &str| {
        json!({
            "src": format!("/screenshots/{name}.{}.webp?{build}", locale.tag()),
            "sizes": sizes, "type": "image/webp", "form_factor": form, "label": label,
        })
    };
    json!({
        "id": "/",
        "name": texts.site.name,
        "short_name": texts.site.name,
        "description": texts.site.description,
        "lang": locale.tag(),
        "dir": "ltr",
        "start_url": "/?source=pwa",
        "scope": "/",
        "display": "standalone",
        "display_override": ["window-controls-overlay", "standalone"],
        "theme_color": paper,
        "background_color": paper,
        "icons": [
            icon("/icons/icon-192.png", "192x192", "any"),
            icon("/icons/icon-512.png", "512x512", "any"),
            icon("/icons/maskable-192.png", "192x192", "maskable"),
            icon("/icons/maskable-512.png", "512x512", "maskable"),
            icon("/icons/monochrome.svg", "any", "monochrome"),
            icon("/icon.svg", "any", "any"),
        ],
        "screenshots": [
            picture("wide", "1280x800", "wide", texts.pwa.picture_wide),
            picture("narrow", "780x1688", "narrow", texts.pwa.picture_narrow),
        ],
        "shortcuts": [{
            "name": texts.sidebar.new,
            "url": "/chat",
            "icons": [icon("/icons/icon-192.png", "192x192", "any")],
        }],
        "categories": ["productivity", "utilities"],
        "launch_handler": { "client_mode": ["navigate-existing", "auto"] },
        "share_target": {
            "action": SHARE,
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": { "title": "title", "text": "text", "url": "url" },
        },
        "prefer_related_applications": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_there_in_every_language() {
        let public = concat!(env!("CARGO_MANIFEST_DIR"), "/public");
        for locale in [Locale::En, Locale::ZhCn] {
            let manifest = manifest(locale, "white", "b1");
            let all = [&manifest["icons"], &manifest["screenshots"]];
            for picture in all.into_iter().flat_map(|list| list.as_array().unwrap()) {
                let (path, build) = picture["src"].as_str().unwrap().split_once('?').unwrap();
                assert_eq!(build, "b1");
                let bytes = std::fs::read(format!("{public}{path}")).expect(path);
                let [width, height] = [16, 20].map(|at| &bytes[at..at + 4]);
                let size = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
                if path.ends_with("png") {
                    let sizes = format!("{}x{}", size(width), size(height));
                    assert_eq!(picture["sizes"], sizes, "{path}");
                }
                assert!(bytes.len() < 100 * 1024, "{path}");
            }
        }
    }
}
