//! Whose session the cookie is.

use axum::Json;
use parlance_core::domain::User;
use serde::Serialize;
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::extract::Signed;

/// The present session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    user: User,
}

/// Tells who is signed in
#[utoipa::path(
    get, path = "/session", tag = "auth", security(("session" = [])),
    responses(
        (status = 200, description = "Signed in", body = SessionView),
        (status = 401, description = "Nobody is signed in"),
        Refusals,
    )
)]
pub(super) async fn get_session(Signed(viewer): Signed) -> Json<SessionView> {
    Json(SessionView { user: viewer.user })
}
