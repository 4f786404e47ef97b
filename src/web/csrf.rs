//! Requests that another site made in a person's name are refused.
//!
//! Browsers say where a request came from: `Sec-Fetch-Site` (W3C Fetch Metadata) decides; where it is
//! absent (plain http outside the machine, other clients), `Origin` (RFC 6454) must be ours. A form
//! post without either is refused too: a browser of today sends one of them.
//! Must not enter: who is signed in. The rule is the same for everybody.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parlance_core::domain::ProblemCode;

use super::{error::Fault, request::Own, session, state::Edge};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Middleware: the rule for all unsafe methods, server functions included, and the `Host` allow-list.
pub(super) async fn guard(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let own = request
        .extensions()
        .get::<Own>()
        .cloned()
        .unwrap_or_default();
    if let Some(public) = &edge.public_origin
        && !is_probe(request.uri().path())
        && public
            .split_once("://")
            .is_none_or(|(_, host)| !host.eq_ignore_ascii_case(&own.host))
    {
        return Fault::new(ProblemCode::BadRequest)
            .detail(format!(
                "This server answers for {public} only; check the Host header."
            ))
            .into_response();
    }
    if !is_safe(request.method()) {
        let origin = own_origin(&edge, Some(&own));
        if !is_ours(request.headers(), &origin) && !is_a_program(request.headers()) {
            return refusal().into_response();
        }
    }
    next.run(request).await
}

/// Where this server is reached: as configured, else as the client named it.
pub(super) fn own_origin(edge: &Edge, own: Option<&Own>) -> String {
    match &edge.public_origin {
        Some(origin) => origin.to_string(),
        None => own.map(Own::origin).unwrap_or_default(),
    }
}

/// The rule for sockets, which browsers open to any site and with its cookies: no other site may. A client that says
/// nothing about itself may, if it shows a ticket; the cookie alone is not enough.
pub(super) fn may_open(
    headers: &HeaderMap,
    own_origin: &str,
    by_ticket: bool,
) -> Result<(), Fault> {
    let silent = !headers.contains_key(SEC_FETCH_SITE) && !headers.contains_key(header::ORIGIN);
    if is_ours(headers, own_origin) || (silent && by_ticket) {
        Ok(())
    } else {
        Err(refusal())
    }
}

/// The rule for reads that last (streams): no other site may open one, and a client that says nothing
/// about itself may.
pub(super) fn may_read(headers: &HeaderMap) -> Result<(), Fault> {
    match text(headers, SEC_FETCH_SITE) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(Fault::new(ProblemCode::CrossSite)),
    }
}

fn refusal() -> Fault {
    Fault::new(ProblemCode::CrossSite)
        .detail("Clients that are no browser send an Origin header with this server's own address.")
}

/// RFC 9110 §9.2.1.
fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// A client that says nothing of where it comes from, and shows its right in a header: another site can make a browser
/// send neither. With a cookie beside it, it is judged as the cookie's.
fn is_a_program(headers: &HeaderMap) -> bool {
    !headers.contains_key(SEC_FETCH_SITE)
        && !headers.contains_key(header::ORIGIN)
        && session::is_by_header_alone(headers)
}

/// Load balancers ask by address, not by name.
fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

fn is_ours(headers: &HeaderMap, own_origin: &str) -> bool {
    match (
        headers.get(SEC_FETCH_SITE),
        text(headers, SEC_FETCH_SITE),
        headers.get(header::ORIGIN),
    ) {
        (Some(_), site, _) => matches!(site, Some("same-origin" | "none")),
        (None, _, Some(origin)) => origin
            .as_bytes()
            .eq_ignore_ascii_case(own_origin.as_bytes()),
        (None, _, None) => false,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or("unreadable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const OWN: &str = "http://127.0.0.1:3000";

    fn headers(site: Option<&'static str>, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(site) = site {
            headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn decides_by_fetch_metadata_first_and_origin_second() {
        for (site, origin, expected) in [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(OWN), true),
            (Some("none"), None, true),
            (Some("same-site"), Some(OWN), false),
            (Some("cross-site"), Some(OWN), false),
            (Some("cross-site"), None, false),
            (Some("something-new"), Some(OWN), false),
            (None, Some(OWN), true),
            (None, Some("HTTP://127.0.0.1:3000"), true),
            (None, Some("http://127.0.0.1:3001"), false),
            (None, Some("https://127.0.0.1:3000"), false),
            (None, Some("http://sub.127.0.0.1:3000"), false),
            (None, Some("null"), false),
            (None, None, false),
        ] {
            assert_eq!(
                is_ours(&headers(site, origin), OWN),
                expected,
                "{site:?} {origin:?}"
            );
        }
    }

    #[test]
    fn a_program_needs_no_origin_and_a_foreign_one_does_not_help() {
        let with = |site, origin, name: &'static str| {
            let mut headers = headers(site, origin);
            headers.insert(name, HeaderValue::from_static("Bearer t"));
            is_a_program(&headers)
        };
        assert!(with(None, None, "authorization") && with(None, None, "x-api-key"));
        assert!(!with(None, None, "cookie"));
        assert!(!with(Some("cross-site"), None, "authorization"));
        assert!(!with(None, Some("https://evil.example"), "authorization"));
    }

    #[test]
    fn streams_are_for_our_own_pages_and_plain_clients() {
        assert!(may_read(&headers(None, None)).is_ok());
        assert!(may_read(&headers(Some("same-origin"), None)).is_ok());
        assert!(may_read(&headers(Some("same-site"), None)).is_err());
        assert!(may_read(&headers(Some("cross-site"), None)).is_err());
    }

    #[test]
    fn sockets_are_for_our_own_pages_and_for_tickets() {
        let may =
            |site, origin, by_ticket| may_open(&headers(site, origin), OWN, by_ticket).is_ok();
        assert!(may(None, Some(OWN), false) && may(Some("same-origin"), Some(OWN), false));
        assert!(may(None, None, true));
        assert!(!may(None, None, false), "a cookie without an origin");
        for by_ticket in [false, true] {
            assert!(!may(None, Some("https://evil.example"), by_ticket));
            assert!(!may(Some("cross-site"), Some(OWN), by_ticket));
        }
    }

    #[test]
    fn only_reads_are_safe() {
        assert!(is_safe(&Method::GET) && is_safe(&Method::HEAD));
        assert!(!is_safe(&Method::POST) && !is_safe(&Method::DELETE));
    }
}
