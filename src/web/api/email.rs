//! Another e-mail address: `/user/me/email`, and the one that waits to be confirmed.

use axum::{
    Json as Body,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Timestamp, User};
use parlance_server::service::accounts::{ChangeEmail, EmailChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{auth::LetterSent, refusals::Refusals};
use crate::web::{
    error::Fault,
    extract::{Client, Json, Signed},
    state::Edge,
};

/// Another address.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EmailBody {
    #[schema(required = true)]
    #[serde(alias = "new_email")]
    email: String,
    #[schema(required = true)]
    current_password: String,
}

/// Whether the account is about to move.
#[derive(Serialize, ToSchema)]
pub(super) struct EmailChangeView {
    /// `null` when no address waits.
    waiting: Option<WantedView>,
}

/// An address that waits for its letter to be answered.
#[derive(Serialize, ToSchema)]
pub(super) struct WantedView {
    email: String,
    /// When the last letter to it ends.
    expires_at: Timestamp,
}

/// Changes the e-mail address
///
/// Where addresses must be confirmed, this answers 202 for every address, whether somebody has it or not: the account moves
/// to it by `POST /auth/verify` with the token of the letter that goes there. Elsewhere it has the address at once,
/// unconfirmed. The old one is told when it is no longer the account's.
#[utoipa::path(
    post, path = "/user/me/email", tag = "account", security(("session" = [])), request_body = EmailBody,
    responses(
        (status = 200, description = "The account, which has the address", body = User),
        (status = 202, description = "A letter is on its way to the address", body = LetterSent),
        (status = 403, description = "`wrong_password`: the current password is missing or wrong"),
        (status = 409, description = "The address is taken"),
        (status = 422, description = "The address needs a change"),
        Refusals,
    )
)]
pub(super) async fn change_email(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<EmailBody>,
) -> Result<Response, Fault> {
    let change = ChangeEmail {
        email: body.email,
        current_password: body.current_password,
    };
    let accounts = &edge.app.accounts;
    Ok(
        match accounts.change_email(&viewer, change, &client).await? {
            EmailChange::Done(user) => Body(*user).into_response(),
            EmailChange::LetterSent => {
                (StatusCode::ACCEPTED, Body(LetterSent::new())).into_response()
            }
        },
    )
}

/// Tells which address waits to be confirmed in the place of the account's
#[utoipa::path(
    get, path = "/account/email-change", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The one that waits, if one does", body = EmailChangeView), Refusals)
)]
pub(super) async fn get_email_change(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<EmailChangeView>, Fault> {
    let wanted = edge.app.accounts.wanted_email(&viewer).await?;
    let waiting = wanted.map(|wanted| WantedView {
        email: wanted.email,
        expires_at: wanted.expires_at,
    });
    Ok(Body(EmailChangeView { waiting }))
}

/// Keeps the address that the account has
///
/// The letters to the one that waits lead nowhere from then on. No error when none waits.
#[utoipa::path(
    delete, path = "/account/email-change", tag = "account", security(("session" = [])),
    responses((status = 204, description = "None waits"), Refusals)
)]
pub(super) async fn cancel_email_change(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<StatusCode, Fault> {
    edge.app.accounts.keep_email(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the letter to the address that waits, once more
#[utoipa::path(
    post, path = "/account/email-change/letter", tag = "account", security(("session" = [])),
    responses(
        (status = 204, description = "It is on its way, unless there are several already"),
        (status = 404, description = "No address waits"),
        Refusals,
    )
)]
pub(super) async fn send_email_change_letter(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
) -> Result<StatusCode, Fault> {
    let accounts = &edge.app.accounts;
    accounts.ask_change_letter(&viewer, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
