//! The service worker: `sw.js` behind the names of this build.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use parlance_core::domain::ProblemCode;
use parlance_ui::{i18n::Locale, shell::Assets};
use serde_json::json;

use super::OFFLINE;
use crate::web::{error::Fault, state::Edge};

const WORKER: &str = include_str!("sw.js");
/// The worker fetches files and pages, and nothing else.
const CSP: &str = "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Addresses outside `/pkg/` that pages need.
const ICONS: [&str; 3] = [
    "/icon.svg",
    "/icons/icon-192.png",
    "/icons/monochrome-96.png",
];

/// Answers the worker. Without a site there is none: it would have nothing to keep.
pub(super) async fn show(State(edge): State<Edge>) -> Result<Response, Fault> {
    let site = &edge.site;
    if site.assets.js.is_empty() {
        return Err(Fault::new(ProblemCode::NotFound));
    }
    let mut headers = HeaderMap::new();
    let mut header = |name, value| headers.insert(name, HeaderValue::from_static(value));
    header(header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    header(header::CACHE_CONTROL, "no-cache");
    header(header::CONTENT_SECURITY_POLICY, CSP);
    Ok((headers, script(&site.assets, site.addresses())).into_response())
}

/// The same build always makes the same bytes, and another one others: that is how browsers notice.
fn script<'a>(assets: &Assets, addresses: impl Iterator<Item = &'a str>) -> String {
    let is_wanted = |address: &&str| address.starts_with("/pkg/") || ICONS.contains(address);
    let mut wanted: Vec<_> = addresses.filter(is_wanted).collect();
    wanted.push(OFFLINE);
    wanted.sort_unstable();
    let done = |locale: Locale| locale.texts().pwa.done;
    let build = json!({
        "id": assets.build,
        "css": assets.css.address,
        "pwa": assets.pwa,
        "assets": wanted,
        "done": { "en": done(Locale::En), "zh": done(Locale::ZhCn) },
    });
    format!("const BUILD = {build};\n\n{WORKER}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_build_makes_other_bytes_and_the_same_the_same() {
        let assets = |build: &str| Assets {
            build: build.to_owned(),
            ..Assets::default()
        };
        let one = |build, order: [&'static str; 3]| script(&assets(build), order.into_iter());
        let order = ["/pkg/b.js", "/screenshots/wide.en.png", "/pkg/a.js"];
        let first = one("a", order);
        assert!(first.contains(r#""assets":["/offline","/pkg/a.js","/pkg/b.js"]"#));
        assert_eq!(first, one("a", [order[2], order[1], order[0]]));
        assert_ne!(first, one("b", order));
    }
}
