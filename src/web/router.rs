//! Which address leads where, and what every request passes on its way.
//!
//! Must not enter: handlers.

use std::any::Any;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, StatusCode, Uri, uri::PathAndQuery},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use parlance_core::domain::{ProblemCode, limits};
use parlance_server::service;
use tower::ServiceExt;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer,
};

use super::{
    api, assets, completion, csrf, error::Fault, extract::Client, headers, limits as guards, pages,
    pwa, rate, request, session, state::Edge, ws,
};

/// The whole product behind one service.
pub(super) fn router(edge: Edge) -> Router {
    // What needs to know the person; probes and files do not.
    let personal = Router::new()
        .nest("/api/v1", api::router())
        .nest("/api", api::router())
        .merge(ws::router())
        .merge(pages::router())
        .merge(pwa::personal())
        .route(headers::REPORTS, post(headers::report))
        .fallback(pages::elsewhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(
            edge.verbs.clone(),
            completion::to_the_end,
        ))
        .layer(middleware::from_fn_with_state(
            edge.clone(),
            guards::functions,
        ))
        .layer(middleware::from_fn_with_state(edge.clone(), rate::by_user))
        .layer(middleware::from_fn_with_state(
            edge.clone(),
            session::recognise,
        ))
        .layer(middleware::from_fn_with_state(
            edge.clone(),
            rate::by_address,
        ))
        .layer(middleware::map_response(pwa::name_reader))
        // Pages and JSON; event streams stay as they are, and the site's files were compressed when it was built.
        .layer(CompressionLayer::new());
    let documentation = api::docs()
        .layer(middleware::map_response(headers::docs))
        .merge(api::redirects());
    let files = edge
        .site
        .addresses()
        .fold(Router::new(), |router, address| {
            router.route(address, get(assets::file))
        });
    let routes = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .merge(documentation)
        .merge(files)
        // Of the build before this one.
        .route("/pkg/{*name}", get(assets::file))
        .merge(pwa::files())
        .method_not_allowed_fallback(wrong_method)
        .merge(personal)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits::BODY_BYTES))
        .layer(middleware::from_fn_with_state(
            edge.clone(),
            guards::in_time,
        ))
        .layer(middleware::from_fn(guards::announced_length))
        .layer(middleware::from_fn_with_state(edge.clone(), csrf::guard))
        .layer(middleware::from_fn(guards::head))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            edge.clone(),
            headers::protect,
        ))
        .layer(middleware::from_fn_with_state(edge.clone(), request::track))
        .with_state(edge);
    // Layers of a router run after routing; a change of the address has to come before.
    Router::new().fallback_service(routes.map_request(drop_trailing_slash))
}

/// Whether a path belongs to the API, whose errors are problem JSON for everybody.
pub(super) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// `/api/conversations/` is `/api/conversations`; the documentation's address needs its slash.
fn drop_trailing_slash(mut request: Request) -> Request {
    if let Some(shorter) = without_trailing_slash(request.uri()) {
        *request.uri_mut() = shorter;
    }
    request
}

fn without_trailing_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.starts_with("/api/") || path == "/api/docs/" {
        return None;
    }
    let shorter = path.strip_suffix('/')?;
    let target = match uri.query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

/// The first line is the answer, and all that strangers get. On the machine itself the others tell what the process
/// promises and which one it is.
async fn readiness(
    State(edge): State<Edge>,
    Client(client): Client,
    headers: HeaderMap,
) -> Response {
    if !edge.app.is_ready().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response();
    }
    if !is_on_this_machine(&client, &headers) {
        return "ready\n".into_response();
    }
    let durability = edge.app.config.durability.as_str();
    let instance = edge
        .app
        .engine
        .shared_instance()
        .map(|id| format!("instance: {id}\n"))
        .unwrap_or_default();
    format!("ready\ndurability: {durability}\n{instance}").into_response()
}

/// Who asks through a proxy on this machine is a stranger, listed or not: a proxy says that it is one, or passes on the name
/// by which strangers know this place. Both the peer and the name have to be this machine's own.
fn is_on_this_machine(client: &service::Client, headers: &HeaderMap) -> bool {
    const OF_PROXIES: [&str; 5] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-real-ip",
    ];
    client
        .address
        .is_some_and(|address| address.to_canonical().is_loopback())
        && client.names_this_machine()
        && OF_PROXIES.iter().all(|name| !headers.contains_key(*name))
}

async fn wrong_method() -> Fault {
    Fault::new(ProblemCode::MethodNotAllowed)
}

/// The panic hook has logged where it happened.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Fault::new(ProblemCode::Internal).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_api_loses_its_trailing_slash() {
        let shorter =
            |uri: &str| without_trailing_slash(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(
            shorter("/api/conversations/"),
            Some("/api/conversations".to_owned())
        );
        assert_eq!(
            shorter("/api/v1/conversations/?limit=2"),
            Some("/api/v1/conversations?limit=2".to_owned())
        );
        for kept in ["/api/conversations", "/api/docs/", "/", "/chat/", "/apis/"] {
            assert_eq!(shorter(kept), None, "{kept}");
        }
    }

    #[test]
    fn only_who_asks_without_a_proxy_is_on_this_machine() {
        let client = |address: &str, origin: &str| service::Client {
            address: address.parse().ok(),
            origin: origin.to_owned(),
            ..service::Client::default()
        };
        let mut headers = HeaderMap::new();
        for (address, origin, expected) in [
            ("127.0.0.1", "http://127.0.0.1:3000", true),
            ("::1", "http://localhost", true),
            ("::ffff:127.0.0.1", "http://[::1]:3000", true),
            ("10.0.0.1", "http://127.0.0.1:3000", false),
            ("203.0.113.7", "http://localhost", false),
            // A proxy on this machine that adds nothing.
            ("127.0.0.1", "http://chat.example", false),
            ("127.0.0.1", "http://localhost.chat.example", false),
            ("127.0.0.1", "http://10.0.0.1", false),
            ("127.0.0.1", "http://", false),
            ("127.0.0.1", "", false),
            ("", "http://localhost", false),
        ] {
            let client = client(address, origin);
            assert_eq!(
                is_on_this_machine(&client, &headers),
                expected,
                "{address} {origin}"
            );
        }
        headers.insert("x-real-ip", "127.0.0.1".parse().unwrap());
        let here = client("127.0.0.1", "http://127.0.0.1:3000");
        assert!(!is_on_this_machine(&here, &headers));
    }
}
