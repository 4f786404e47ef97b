//! The second factor: turned on in two steps, turned off with itself. Plain forms of `/profile/factor`.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// The page of the second factor.
pub const FACTOR: &str = "/profile/factor";

/// Names under which failures travel back.
pub const BEGIN_FORM: &str = "factor-begin";
pub const CONFIRM_FORM: &str = "factor-confirm";
pub const RENEW_FORM: &str = "factor-renew";
pub const OFF_FORM: &str = "factor-off";

/// Name under which the secret travels to the page that shows it.
pub const SECRET: &str = "factor-secret";
/// Name under which new backup codes travel to the page that shows them.
pub const CODES: &str = "factor-codes";

/// Makes a secret for an app. It is of no effect until a code of it has been told.
///
/// # Errors
/// `wrong_password`, `conflict` when a factor is on, `rate_limited`.
#[server(output = Answer)]
pub async fn begin_factor(#[server(default)] current_password: String) -> Result<String, RpcError> {
    use super::{form, once, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let enrolment = app
            .factors
            .begin(&viewer, &current_password, &session::client()?)
            .await?;
        let secret = once::Secret {
            secret: enrolment.secret.clone(),
            uri: enrolment.uri.clone(),
        };
        once::hand_over(viewer.session_id, SECRET, secret).await?;
        Ok(FACTOR.to_owned())
    };
    form::settle(BEGIN_FORM, FACTOR, &[], outcome.await)
}

/// Turns the factor on: `code` shows that the app has the secret. The secret comes along from the page, to be shown
/// again after a slip; what counts is the server's own copy.
///
/// # Errors
/// `factor_wrong`, `validation` (`code`), `not_found` when nothing was begun, `rate_limited`.
#[server(output = Answer)]
pub async fn confirm_factor(
    #[server(default)] code: String,
    #[server(default)] secret: String,
    #[server(default)] uri: String,
) -> Result<String, RpcError> {
    use super::{form, once, session};
    use parlance_core::domain::ProblemCode;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let enrolled = app
            .factors
            .confirm(&viewer, &code, &session::client()?)
            .await?;
        session::keep(&enrolled.entered);
        let session = enrolled.entered.session_id;
        once::hand_over(session, CODES, enrolled.backup_codes).await?;
        Ok(format!("{FACTOR}?done=factor"))
    };
    let outcome: Result<_, RpcError> = outcome.await;
    if let Err(RpcError(problem)) = &outcome
        && form::is_form_request()
        && matches!(
            problem.code,
            ProblemCode::FactorWrong | ProblemCode::Validation
        )
    {
        let session = session::viewer()?.session_id;
        once::hand_over(session, SECRET, once::Secret { secret, uri }).await?;
    }
    form::settle(CONFIRM_FORM, FACTOR, &[], outcome)
}

/// Makes new backup codes; the old ones end.
///
/// # Errors
/// `factor_wrong`, `validation` (`code`), `rate_limited`.
#[server(output = Answer)]
pub async fn renew_codes(#[server(default)] code: String) -> Result<String, RpcError> {
    use super::{form, once, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let codes = app
            .factors
            .regenerate(&viewer, &code, &session::client()?)
            .await?;
        once::hand_over(viewer.session_id, CODES, codes).await?;
        Ok(FACTOR.to_owned())
    };
    form::settle(RENEW_FORM, FACTOR, &[], outcome.await)
}

/// Turns the factor off.
///
/// # Errors
/// `wrong_password`, `factor_wrong`, `validation` (`code`, `current_password`), `rate_limited`.
#[server(output = Answer)]
pub async fn disable_factor(
    #[server(default)] current_password: String,
    #[server(default)] code: String,
) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let entered = app
            .factors
            .disable(&viewer, &current_password, &code, &session::client()?)
            .await?;
        session::keep(&entered);
        Ok(format!("{FACTOR}?done=factor-off"))
    };
    form::settle(OFF_FORM, FACTOR, &[], outcome.await)
}
