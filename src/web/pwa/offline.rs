//! The page for the time without a network. Plain: it stands in for any address, so it must not come to life as one.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use parlance_ui::{i18n::Locale, pwa::offline_document};

use crate::web::{error::page::locale, state::Edge};

/// One script, that of the app: it lists what can be read.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                   manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers the page, in the reader's language and theme.
pub(super) async fn show(State(edge): State<Edge>, request: HeaderMap) -> Response {
    let theme = axum_extra::extract::CookieJar::from_headers(&request);
    let theme = theme.get("theme").map(|cookie| cookie.value());
    let locale: Locale = locale(&request);
    let mut headers = HeaderMap::new();
    let mut header = |name, value| headers.insert(name, HeaderValue::from_static(value));
    header(header::CONTENT_SECURITY_POLICY, CSP);
    header(header::VARY, "accept-language, cookie");
    let page = offline_document(locale, theme, &edge.site.assets);
    (headers, Html(page)).into_response()
}
