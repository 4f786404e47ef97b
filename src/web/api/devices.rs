//! Where a person is signed in, what their account holds, and its end.

use axum::{
    Json as Body,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use parlance_core::domain::{Device, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{auth::forgotten, refusals::Refusals};
use crate::web::{
    error::Fault,
    extract::{Client, Id, Json, Signed},
    state::Edge,
};

/// All devices.
#[derive(Serialize, ToSchema)]
pub(super) struct Devices {
    /// The one last used first.
    items: Vec<Device>,
}

/// How many sessions have ended.
#[derive(Serialize, ToSchema)]
pub(super) struct Ended {
    pub(super) ended: u64,
}

/// The password, for what a stolen session must not do.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeleteBody {
    current_password: String,
}

/// Lists the devices that are signed in
#[utoipa::path(
    get, path = "/account/devices", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The devices", body = Devices), Refusals)
)]
pub(super) async fn list_devices(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Devices>, Fault> {
    let items = edge.app.accounts.devices(&viewer).await?;
    Ok(Body(Devices { items }))
}

/// Signs all other devices out
#[utoipa::path(
    delete, path = "/account/devices", tag = "account", security(("session" = [])),
    responses((status = 200, description = "They are signed out", body = Ended), Refusals)
)]
pub(super) async fn revoke_devices(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Ended>, Fault> {
    let ended = edge.app.accounts.revoke_others(&viewer).await?;
    Ok(Body(Ended { ended }))
}

/// Signs a device out and closes its streams
#[utoipa::path(
    delete, path = "/account/devices/{id}", tag = "account", security(("session" = [])),
    params(("id" = SessionId, Path, description = "The device's session")),
    responses((status = 204, description = "It is signed out"), Refusals)
)]
pub(super) async fn revoke_device(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Fault> {
    edge.app.accounts.revoke_device(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings everything that the account holds
///
/// Account, settings, and all conversations with all their messages, as one JSON document for keeping.
#[utoipa::path(
    get, path = "/account/export", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The document", content_type = "application/json"), Refusals)
)]
pub(super) async fn export_account(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<impl IntoResponse, Fault> {
    let export = edge.app.accounts.export(&viewer).await?;
    let name = "attachment; filename=\"parlance-export.json\"";
    Ok(([(header::CONTENT_DISPOSITION, name)], Body(export)))
}

/// Deletes the account and everything in it
///
/// Wants `{"current_password": "…"}` as its JSON body.
#[utoipa::path(
    delete, path = "/account", tag = "account", security(("session" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`wrong_password`: the current password is missing or wrong"),
        Refusals,
    )
)]
pub(super) async fn delete_account(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<DeleteBody>,
) -> Result<impl IntoResponse, Fault> {
    let accounts = &edge.app.accounts;
    accounts
        .delete(&viewer, &body.current_password, &client)
        .await?;
    Ok((StatusCode::NO_CONTENT, forgotten(&edge)))
}
