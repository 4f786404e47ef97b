//! Accounts in the words of other front ends, and what their owners change: `/user`.

use axum::{Json as Body, extract::State, http::HeaderMap, response::IntoResponse};
use parlance_core::domain::User;
use parlance_server::service::accounts::ChangePassword;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    auth::{
        self, Caller, LetterSent, LoggedIn, LoginBody, RegisterBody, Registered, logged_in,
        tokens::{self, Holder, RefreshBody, RefreshedView},
    },
    refusals::Refusals,
};
use crate::web::{
    error::Fault,
    extract::{Client, Json, JsonIfAny, MaybeSigned, Signed},
    state::Edge,
};

/// Another name.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UsernameBody {
    #[schema(required = true)]
    #[serde(alias = "new_username")]
    username: String,
}

/// Another password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PasswordBody {
    #[schema(required = true)]
    current_password: String,
    #[schema(required = true)]
    #[serde(alias = "new_password")]
    password: String,
    /// Must equal `password` if it is there.
    password_confirmation: Option<String>,
}

/// Makes an account and signs in (as `/auth/register`)
#[utoipa::path(
    post, path = "/user/register", tag = "auth", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account exists and is signed in", body = Registered),
        (status = 202, description = "A letter is on its way to the address", body = LetterSent),
        (status = 409, description = "User name or e-mail is taken"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn user_register(
    edge: State<Edge>,
    caller: Caller,
    before: MaybeSigned,
    body: Json<RegisterBody>,
) -> Result<impl IntoResponse, Fault> {
    auth::register(edge, caller, before, body).await
}

/// Signs in (as `/auth/login`)
#[utoipa::path(
    post, path = "/user/login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, description = "Signed in", body = LoggedIn),
        (status = 401, description = "E-mail or password is wrong, or a second factor is needed"),
        Refusals,
    )
)]
pub(super) async fn user_login(
    edge: State<Edge>,
    caller: Caller,
    before: MaybeSigned,
    body: Json<LoginBody>,
) -> Result<impl IntoResponse, Fault> {
    auth::login(edge, caller, before, body).await
}

/// Renews a pair of tokens (as `/auth/refresh`)
#[utoipa::path(
    post, path = "/user/refresh", tag = "auth", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair", body = RefreshedView),
        (status = 401, description = "The token is unknown, too old, or was used before"),
        (status = 409, description = "Another request has used it a moment ago"),
        Refusals,
    )
)]
pub(super) async fn user_refresh(
    edge: State<Edge>,
    client: Client,
    headers: HeaderMap,
    body: JsonIfAny<RefreshBody>,
) -> Result<Body<RefreshedView>, Fault> {
    tokens::refresh(edge, client, headers, body).await
}

/// Signs out (as `/auth/logout`)
#[utoipa::path(
    post, path = "/user/logout", tag = "auth",
    responses((status = 204, description = "Signed out"), Refusals)
)]
pub(super) async fn user_logout(
    edge: State<Edge>,
    viewer: MaybeSigned,
    client: Client,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Fault> {
    auth::logout(edge, viewer, client, headers).await
}

/// Tells about the account
#[utoipa::path(
    get, path = "/user/me", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The account", body = User), Refusals)
)]
pub(super) async fn me(Signed(viewer): Signed) -> Body<User> {
    Body(viewer.user)
}

/// Changes the name
#[utoipa::path(
    post, path = "/user/me/username", tag = "account", security(("session" = [])), request_body = UsernameBody,
    responses(
        (status = 200, description = "The account", body = User),
        (status = 409, description = "The name is taken"),
        (status = 422, description = "The name needs a change"),
        Refusals,
    )
)]
pub(super) async fn change_username(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<UsernameBody>,
) -> Result<Body<User>, Fault> {
    let accounts = &edge.app.accounts;
    let user = accounts.rename(&viewer, &body.username, &client).await?;
    Ok(Body(user))
}

/// Changes the password
///
/// All sessions end, with their streams and refresh tokens; the answer brings a new one of the same kind. API keys stay.
/// Besides what signs every request, the newest refresh token in a header will do.
#[utoipa::path(
    post, path = "/user/me/password", tag = "account", security(("session" = [])), request_body = PasswordBody,
    responses(
        (status = 200, description = "Signed in anew", body = LoggedIn),
        (status = 403, description = "`wrong_password`: the current password is missing or wrong"),
        (status = 422, description = "The password needs a change"),
        Refusals,
    )
)]
pub(super) async fn change_password(
    State(edge): State<Edge>,
    Holder(viewer): Holder,
    Caller(client): Caller,
    Json(body): Json<PasswordBody>,
) -> Result<impl IntoResponse, Fault> {
    let change = ChangePassword {
        current_password: body.current_password,
        password: body.password,
        password_confirmation: body.password_confirmation,
    };
    let accounts = &edge.app.accounts;
    let entered = accounts.change_password(&viewer, change, &client).await?;
    Ok(logged_in(&edge, entered))
}
