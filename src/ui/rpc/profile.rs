//! The account itself: name, address, password, and its end. Plain forms of `/profile`; each leads back to its page,
//! which says what was done.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Where a person finds what concerns their account.
pub const PROFILE: &str = "/profile";
/// The page of the password.
pub const PASSWORD: &str = "/profile/password";
/// The page of what is kept, and of its end.
pub const DATA: &str = "/profile/data";

/// Names under which failures travel back.
pub const NAME_FORM: &str = "profile-name";
pub const EMAIL_FORM: &str = "profile-email";
pub const LETTER_FORM: &str = "profile-letter";
pub const WANTED_FORM: &str = "profile-wanted";
pub const PASSWORD_FORM: &str = "profile-password";
pub const DELETE_FORM: &str = "profile-delete";

/// Takes another name.
///
/// # Errors
/// `validation` (`username`).
#[server(output = Answer)]
pub async fn save_name(#[server(default)] username: String) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let client = session::client()?;
        app.accounts.rename(&viewer, &username, &client).await?;
        Ok(format!("{PROFILE}?done=name"))
    };
    let typed = [("username", username.as_str())];
    form::settle(NAME_FORM, PROFILE, &typed, outcome.await)
}

/// Takes another address, with the current password; where addresses must be confirmed, when the letter there has been
/// answered.
///
/// # Errors
/// `validation` (`email`, `current_password`), `wrong_password`, `rate_limited`.
#[server(output = Answer)]
pub async fn save_email(
    #[server(default)] email: String,
    #[server(default)] current_password: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::accounts::{ChangeEmail, EmailChange};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let change = ChangeEmail {
            email: email.clone(),
            current_password,
        };
        let client = session::client()?;
        let done = match app.accounts.change_email(&viewer, change, &client).await? {
            EmailChange::Done(_) => "email",
            EmailChange::LetterSent => "letter",
        };
        Ok(format!("{PROFILE}?done={done}"))
    };
    let outcome = outcome.await;
    form::settle(EMAIL_FORM, PROFILE, &[("email", email.as_str())], outcome)
}

/// Sends the letter that confirms the address, once more. Answers `back` where it is a path of this site.
///
/// # Errors
/// `rate_limited`.
#[server(output = Answer)]
pub async fn send_verification(#[server(default)] back: String) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        app.accounts
            .ask_verification(&viewer, &session::client()?)
            .await?;
        Ok(format!("{PROFILE}?done=letter"))
    };
    let outcome = outcome.await;
    let back = form::own_path(&back).unwrap_or_else(|| PROFILE.to_owned());
    form::settle(LETTER_FORM, &back, &[], outcome)
}

/// Sends the letter to the address that waits to be confirmed, once more.
///
/// # Errors
/// `not_found` when none waits any more, `rate_limited`.
#[server(output = Answer)]
pub async fn send_email_letter() -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        app.accounts
            .ask_change_letter(&viewer, &session::client()?)
            .await?;
        Ok(format!("{PROFILE}?done=letter"))
    };
    form::settle(WANTED_FORM, PROFILE, &[], outcome.await)
}

/// Keeps the address that the account has: the one that waits is forgotten.
///
/// # Errors
/// `storage_unavailable`.
#[server(output = Answer)]
pub async fn keep_email() -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        app.accounts.keep_email(&viewer).await?;
        Ok(format!("{PROFILE}?done=email-kept"))
    };
    form::settle(WANTED_FORM, PROFILE, &[], outcome.await)
}

/// Takes another password. Every other device is signed out; this one goes on under a new session.
///
/// # Errors
/// `validation` (`current_password`, `password`, `password_confirmation`), `wrong_password`, `rate_limited`.
#[server(output = Answer)]
pub async fn save_password(
    #[server(default)] current_password: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::accounts::ChangePassword;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let change = ChangePassword {
            current_password,
            password,
            password_confirmation: Some(password_confirmation),
        };
        let entered = app
            .accounts
            .change_password(&viewer, change, &session::client()?)
            .await?;
        session::keep(&entered);
        Ok(format!("{PASSWORD}?done=password"))
    };
    form::settle(PASSWORD_FORM, PASSWORD, &[], outcome.await)
}

/// Ends the account and everything in it, when the person has typed the word that the page asked for.
///
/// # Errors
/// `validation` (`word`, `current_password`), `wrong_password`, `rate_limited`.
#[server(output = Answer)]
pub async fn delete_account(
    #[server(default)] current_password: String,
    #[server(default)] word: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use crate::i18n::history;
    use parlance_core::domain::{FieldCode, Problem, ProblemCode};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        if !history::is_the_word(&word) {
            let problem = Problem::new(ProblemCode::Validation).field("word", FieldCode::Malformed);
            return Err(RpcError::from(problem));
        }
        app.accounts
            .delete(&viewer, &current_password, &session::client()?)
            .await?;
        session::forget();
        Ok("/login?done=deleted".to_owned())
    };
    let outcome = outcome.await;
    form::settle(DELETE_FORM, DATA, &[("word", word.as_str())], outcome)
}
