//! What is known about each request before it is handled, and the one log line that it leaves.
//!
//! Must not enter: query strings, bodies and headers into the log; they hold what people write.

mod client;
mod ids;
mod path;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Once,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use parlance_core::domain::{DeviceKind, UserId, preferences::Language};
use parlance_server::service::Client;
use tracing::{Instrument, Span, field};

use super::{
    error::{self, Reader},
    state::Edge,
};
use ids::Ids;
pub(super) use path::masked;

/// Longest user agent that is kept, characters.
const USER_AGENT_CHARS: usize = 200;

/// Scheme and host that the client used to get here.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub scheme: &'static str,
    /// With the port unless it is the scheme's own.
    pub host: String,
}

impl Own {
    /// As browsers write it (RFC 6454 §6.2).
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }
}

/// Marks a response with the person on whose behalf the request was made.
#[derive(Clone, Copy)]
pub(super) struct Actor(pub UserId);

/// Middleware, the outermost: ids, client, scheme and host into the request; ids into the response;
/// refusals written for their reader; one log line.
pub(super) async fn track(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let ids = Ids::of(request.headers());
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let proxied = peer.is_some_and(|ip| edge.trusts(ip));
    if !proxied {
        warn_of_a_proxy(peer, request.headers());
    }
    let own = own(&request, proxied);
    let locale = error::page::locale(request.headers());
    let client = Client {
        // What asks for another kind of session says so at its door.
        kind: DeviceKind::Browser,
        user_agent: user_agent(request.headers()),
        address: client::address(peer, request.headers(), |ip| edge.trusts(ip)),
        locale: Language::from_word(locale.tag()).unwrap_or_default(),
        origin: own.origin(),
    };
    let method = request.method().clone();
    let path = masked(request.uri().path()).into_owned();
    let accepts_html = error::accepts_html(request.headers());
    let client_ip = client.address.map(field::display);

    let span = tracing::info_span!(
        "request",
        request_id = %ids.request,
        trace_id = %ids.trace,
        client_ip,
        %method,
        path,
        user_id = field::Empty,
    );
    let extensions = request.extensions_mut();
    extensions.insert(client);
    extensions.insert(own);
    let response = next.run(request).instrument(span).await;

    let reader = Reader {
        path: &path,
        accepts_html,
        locale,
        request_id: &ids.request,
        css: &edge.site.assets.css.address,
    };
    let mut response = error::present(response, &reader);
    if let Ok(id) = HeaderValue::from_str(&ids.request) {
        response.headers_mut().insert("x-request-id", id);
    }
    tracing::info!(
        request_id = %ids.request,
        trace_id = %ids.trace,
        client_ip,
        %method,
        path,
        status = response.status().as_u16(),
        user_id = response.extensions().get::<Actor>().map(|actor| field::display(actor.0)),
        duration_ms = began.elapsed().as_secs_f64() * 1_000.0,
        "request"
    );
    response
}

/// Notes on whose behalf the rest of the request is done, for every log line from here on.
pub(super) fn note_actor(user: UserId) {
    Span::current().record("user_id", field::display(user));
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_CHARS).collect())
}

/// Says once that a neighbour who is not listed forwards requests: without its word everybody behind it counts as one
/// address, and shares its limits.
fn warn_of_a_proxy(peer: Option<IpAddr>, headers: &HeaderMap) {
    static SAID: Once = Once::new();
    let is_near = peer.is_some_and(|ip| match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    });
    let forwards = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    if is_near && forwards {
        SAID.call_once(|| {
            tracing::warn!(
                "requests come through a proxy that PARLANCE_TRUSTED_PROXIES does not list: \
                 all its clients count as one address"
            );
        });
    }
}

/// `X-Forwarded-Proto` counts only when a listed proxy says it; `Host` is what the browser compares
/// its own `Origin` with, so a forwarded one is never needed.
fn own(request: &Request, proxied: bool) -> Own {
    let secure = proxied
        && request
            .headers()
            .get("x-forwarded-proto")
            .is_some_and(|scheme| scheme.as_bytes() == b"https");
    let (scheme, default_port) = if secure { ("https", 443) } else { ("http", 80) };
    // HTTP/2 carries the host in the target, HTTP/1.1 in its header.
    let authority = request
        .uri()
        .authority()
        .cloned()
        .or_else(|| Authority::try_from(request.headers().get(header::HOST)?.as_bytes()).ok());
    let host = authority.map(|authority| match authority.port_u16() {
        Some(port) if port != default_port => format!("{}:{port}", authority.host()),
        _ => authority.host().to_owned(),
    });
    Own {
        scheme,
        host: host.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(host: &str, proto: Option<&str>) -> Request {
        let mut builder = Request::builder()
            .uri("/chat?q=secret")
            .header(header::HOST, host);
        if let Some(proto) = proto {
            builder = builder.header("x-forwarded-proto", proto);
        }
        builder.body(Body::empty()).unwrap()
    }

    #[test]
    fn only_a_listed_proxy_may_claim_https() {
        assert_eq!(
            own(&request("h:3000", Some("https")), false).origin(),
            "http://h:3000"
        );
        assert_eq!(
            own(&request("h", Some("https")), true).origin(),
            "https://h"
        );
    }

    #[test]
    fn the_schemes_own_port_is_left_out() {
        assert_eq!(own(&request("h:80", None), false).origin(), "http://h");
        assert_eq!(
            own(&request("h:443", Some("https")), true).origin(),
            "https://h"
        );
        assert_eq!(
            own(&request("[::1]:3000", None), false).origin(),
            "http://[::1]:3000"
        );
    }
}
