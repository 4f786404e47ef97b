//! What programs sign their requests with, and how they get the next pair.

use axum::{
    Json as Body,
    extract::{FromRequestParts, State},
    http::{HeaderMap, request::Parts},
};
use parlance_core::domain::{ProblemCode, User};
use parlance_server::service::{
    Viewer,
    accounts::{Refreshed, Tokens},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{self, Client, JsonIfAny},
    session,
    state::Edge,
};

/// A pair of tokens (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct TokensView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// Good once, for the next pair.
    refresh_token: String,
    /// `Bearer`.
    token_type: String,
    /// Seconds that the access token is good.
    expires_in: u64,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            token_type: "Bearer".to_owned(),
            expires_in: tokens.expires_in,
        }
    }
}

/// The token, where it is in no header.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct RefreshBody {
    refresh_token: Option<String>,
}

/// A renewed pair.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct RefreshedView {
    success: bool,
    message: String,
    user: User,
    #[serde(flatten)]
    tokens: TokensView,
}

/// Renews a pair of tokens
///
/// The refresh token is in `Authorization: Bearer`, `X-Refresh-Token`, the body, or a cookie named `refresh_token`. It is
/// good once. Shown again within seconds it is 409 `refresh_superseded`: another request has the next pair. Shown later,
/// somebody has a copy: the session ends.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair", body = RefreshedView),
        (status = 401, description = "The token is unknown, too old, or was used before"),
        (status = 409, description = "Another request has used it a moment ago"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn refresh(
    State(edge): State<Edge>,
    Client(client): Client,
    headers: HeaderMap,
    JsonIfAny(body): JsonIfAny<RefreshBody>,
) -> Result<Body<RefreshedView>, Fault> {
    let token = body
        .refresh_token
        .filter(|token| !token.is_empty())
        .or_else(|| session::refresh_token(&headers))
        .ok_or_else(|| Fault::new(ProblemCode::Unauthenticated))?;
    let Refreshed { user, tokens } = edge.app.accounts.refresh(&token, &client).await?;
    Ok(Body(RefreshedView {
        success: true,
        message: "Renewed".to_owned(),
        user,
        tokens: tokens.into(),
    }))
}

/// The person, by whatever a client signs with, or by its newest refresh token in a header; else 401.
pub(in crate::web::api) struct Holder(pub Viewer);

impl FromRequestParts<Edge> for Holder {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Fault> {
        if let Some(viewer) = extract::viewer(parts) {
            return Ok(Self(viewer));
        }
        let held = match session::refresh_token(&parts.headers) {
            Some(token) => edge.app.accounts.refresh_viewer(&token).await?,
            None => None,
        };
        held.map(Self)
            .ok_or_else(|| Fault::new(ProblemCode::Unauthenticated))
    }
}
