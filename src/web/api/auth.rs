//! Making an account, signing in, signing out.

pub(super) mod links;
pub(super) mod tokens;

use axum::{
    Json as Body,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::{AppendHeaders, IntoResponse, IntoResponseParts, Response},
};
use parlance_core::domain::{DeviceKind, Problem, ProblemCode, User, UserId};
use parlance_server::service::{
    self, Viewer,
    accounts::{self, Entered, Register, Step},
};
use parlance_ui::rpc::session::CLEAR_SITE_DATA;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::tokens::TokensView;
use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{self, Json, MaybeSigned, Signed},
    session,
    state::Edge,
};

/// An account to be made. A member that is absent counts as empty, so that one answer names all that
/// are missing.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RegisterBody {
    /// 3 to 50 characters; 2 are enough if one is Chinese, Japanese or Korean.
    #[schema(required = true)]
    pub(super) username: String,
    #[schema(required = true)]
    pub(super) email: String,
    /// At least 8 characters, with a letter and a digit if fewer than 15, and none that many people use.
    #[schema(required = true)]
    pub(super) password: String,
    /// Must equal `password` if it is there.
    pub(super) password_confirmation: Option<String>,
}

impl From<RegisterBody> for Register {
    fn from(body: RegisterBody) -> Self {
        Self {
            username: body.username,
            email: body.email,
            password: body.password,
            password_confirmation: body.password_confirmation,
        }
    }
}

/// A new account. The tokens are for programs; a browser's own request gets the cookie alone.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    success: bool,
    message: String,
    user_id: UserId,
    user: User,
    #[serde(flatten)]
    tokens: Option<TokensView>,
}

/// What was asked for is done by the link of a letter.
#[derive(Serialize, ToSchema)]
pub(super) struct LetterSent {
    success: bool,
    message: String,
}

impl LetterSent {
    pub(super) fn new() -> Self {
        Self {
            success: true,
            message: "Look into your mail".to_owned(),
        }
    }
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

/// A signed-in person. The tokens are for programs; a browser's own request gets the cookie alone.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    success: bool,
    message: String,
    user: User,
    #[serde(flatten)]
    tokens: Option<TokensView>,
}

/// The second step of a sign-in.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FactorBody {
    /// Of the problem `factor_required`.
    #[schema(required = true)]
    challenge: String,
    /// Six digits of the app, or a backup code.
    #[schema(required = true)]
    code: String,
}

/// Where a request that begins a session comes from, and what the session is for: a browser says how it fetches
/// (W3C Fetch Metadata), and gets a cookie alone, which no script can read; everything else gets tokens too.
pub(super) struct Caller(pub(super) service::Client);

impl FromRequestParts<Edge> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Self::Rejection> {
        let extract::Client(mut client) = extract::Client::from_request_parts(parts, edge).await?;
        client.kind = if parts.headers.contains_key("sec-fetch-mode") {
            DeviceKind::Browser
        } else {
            DeviceKind::Api
        };
        Ok(Self(client))
    }
}

/// Makes an account and signs in
///
/// Sets the session's cookie, and answers with a pair of tokens unless a browser asks. Where addresses must be confirmed,
/// the account is made by `POST /auth/verify` with the token of a letter, and a password, since whoever reads the letter may
/// be somebody else; then this answers 202 for every address, whether somebody has it or not.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account exists and is signed in", body = Registered),
        (status = 202, description = "A letter is on its way to the address", body = LetterSent),
        (status = 409, description = "User name or e-mail is taken"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn register(
    State(edge): State<Edge>,
    Caller(client): Caller,
    MaybeSigned(before): MaybeSigned,
    Json(body): Json<RegisterBody>,
) -> Result<Response, Fault> {
    match edge.app.accounts.register(body.into(), &client).await? {
        accounts::Registered::Entered(entered) => {
            replaced(&edge, before, &entered, &client).await;
            Ok(registered(&edge, *entered).into_response())
        }
        accounts::Registered::LetterSent => {
            Ok((StatusCode::ACCEPTED, Body(LetterSent::new())).into_response())
        }
    }
}

/// Signs in
///
/// Sets the session's cookie, which is all that later requests need. Programs (whatever sends no `Sec-Fetch-Mode`) get
/// a pair of tokens too: `Authorization: Bearer {access_token}` instead of the cookie, and `POST /auth/refresh` for the
/// next pair. Where a second factor is on: 401 `factor_required` with a `challenge` for `POST /auth/factor`.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, description = "Signed in", body = LoggedIn),
        (status = 401, description = "E-mail or password is wrong, or a second factor is needed"),
        Refusals,
    )
)]
pub(super) async fn login(
    State(edge): State<Edge>,
    Caller(client): Caller,
    MaybeSigned(before): MaybeSigned,
    Json(body): Json<LoginBody>,
) -> Result<impl IntoResponse, Fault> {
    let accounts = &edge.app.accounts;
    match accounts
        .sign_in(&body.email, &body.password, &client)
        .await?
    {
        Step::Entered(entered) => {
            replaced(&edge, before, &entered, &client).await;
            Ok(logged_in(&edge, *entered))
        }
        Step::FactorNeeded { challenge, .. } => Err(Problem {
            challenge: Some(challenge),
            ..Problem::new(ProblemCode::FactorRequired)
        }
        .into()),
    }
}

