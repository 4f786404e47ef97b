//! Pages with a secret in their address, and who may hear of it. Server only.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::rpc::session::SessionCookie;

/// For pages with a secret in their address: it goes to no other site, and not into our own logs by way of another
/// request.
///
/// `no-referrer` would do for all, but it also makes browsers withhold the `Origin` of a posted form, by which forms of
/// other sites are known where `Sec-Fetch-Site` is not sent: on plain http. There the origin alone is told.
pub(super) fn keep_address() {
    let host = use_context::<Parts>()
        .and_then(|parts| Some(parts.headers.get(header::HOST)?.to_str().ok()?.to_owned()))
        .unwrap_or_default();
    let secure = use_context::<SessionCookie>().is_some_and(|cookie| cookie.secure);
    let policy = if secure || is_loopback(&host) {
        "no-referrer"
    } else {
        "strict-origin"
    };
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static(policy));
    }
}

/// Whether browsers trust this host without https (Secure Contexts, 3.1).
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<axum::http::uri::Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn browsers_trust_this_machine_alone_without_https() {
        for near in [
            "localhost:3000",
            "a.localhost",
            "127.0.0.1:80",
            "[::1]:3000",
        ] {
            assert!(is_loopback(near), "{near}");
        }
        for far in [
            "",
            "192.168.1.4:3000",
            "localhost.test",
            "127.evil.test",
            "[fe80::1]",
        ] {
            assert!(!is_loopback(far), "{far}");
        }
    }
}
