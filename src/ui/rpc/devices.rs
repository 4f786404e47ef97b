//! Where a person is signed in, and ending it there. Plain forms of `/profile/devices`.

use leptos::prelude::*;
use parlance_core::domain::SessionId;

use super::{answer::Answer, problem::RpcError};

/// The page of the devices.
pub const DEVICES: &str = "/profile/devices";

/// Name under which a failure travels back.
pub const DEVICES_FORM: &str = "devices";

/// Signs one device out. One that is gone already counts as signed out.
///
/// # Errors
/// Storage only.
#[server(output = Answer)]
pub async fn sign_out_device(session_id: SessionId) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::Error;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let client = session::client()?;
        match app
            .accounts
            .revoke_device(&viewer, session_id, &client)
            .await
        {
            Ok(()) | Err(Error::NotFound) => Ok(format!("{DEVICES}?done=device")),
            Err(error) => Err(error.into()),
        }
    };
    form::settle(DEVICES_FORM, DEVICES, &[], outcome.await)
}

/// Signs all devices out but the one that asks.
///
/// # Errors
/// Storage only.
#[server(output = Answer)]
pub async fn sign_out_others() -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let client = session::client()?;
        app.accounts.revoke_others(&viewer, &client).await?;
        Ok(format!("{DEVICES}?done=others"))
    };
    form::settle(DEVICES_FORM, DEVICES, &[], outcome.await)
}
