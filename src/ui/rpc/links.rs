//! What the links in letters lead to: a new password, a confirmed address. A link is a page with a form, since programs
//! that look through mail open every link and must change nothing by it.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Names under which failures travel back.
pub const FORGOT_FORM: &str = "forgot";
pub const RESET_FORM: &str = "reset";
pub const VERIFY_FORM: &str = "verify";

/// Asks for a letter with a link to a new password. The answer is the same whether anybody has the address.
///
/// # Errors
/// `validation` (`email`), `rate_limited`.
#[server(output = Answer)]
pub async fn ask_reset(#[server(default)] email: String) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        session::app()?
            .accounts
            .ask_reset(&email, &session::client()?)
            .await?;
        Ok("/forgot?sent=1".to_owned())
    };
    let outcome = outcome.await;
    form::settle(
        FORGOT_FORM,
        "/forgot",
        &[("email", email.as_str())],
        outcome,
    )
}

/// Sets a new password by the token of a letter. Nobody is signed in by it.
///
/// # Errors
/// `token_invalid`, `validation` (`password`, `password_confirmation`).
#[server(output = Answer)]
pub async fn reset_password(
    #[server(default)] token: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        session::app()?
            .accounts
            .reset_password(
                &token,
                password,
                Some(password_confirmation),
                &session::client()?,
            )
            .await?;
        Ok("/login?done=reset".to_owned())
    };
    let outcome = outcome.await;
    form::settle(RESET_FORM, &with_token("/reset", &token), &[], outcome)
}

/// Confirms an address by the token of a letter, and moves the account to it that wanted it; or makes the account that waits for it, with this password, which no
/// other letter asks for.
///
/// # Errors
/// `token_invalid`; where an account waits `validation` (`password`), and `conflict` when its name has been taken since, or
/// the address.
#[server(output = Answer)]
pub async fn verify_email(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        session::app()?
            .accounts
            .verify_email(&token, password, &session::client()?)
            .await?;
        Ok("/verify?done=1".to_owned())
    };
    let outcome = outcome.await;
    form::settle(VERIFY_FORM, &with_token("/verify", &token), &[], outcome)
}

/// Name and address of the account that waits for this token, if one does. Looking changes nothing. Where it cannot be looked
/// up, sending the form says so.
#[cfg(feature = "ssr")]
pub(crate) async fn waiting(token: &str) -> Option<(String, String)> {
    let accounts = super::session::app().ok()?.accounts;
    let waiting = accounts.waiting(token).await.ok()??;
    Some((waiting.username, waiting.email))
}

/// The page of a link. Tokens are short; what is not one is left out.
#[cfg(feature = "ssr")]
pub(super) fn with_token(path: &str, token: &str) -> String {
    if token.is_empty() || token.len() > 256 {
        return path.to_owned();
    }
    let token = leptos_router::location::Url::escape(token);
    format!("{path}?token={token}")
}
