//! From the cookie to the person, once a request.
//!
//! Must not enter: any other way to name a person; headers such as `X-User-ID` are nobody's word.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use parlance_server::service::Viewer;

use super::{
    error::Fault,
    request::{self, Actor},
    state::Edge,
};

/// Middleware: puts `Option<Viewer>` into the request. Every request that gets past it has one.
pub(super) async fn recognise(
    State(edge): State<Edge>,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer = match viewer(&edge, token(&edge, request.headers())).await {
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

async fn viewer(edge: &Edge, token: Option<String>) -> Result<Option<Viewer>, Fault> {
    match token {
        Some(token) => Ok(edge.app.accounts.viewer(&token).await?),
        None => Ok(None),
    }
}

fn token(edge: &Edge, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&edge.cookie.name)
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| !token.is_empty())
}
