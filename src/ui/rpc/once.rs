//! What is shown a single time: keys and codes of which the server keeps no copy that could be read.
//!
//! The form that makes them is answered with 303, so they travel to the next page in a cookie that scripts cannot read,
//! sealed for the session (`service::handover`), and are gone from it when that page has shown them. Server only. Must not
//! enter: what a person typed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parlance_core::domain::SessionId;
use parlance_server::service::handover::HANDOVER_SECONDS;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    form::{cookie, keep_cookie, own_name},
    problem::RpcError,
    session,
};

#[derive(Serialize, Deserialize)]
struct Sheet<T> {
    of: String,
    what: T,
}

/// What begins to work when it is turned on: the shared secret, and the same as an address for apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Base32.
    pub secret: String,
    /// `otpauth://…`
    pub uri: String,
}

/// A key that has just been made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    pub name: String,
    pub key: String,
}

/// Hands `what` to the next page of this session that asks for `of`. The session is the viewer's own, or the one that has
/// just taken its place.
///
/// # Errors
/// `unauthenticated`, and the vault's.
pub async fn hand_over(session: SessionId, of: &str, what: impl Serialize) -> Result<(), RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let sheet = Sheet {
        of: of.to_owned(),
        what,
    };
    let Ok(json) = serde_json::to_vec(&sheet) else {
        // Plain data with text keys always can be written.
        return Ok(());
    };
    let sealed = app.handover.seal(viewer.user.id, session, &json).await?;
    let value = URL_SAFE_NO_PAD.encode(sealed);
    keep_cookie(&name(), &value, HANDOVER_SECONDS);
    Ok(())
}

/// What was handed over for `of`, and takes it from the browser.
pub async fn take<T: DeserializeOwned>(of: &str) -> Option<T> {
    let (app, viewer) = (session::app().ok()?, session::viewer().ok()?);
    let sealed = URL_SAFE_NO_PAD.decode(cookie(&name())?).ok()?;
    let opened = app
        .handover
        .open(viewer.user.id, viewer.session_id, sealed)
        .await?;
    let sheet: Sheet<T> = serde_json::from_slice(&opened).ok()?;
    (sheet.of == of).then(|| {
        keep_cookie(&name(), "", 0);
        sheet.what
    })
}

fn name() -> String {
    own_name("parlance-once")
}
