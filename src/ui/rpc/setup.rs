//! The first administrator, made with the token that the server's first start wrote down.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Name under which a failure travels back.
pub const SETUP_FORM: &str = "setup";

/// Makes the first administrator and signs them in. Answers the path to go to.
///
/// # Errors
/// `token_invalid`, `validation` with the fields of a registration, `rate_limited`.
#[server(output = Answer)]
pub async fn set_up(
    #[server(default)] token: String,
    #[server(default)] username: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
) -> Result<String, RpcError> {
    use super::{accounts::enter, form, links::with_token, session};
    use parlance_server::service::accounts::Register;

    let command = Register {
        username: username.clone(),
        email: email.clone(),
        password,
        password_confirmation: Some(password_confirmation),
    };
    let outcome = async {
        let accounts = session::app()?.accounts;
        let entered = accounts.setup(&token, command, &session::client()?).await?;
        enter(&accounts, &entered, "").await
    };
    let outcome = outcome.await;
    let typed = [("username", username.as_str()), ("email", email.as_str())];
    form::settle(SETUP_FORM, &with_token("/setup", &token), &typed, outcome)
}
