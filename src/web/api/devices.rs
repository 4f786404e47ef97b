//! Where a person is signed in, and the end of their account.

use axum::{Json as Body, extract::State, http::StatusCode, response::IntoResponse};
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
    Client(client): Client,
) -> Result<Body<Ended>, Fault> {
    let ended = edge.app.accounts.revoke_others(&viewer, &client).await?;
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
    Client(client): Client,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Fault> {
    let accounts = &edge.app.accounts;
    accounts.revoke_device(&viewer, id, &client).await?;
    Ok(StatusCode::NO_CONTENT)
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
