//! API keys of a person.

use axum::{Json as Body, extract::State, http::StatusCode};
use parlance_core::domain::{ApiKey, ApiKeyId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Client, Id, Json, Signed},
    state::Edge,
};

/// All keys.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    /// The newest first.
    items: Vec<ApiKey>,
}

/// A key to be made.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KeyBody {
    /// 1 to 100 characters.
    #[schema(required = true)]
    name: String,
    /// Absent: it is good until it is revoked.
    expires_at: Option<Timestamp>,
    #[schema(required = true)]
    current_password: String,
}

/// A new key.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeKey {
    key: ApiKey,
    /// Shown this once: for `Authorization: Bearer` or `X-API-Key`.
    secret: String,
}

/// Lists the API keys
#[utoipa::path(
    get, path = "/account/keys", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The keys, without their secrets", body = Keys), Refusals)
)]
pub(super) async fn list_keys(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Keys>, Fault> {
    let items = edge.app.accounts.api_keys(&viewer).await?;
    Ok(Body(Keys { items }))
}

/// Makes an API key
///
/// A program with it has all rights of the person but those over the account.
#[utoipa::path(
    post, path = "/account/keys", tag = "account", security(("session" = [])), request_body = KeyBody,
    responses(
        (status = 201, description = "The key, and its secret this once", body = MadeKey),
        (status = 403, description = "`wrong_password`: the current password is missing or wrong"),
        (status = 409, description = "There are too many"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn make_key(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<KeyBody>,
) -> Result<(StatusCode, Body<MadeKey>), Fault> {
    let (key, secret) = edge
        .app
        .accounts
        .make_api_key_until(
            &viewer,
            &body.name,
            body.expires_at,
            &body.current_password,
            &client,
        )
        .await?;
    Ok((StatusCode::CREATED, Body(MadeKey { key, secret })))
}

/// Revokes an API key and closes its streams
#[utoipa::path(
    delete, path = "/account/keys/{id}", tag = "account", security(("session" = [])),
    params(("id" = ApiKeyId, Path, description = "The key")),
    responses((status = 204, description = "It is good for nothing any more"), Refusals)
)]
pub(super) async fn revoke_key(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, Fault> {
    let accounts = &edge.app.accounts;
    accounts.revoke_api_key(&viewer, id, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
