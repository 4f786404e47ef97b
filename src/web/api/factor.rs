//! The second factor: its state, and turning it on and off.

use axum::{
    Json as Body,
    extract::State,
    http::header,
    response::{AppendHeaders, IntoResponse},
};
use parlance_core::domain::{Enrolment, FactorState};
use parlance_server::service::factors::Enrolled;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::{LoggedIn, kept, logged_in, tokens::TokensView},
    refusals::Refusals,
};
use crate::web::{
    error::Fault,
    extract::{Client, Json, Signed},
    state::Edge,
};

/// The account's password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BeginBody {
    #[schema(required = true)]
    current_password: String,
}

/// A code of the app, or a backup code where the app is lost.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CodeBody {
    #[schema(required = true)]
    code: String,
}

/// Password and code.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DisableBody {
    #[schema(required = true)]
    current_password: String,
    #[schema(required = true)]
    code: String,
}

/// Backup codes, told this once. Each is good once.
#[derive(Serialize, ToSchema)]
pub(super) struct BackupCodes {
    backup_codes: Vec<String>,
}

/// Backup codes of a factor that is on now, and the session of the device that turned it on.
#[derive(Serialize, ToSchema)]
pub(super) struct EnrolledView {
    /// Told this once. Each is good once.
    backup_codes: Vec<String>,
    /// For programs; a browser's own session gets the cookie alone.
    #[serde(flatten)]
    tokens: Option<TokensView>,
}

/// Secrets are for nobody's cache.
type Fresh = AppendHeaders<[(header::HeaderName, &'static str); 1]>;
const FRESH: Fresh = AppendHeaders([(header::CACHE_CONTROL, "no-store")]);

/// Tells whether signing in needs a code
#[utoipa::path(
    get, path = "/account/factor", tag = "account", security(("session" = [])),
    responses((status = 200, description = "On or off, and what is left", body = FactorState), Refusals)
)]
pub(super) async fn get_factor(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<FactorState>, Fault> {
    Ok(Body(edge.app.factors.state(&viewer).await?))
}

/// Begins a second factor
///
/// The secret counts once `POST /account/factor/confirm` has shown that an app has it, within 15 minutes.
#[utoipa::path(
    post, path = "/account/factor", tag = "account", security(("session" = [])),
    request_body = BeginBody,
    responses(
        (status = 200, description = "What the app must be told, this once", body = Enrolment),
        (status = 403, description = "The password is wrong"),
        (status = 409, description = "A factor is on already; it stays as it is"),
        Refusals,
    )
)]
pub(super) async fn begin_factor(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<BeginBody>,
) -> Result<impl IntoResponse, Fault> {
    let begun = edge
        .app
        .factors
        .begin(&viewer, &body.current_password, &client)
        .await?;
    Ok((FRESH, Body(begun)))
}

/// Turns the second factor on
///
/// All sessions end, with their streams and refresh tokens; the answer brings a new one, as signing in does.
#[utoipa::path(
    post, path = "/account/factor/confirm", tag = "account", security(("session" = [])),
    request_body = CodeBody,
    responses(
        (status = 200, description = "It is on", body = EnrolledView),
        (status = 401, description = "The code is wrong"),
        (status = 404, description = "Nothing was begun, or too long ago"),
        (status = 409, description = "It is on already"),
        Refusals,
    )
)]
pub(super) async fn confirm_factor(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<CodeBody>,
) -> Result<impl IntoResponse, Fault> {
    let Enrolled {
        backup_codes,
        entered,
    } = edge
        .app
        .factors
        .confirm(&viewer, &body.code, &client)
        .await?;
    let cookie = kept(&edge, &entered);
    let tokens = entered.tokens.map(TokensView::from);
    let enrolled = EnrolledView {
        backup_codes,
        tokens,
    };
    Ok((FRESH, cookie, Body(enrolled)))
}

/// Makes new backup codes
///
/// The old ones end.
#[utoipa::path(
    post, path = "/account/factor/codes", tag = "account", security(("session" = [])),
    request_body = CodeBody,
    responses(
        (status = 200, description = "The new ones", body = BackupCodes),
        (status = 401, description = "The code is wrong"),
        (status = 404, description = "No factor is on"),
        Refusals,
    )
)]
pub(super) async fn renew_codes(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<CodeBody>,
) -> Result<impl IntoResponse, Fault> {
    let backup_codes = edge
        .app
        .factors
        .regenerate(&viewer, &body.code, &client)
        .await?;
    Ok((FRESH, Body(BackupCodes { backup_codes })))
}

/// Turns the second factor off
///
/// The session that asks ends, with its streams and refresh token; the answer brings a new one, as signing in does.
#[utoipa::path(
    post, path = "/account/factor/disable", tag = "account", security(("session" = [])),
    request_body = DisableBody,
    responses(
        (status = 200, description = "It is off; signed in anew", body = LoggedIn),
        (status = 401, description = "The code is wrong"),
        (status = 403, description = "The password is wrong"),
        (status = 404, description = "No factor is on"),
        Refusals,
    )
)]
pub(super) async fn disable_factor(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<DisableBody>,
) -> Result<impl IntoResponse, Fault> {
    let DisableBody {
        current_password,
        code,
    } = body;
    let factors = &edge.app.factors;
    let entered = factors
        .disable(&viewer, &current_password, &code, &client)
        .await?;
    Ok((FRESH, logged_in(&edge, entered)))
}
