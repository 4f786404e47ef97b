//! From what a request shows to the person, once a request.
//!
//! A cookie, an access token or an API key; each leads to a session, and from there on all are the same. Must not enter:
//! any other way to name a person; headers such as `X-User-ID` are nobody's word.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use parlance_server::service::{Client, Viewer};

use super::{
    error::Fault,
    request::{self, Actor},
    state::Edge,
};

const API_KEY: &str = "x-api-key";
const REFRESH_TOKEN: &str = "x-refresh-token";

/// Middleware: puts `Option<Viewer>` into the request. Every request that gets past it has one.
pub(super) async fn recognise(
    State(edge): State<Edge>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().cloned();
    let shown = Shown::by(&edge, request.headers());
    let viewer = match viewer(&edge, shown, &client.unwrap_or_default()).await {
        Ok(viewer) => viewer,
        Err(fault) => return fault.into_response(),
    };
    let actor = viewer.as_ref().map(|viewer| viewer.user.id);
    if let Some(user) = actor {
        request::note_actor(user);
    }
    request.extensions_mut().insert(viewer);
    let mut response = next.run(request).await;
    if let Some(user) = actor {
        response.extensions_mut().insert(Actor(user));
    }
    response
}

/// What a request shows for itself.
enum Shown {
    Nothing,
    Cookie(String),
    /// An access token or an API key, in either header.
    Bearer(String),
}

impl Shown {
    /// What a client says in a header is meant; a cookie comes along by itself. So the header alone counts where there is
    /// one, and an access token that has expired is 401 with a good cookie beside it.
    fn by(edge: &Edge, headers: &HeaderMap) -> Self {
        if let Some(token) = bearer(headers).or_else(|| text(headers, API_KEY)) {
            return Self::Bearer(token.to_owned());
        }
        let jar = CookieJar::from_headers(headers);
        jar.get(&edge.cookie.name)
            .map(|cookie| cookie.value().to_owned())
            .filter(|token| !token.is_empty())
            .map_or(Self::Nothing, Self::Cookie)
    }
}

async fn viewer(edge: &Edge, shown: Shown, client: &Client) -> Result<Option<Viewer>, Fault> {
    let accounts = &edge.app.accounts;
    Ok(match shown {
        Shown::Nothing => None,
        Shown::Cookie(token) => accounts.viewer(&token).await?,
        Shown::Bearer(token) => accounts.bearer(&token, client).await?,
    })
}

/// The token of `Authorization: Bearer` (RFC 6750). Other schemes are a proxy's matter.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = text(headers, header::AUTHORIZATION.as_str())?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// A refresh token in a header of either name, or in a cookie of its own.
pub(super) fn refresh_token(headers: &HeaderMap) -> Option<String> {
    let in_header = text(headers, REFRESH_TOKEN).or_else(|| bearer(headers));
    in_header.map(str::to_owned).or_else(|| {
        let jar = CookieJar::from_headers(headers);
        jar.get("refresh_token")
            .map(|cookie| cookie.value().to_owned())
    })
}

/// Whether a request shows its right in a header, which no browser adds by itself, and brings no cookie.
pub(super) fn is_by_header_alone(headers: &HeaderMap) -> bool {
    let in_header = bearer(headers).is_some()
        || text(headers, API_KEY).is_some()
        || text(headers, REFRESH_TOKEN).is_some();
    in_header && !headers.contains_key(header::COOKIE)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_the_bearer_scheme_names_a_person() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("abc", None),
        ] {
            assert_eq!(
                bearer(&headers(&[("authorization", value)])),
                token,
                "{value}"
            );
        }
    }

    #[test]
    fn a_cookie_beside_a_header_is_still_a_cookie() {
        assert!(is_by_header_alone(&headers(&[("x-api-key", "k")])));
        assert!(is_by_header_alone(&headers(&[(
            "authorization",
            "Bearer t"
        )])));
        assert!(!is_by_header_alone(&headers(&[(
            "authorization",
            "Basic t"
        )])));
        assert!(!is_by_header_alone(&headers(&[])));
        let both = [("authorization", "Bearer t"), ("cookie", "locale=en")];
        assert!(!is_by_header_alone(&headers(&both)));
    }

    #[test]
    fn a_refresh_token_is_found_wherever_clients_put_it() {
        for pairs in [
            [("x-refresh-token", "t")],
            [("authorization", "Bearer t")],
            [("cookie", "a=b; refresh_token=t")],
        ] {
            assert_eq!(
                refresh_token(&headers(&pairs)).as_deref(),
                Some("t"),
                "{pairs:?}"
            );
        }
        assert_eq!(refresh_token(&headers(&[])), None);
    }
}
