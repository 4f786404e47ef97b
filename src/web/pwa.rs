//! What makes the site an app: manifest, service worker, the page without a network, and what other apps share.
//!
//! Must not enter: texts (they are in `ui::i18n`), and what the worker does (`pwa/sw.js`).

mod manifest;
mod offline;
mod share;
mod worker;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::Response,
    routing::{get, post},
};

use super::{request::Actor, state::Edge};

/// The page that the worker keeps for the time without a network.
const OFFLINE: &str = "/offline";
/// Where the browser sends what another app shares.
const SHARE: &str = "/share-in";
/// Names the person behind a page, so that the worker keeps nobody's conversations for another.
const READER: HeaderName = HeaderName::from_static("x-reader");

/// What is the same for everybody, or for all who speak a language.
pub(super) fn files() -> Router<Edge> {
    Router::new()
        .route("/manifest.webmanifest", get(manifest::show))
        .route("/sw.js", get(worker::show))
        .route(OFFLINE, get(offline::show))
}

/// What needs to know the person.
pub(super) fn personal() -> Router<Edge> {
    Router::new().route(SHARE, post(share::take))
}

/// Middleware around everything personal.
pub(super) async fn name_reader(mut response: Response) -> Response {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if let (true, Some(Actor(user))) = (is_page, response.extensions().get())
        && let Ok(name) = HeaderValue::from_str(&user.to_string())
    {
        response.headers_mut().insert(READER, name);
    }
    response
}
