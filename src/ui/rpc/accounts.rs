//! Registering, signing in and signing out: forms first, scripts second.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Name under which a failed registration travels back to its page.
pub const REGISTER_FORM: &str = "register";
/// Name under which a failed sign-in travels back to its page.
pub const LOGIN_FORM: &str = "login";
/// Where the second factor is asked for.
pub const FACTOR_PAGE: &str = "/factor";
/// Name under which the challenge of a sign-in travels to that page, and back to it.
pub const FACTOR_STEP: &str = "login-factor";
/// Name under which a failed sign-out travels back.
pub const LOGOUT_FORM: &str = "logout";

/// Where it is said that a letter is on its way.
pub const REGISTER_SENT: &str = "/register?sent=1";

/// Opens an account and signs in, or sends the letter that opens it. Answers the path to go to.
///
/// # Errors
/// `validation` with the fields, `registration_closed`, `rate_limited`.
#[server(output = Answer)]
pub async fn register(
    #[server(default)] username: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
    #[server(default)] next: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::accounts::{Register, Registered};

    let command = Register {
        username: username.clone(),
        email: email.clone(),
        password,
        password_confirmation: Some(password_confirmation),
    };
    let outcome = async {
        let accounts = session::app()?.accounts;
        match accounts.register(command, &session::client()?).await? {
            Registered::Entered(entered) => enter(&accounts, &entered, &next).await,
            Registered::LetterSent => Ok(REGISTER_SENT.to_owned()),
        }
    };
    let outcome = outcome.await;
    let typed = [("username", username.as_str()), ("email", email.as_str())];
    form::settle(REGISTER_FORM, &page("/register", &next), &typed, outcome)
}

/// Signs in. Answers the path to go to: the page that asks for the second factor, where there is one.
///
/// # Errors
/// `invalid_credentials` (or, where the operator chose to say more, `unknown_email`, `wrong_password`), `validation`,
/// `rate_limited`.
#[server(output = Answer)]
pub async fn login(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::accounts::Step;

    let back = page("/login", &next);
    let outcome = async {
        let app = session::app()?;
        match app
            .accounts
            .sign_in(&email, &password, &session::client()?)
            .await?
        {
            Step::Entered(entered) => enter(&app.accounts, &entered, &next).await,
            Step::FactorNeeded { challenge, .. } => {
                form::flash(factor_needed(challenge));
                Ok(page(FACTOR_PAGE, &next))
            }
        }
    };
    let outcome = outcome.await;
    form::settle(LOGIN_FORM, &back, &[("email", email.as_str())], outcome)
}

/// Signs in with the second factor, after the password. Answers the path to go to.
///
/// # Errors
/// `factor_wrong`, `token_invalid` when the challenge has ended, `validation` (`code`), `rate_limited`.
#[server(output = Answer)]
pub async fn login_factor(
    #[server(default)] challenge: String,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let accounts = session::app()?.accounts;
        let entered = accounts
            .sign_in_factor(&challenge, &code, &session::client()?)
            .await?;
        enter(&accounts, &entered, &next).await
    };
    let outcome = outcome.await;
    form::settle(
        FACTOR_STEP,
        &page(FACTOR_PAGE, &next),
        &[("challenge", challenge.as_str())],
        outcome,
    )
}

/// Ends the session. Answers the path to go to. A session that is gone already counts as ended.
///
/// # Errors
/// `storage_unavailable`.
#[server(output = Answer)]
pub async fn logout() -> Result<String, RpcError> {
    use super::{form, session};

    let ended = async {
        if let Ok(viewer) = session::viewer() {
            let client = session::client()?;
            session::app()?.accounts.sign_out(&viewer, &client).await?;
        }
        Ok(())
    };
    let outcome = ended.await.map(|()| {
        session::forget();
        "/".to_owned()
    });
    form::settle(LOGOUT_FORM, "/chat", &[], outcome)
}

/// Keeps the new session in the browser, in the place of the one it came with, and says where to go.
#[cfg(feature = "ssr")]
pub(super) async fn enter(
    accounts: &parlance_server::service::accounts::Accounts,
    entered: &parlance_server::service::accounts::Entered,
    next: &str,
) -> Result<String, RpcError> {
    use super::session;

    if let Ok(before) = session::viewer() {
        accounts
            .replaced(&before, entered, &session::client()?)
            .await;
    }
    session::keep(entered);
    Ok(super::form::own_path(next).unwrap_or_else(|| "/chat".to_owned()))
}

/// What the page that asks for a code begins with. It travels with scripts and without, and for a minute: whoever loads
/// the page again begins again.
#[cfg(feature = "ssr")]
fn factor_needed(challenge: String) -> super::form::Flash {
    use parlance_core::domain::{Problem, ProblemCode};

    super::form::Flash {
        form: FACTOR_STEP.to_owned(),
        fields: [("challenge".to_owned(), challenge)].into(),
        problem: Box::new(Problem::new(ProblemCode::FactorRequired)),
    }
}

/// A form's page, with the way onward kept.
#[cfg(feature = "ssr")]
fn page(path: &str, next: &str) -> String {
    match super::form::own_path(next) {
        Some(next) => format!(
            "{path}?next={}",
            leptos_router::location::Url::escape(&next)
        ),
        None => path.to_owned(),
    }
}