/// Ends a sign-in with the second factor
#[utoipa::path(
    post, path = "/auth/factor", tag = "auth", request_body = FactorBody,
    responses(
        (status = 200, description = "Signed in", body = LoggedIn),
        (status = 400, description = "The challenge is too old, or was used or tried too often: begin again"),
        (status = 401, description = "The code is wrong"),
        Refusals,
    )
)]
pub(super) async fn factor(
    State(edge): State<Edge>,
    Caller(client): Caller,
    MaybeSigned(before): MaybeSigned,
    Json(body): Json<FactorBody>,
) -> Result<impl IntoResponse, Fault> {
    let accounts = &edge.app.accounts;
    let entered = accounts
        .sign_in_factor(&body.challenge, &body.code, &client)
        .await?;
    replaced(&edge, before, &entered, &client).await;
    Ok(logged_in(&edge, entered))
}

/// Signs out
///
/// Ends the session on the server, closes its streams, and clears the cookie and what the browser kept. A refresh token in
/// a header names its session too. Without a session: nothing to do, the same answer.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth",
    responses((status = 204, description = "Signed out"), Refusals)
)]
pub(super) async fn logout(
    State(edge): State<Edge>,
    MaybeSigned(viewer): MaybeSigned,
    extract::Client(client): extract::Client,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Fault> {
    let accounts = &edge.app.accounts;
    let viewer = match (viewer, session::refresh_token(&headers)) {
        (None, Some(token)) => accounts.refresh_viewer(&token).await?,
        (viewer, _) => viewer,
    };
    if let Some(viewer) = viewer {
        accounts.sign_out(&viewer, &client).await?;
    }
    Ok((StatusCode::NO_CONTENT, forgotten(&edge)))
}

/// Signs out everywhere
///
/// Ends all sessions of this person, this one too, and closes their streams. API keys stay.
#[utoipa::path(
    post, path = "/auth/logout/everywhere", tag = "auth", security(("session" = [])),
    responses((status = 204, description = "Signed out"), Refusals)
)]
pub(super) async fn logout_everywhere(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    extract::Client(client): extract::Client,
) -> Result<impl IntoResponse, Fault> {
    let accounts = &edge.app.accounts;
    accounts.sign_out_everywhere(&viewer, &client).await?;
    Ok((StatusCode::NO_CONTENT, forgotten(&edge)))
}

/// Ends the session that the browser came with, if it did.
pub(super) async fn replaced(
    edge: &Edge,
    before: Option<Viewer>,
    entered: &Entered,
    client: &service::Client,
) {
    if let Some(before) = before {
        edge.app.accounts.replaced(&before, entered, client).await;
    }
}

pub(super) fn registered(edge: &Edge, entered: Entered) -> impl IntoResponse + use<> {
    let cookie = kept(edge, &entered);
    let registered = Registered {
        success: true,
        message: "Registered".to_owned(),
        user_id: entered.user.id,
        user: entered.user,
        tokens: entered.tokens.map(TokensView::from),
    };
    (StatusCode::CREATED, cookie, Body(registered))
}

pub(super) fn logged_in(edge: &Edge, entered: Entered) -> impl IntoResponse + use<> {
    let cookie = kept(edge, &entered);
    let logged_in = LoggedIn {
        success: true,
        message: "Signed in".to_owned(),
        user: entered.user,
        tokens: entered.tokens.map(TokensView::from),
    };
    (cookie, Body(logged_in))
}

pub(super) fn kept(edge: &Edge, entered: &Entered) -> impl IntoResponseParts + use<> {
    AppendHeaders([(
        header::SET_COOKIE,
        edge.cookie.set(&entered.token, entered.max_age_seconds),
    )])
}

/// What makes a browser forget the person.
pub(super) fn forgotten(edge: &Edge) -> impl IntoResponse + use<> {
    AppendHeaders([
        (header::SET_COOKIE, edge.cookie.clear()),
        (
            HeaderName::from_static("clear-site-data"),
            CLEAR_SITE_DATA.to_owned(),
        ),
    ])
}
