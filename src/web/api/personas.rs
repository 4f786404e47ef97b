//! Who may be asked to reply.

use axum::{Json, extract::State};
use parlance_core::domain::Persona;
use serde::Serialize;
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{error::Fault, extract::Signed, state::Edge};

/// The personas that the signed-in person may use.
#[derive(Serialize, ToSchema)]
pub(super) struct Roles {
    success: bool,
    roles: Vec<Persona>,
}

/// Lists the personas, in their order
#[utoipa::path(
    get, path = "/roles", tag = "personas", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Roles), Refusals)
)]
pub(super) async fn list_roles(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Json<Roles>, Fault> {
    let roles = edge.app.personas.list(&viewer).await?;
    Ok(Json(Roles {
        success: true,
        roles,
    }))
}
