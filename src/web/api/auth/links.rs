//! What the links in letters do, for programs; and the first admin.

use axum::{Json as Body, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, RegisterBody, Registered, registered, replaced};
use crate::web::{
    api::refusals::Refusals,
    error::Fault,
    extract::{Client, Json, MaybeSigned, Signed},
    state::Edge,
};

/// The token of a link.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct VerifyBody {
    #[schema(required = true)]
    token: String,
    /// Of the account that is to be made. Needed for the letter of a registration, and of no use for any other.
    password: Option<String>,
}

/// Who has forgotten the password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct ResetBody {
    #[schema(required = true)]
    email: String,
}

/// Another password, by the token of a link.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct ResetConfirmBody {
    #[schema(required = true)]
    token: String,
    #[schema(required = true)]
    password: String,
    /// Must equal `password` if it is there.
    password_confirmation: Option<String>,
}

/// The first admin.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct SetupBody {
    /// As the server said it when it started.
    #[schema(required = true)]
    token: String,
    #[schema(required = true)]
    username: String,
    #[schema(required = true)]
    email: String,
    #[schema(required = true)]
    password: String,
    /// Must equal `password` if it is there.
    password_confirmation: Option<String>,
}

/// Whether the first admin is still to be made.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct SetupView {
    is_open: bool,
}

/// Sends the letter that confirms the address, once more
#[utoipa::path(
    post, path = "/account/verification", tag = "account", security(("session" = [])),
    responses((status = 204, description = "It is on its way, unless the address is confirmed already"), Refusals)
)]
pub(in crate::web::api) async fn ask_verification(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
) -> Result<StatusCode, Fault> {
    edge.app.accounts.ask_verification(&viewer, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms an address by the token of a letter
///
/// Makes the account that waits for it, with this password, if the letter is one of a registration; moves the account to the
/// address, if it wanted another one. Signs nobody in.
#[utoipa::path(
    post, path = "/auth/verify", tag = "auth", request_body = VerifyBody,
    responses(
        (status = 204, description = "The address is confirmed"),
        (status = 400, description = "The token was used or is too old, or the account has another address now"),
        (status = 409, description = "The name of the account to be made, or the address that one shall move to, has been \
            taken since; the token stays good"),
        (status = 422, description = "The password is missing, or needs a change; the token stays good"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn verify(
    State(edge): State<Edge>,
    Client(client): Client,
    Json(body): Json<VerifyBody>,
) -> Result<StatusCode, Fault> {
    let password = body.password.unwrap_or_default();
    edge.app
        .accounts
        .verify_email(&body.token, password, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for a letter with a way to another password
///
/// The answer is the same whether anybody has the address.
#[utoipa::path(
    post, path = "/auth/reset", tag = "auth", request_body = ResetBody,
    responses(
        (status = 202, description = "If there is such an account, a letter is on its way"),
        (status = 422, description = "That is no e-mail address"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn ask_reset(
    State(edge): State<Edge>,
    Client(client): Client,
    Json(body): Json<ResetBody>,
) -> Result<StatusCode, Fault> {
    edge.app.accounts.ask_reset(&body.email, &client).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets another password by the token of a letter
///
/// All sessions and API keys end. It signs nobody in: a second factor stands as it did, unless it was turned on for an
/// address that nobody had shown to be theirs.
#[utoipa::path(
    post, path = "/auth/reset/confirm", tag = "auth", request_body = ResetConfirmBody,
    responses(
        (status = 204, description = "The password is another one"),
        (status = 400, description = "The token was used or is too old"),
        (status = 422, description = "The password needs a change"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn reset(
    State(edge): State<Edge>,
    Client(client): Client,
    Json(body): Json<ResetConfirmBody>,
) -> Result<StatusCode, Fault> {
    let ResetConfirmBody {
        token,
        password,
        password_confirmation,
    } = body;
    edge.app
        .accounts
        .reset_password(&token, password, password_confirmation, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells whether the first admin is still to be made
#[utoipa::path(
    get, path = "/setup", tag = "auth",
    responses((status = 200, description = "Whether it is", body = SetupView), Refusals)
)]
pub(in crate::web::api) async fn is_setup_open(
    State(edge): State<Edge>,
) -> Result<Body<SetupView>, Fault> {
    let is_open = edge.app.accounts.is_setup_open().await?;
    Ok(Body(SetupView { is_open }))
}

/// Makes the first admin
///
/// With the token that the server said when it started, which is good once. Signs in, as registering does.
#[utoipa::path(
    post, path = "/setup", tag = "auth", request_body = SetupBody,
    responses(
        (status = 201, description = "The account exists and is signed in", body = Registered),
        (status = 400, description = "That is not the token, or there is an admin"),
        (status = 409, description = "User name or e-mail is taken"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn setup(
    State(edge): State<Edge>,
    Caller(client): Caller,
    MaybeSigned(before): MaybeSigned,
    Json(body): Json<SetupBody>,
) -> Result<impl IntoResponse, Fault> {
    let SetupBody {
        token,
        username,
        email,
        password,
        password_confirmation,
    } = body;
    let register = RegisterBody {
        username,
        email,
        password,
        password_confirmation,
    };
    let accounts = &edge.app.accounts;
    let entered = accounts.setup(&token, register.into(), &client).await?;
    replaced(&edge, before, &entered, &client).await;
    Ok(registered(&edge, entered))
}
