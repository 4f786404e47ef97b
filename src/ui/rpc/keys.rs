//! Keys for programs that speak for a person. Plain forms of `/profile/keys`.

use leptos::prelude::*;
use parlance_core::domain::ApiKeyId;

use super::{answer::Answer, problem::RpcError};

/// The page of the keys.
pub const KEYS: &str = "/profile/keys";

/// Names under which failures travel back.
pub const MAKE_FORM: &str = "key-make";
pub const REVOKE_FORM: &str = "key-revoke";

/// Name under which a new key travels to the page that shows it.
pub const MADE: &str = "key-made";

/// Makes a key, with the current password.
///
/// # Errors
/// `validation` (`name`, `current_password`), `wrong_password`, `rate_limited`.
#[server(output = Answer)]
pub async fn make_key(
    #[server(default)] name: String,
    #[server(default)] current_password: String,
) -> Result<String, RpcError> {
    use super::{form, once, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let (made, key) = app
            .accounts
            .make_api_key(&viewer, &name, &current_password, &session::client()?)
            .await?;
        let name = made.name;
        once::hand_over(viewer.session_id, MADE, once::MadeKey { name, key }).await?;
        Ok(KEYS.to_owned())
    };
    let outcome = outcome.await;
    form::settle(MAKE_FORM, KEYS, &[("name", name.as_str())], outcome)
}

/// Ends a key. One that is gone already counts as ended.
///
/// # Errors
/// Storage only.
#[server(output = Answer)]
pub async fn revoke_key(key_id: ApiKeyId) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::Error;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let client = session::client()?;
        match app.accounts.revoke_api_key(&viewer, key_id, &client).await {
            Ok(()) | Err(Error::NotFound) => Ok(format!("{KEYS}?done=key")),
            Err(error) => Err(error.into()),
        }
    };
    form::settle(REVOKE_FORM, KEYS, &[], outcome.await)
}
