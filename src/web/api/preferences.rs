//! Settings of the pages, for those who keep them elsewhere too.

use axum::{Json as Body, extract::State};
use parlance_core::domain::{Preferences, PreferencesChange};

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Json, Signed},
    state::Edge,
};

/// Reads the settings
///
/// What was never chosen is answered with its default.
#[utoipa::path(
    get, path = "/preferences", tag = "auth", security(("session" = [])),
    responses((status = 200, description = "All settings", body = Preferences), Refusals)
)]
pub(super) async fn get_preferences(Signed(viewer): Signed) -> Body<Preferences> {
    Body(viewer.preferences.unwrap_or_default())
}

/// Changes settings
///
/// Absent members stay as they are.
#[utoipa::path(
    patch, path = "/preferences", tag = "auth", security(("session" = [])),
    request_body = PreferencesChange,
    responses(
        (status = 200, description = "All settings", body = Preferences),
        (status = 422, description = "A setting or a choice that does not exist"),
        Refusals,
    )
)]
pub(super) async fn update_preferences(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(change): Json<PreferencesChange>,
) -> Result<Body<Preferences>, Fault> {
    Ok(Body(edge.app.preferences.change(&viewer, &change).await?))
}
