//! Making an account, signing in, signing out.

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use parlance_core::domain::{User, UserId};
use parlance_server::service::accounts::{Entered, Register};
use parlance_ui::rpc::session::CLEAR_SITE_DATA;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Client, Json, MaybeSigned},
    state::Edge,
};

/// An account to be made. A member that is absent counts as empty, so that one answer names all that
/// are missing.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RegisterBody {
    /// 3 to 50 characters; 2 are enough if one is Chinese, Japanese or Korean.
    #[schema(required = true)]
    username: String,
    #[schema(required = true)]
    email: String,
    /// At least 8 characters, with a letter and a digit if fewer than 15.
    #[schema(required = true)]
    password: String,
    /// Must equal `password` if it is there.
    password_confirmation: Option<String>,
}

/// A new account.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    success: bool,
    message: String,
    user_id: UserId,
    user: User,
}

/// Credentials.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LoginBody {
    #[schema(required = true)]
    email: String,
    #[schema(required = true)]
    password: String,
}

/// A signed-in person.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    success: bool,
    message: String,
    user: User,
}

/// Makes an account and signs in
///
/// Sets the session's cookie.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account exists and is signed in", body = Registered),
        (status = 409, description = "User name or e-mail is taken"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn register(
    State(edge): State<Edge>,
    Client(client): Client,
    Json(body): Json<RegisterBody>,
) -> Result<impl IntoResponse, Fault> {
    let RegisterBody {
        username,
        email,
        password,
        password_confirmation,
    } = body;
    let register = Register {
        username,
        email,
        password,
        password_confirmation,
    };
    let entered = edge.app.accounts.register(register, &client).await?;
    let cookie = kept(&edge, &entered);
    let registered = Registered {
        success: true,
        message: "Registered".to_owned(),
        user_id: entered.user.id,
        user: entered.user,
    };
    Ok((StatusCode::CREATED, cookie, axum::Json(registered)))
}

/// Signs in
///
/// Sets the session's cookie, which is all that later requests need. Tokens for clients without cookies
/// (`access_token`, `refresh_token`) are not issued yet, and the answer has no such members.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, description = "Signed in", body = LoggedIn),
        (status = 401, description = "E-mail or password is wrong"),
        Refusals,
    )
)]
pub(super) async fn login(
    State(edge): State<Edge>,
    Client(client): Client,
    Json(body): Json<LoginBody>,
) -> Result<impl IntoResponse, Fault> {
    let entered = edge
        .app
        .accounts
        .sign_in(&body.email, &body.password, &client)
        .await?;
    let cookie = kept(&edge, &entered);
    let message = "Signed in".to_owned();
    Ok((
        cookie,
        axum::Json(LoggedIn {
            success: true,
            message,
            user: entered.user,
        }),
    ))
}

/// Signs out
///
/// Ends the session on the server, closes its streams, and clears the cookie and what the browser kept. Without a session: nothing
/// to do, the same answer.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth",
    responses((status = 204, description = "Signed out"), Refusals)
)]
pub(super) async fn logout(
    State(edge): State<Edge>,
    MaybeSigned(viewer): MaybeSigned,
) -> Result<impl IntoResponse, Fault> {
    if let Some(viewer) = viewer {
        edge.app.accounts.sign_out(&viewer).await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([
            (header::SET_COOKIE, edge.cookie.clear()),
            (
                HeaderName::from_static("clear-site-data"),
                CLEAR_SITE_DATA.to_owned(),
            ),
        ]),
    ))
}

fn kept(edge: &Edge, entered: &Entered) -> impl axum::response::IntoResponseParts + use<> {
    AppendHeaders([(
        header::SET_COOKIE,
        edge.cookie.set(&entered.token, entered.max_age_seconds),
    )])
}
