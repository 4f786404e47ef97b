//! Switching keyboard shortcuts off and on. A cookie and not the account: keyboards belong to devices.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Name of the checkboxes, one for each shortcut.
pub const ON: &str = "on[]";
/// Name under which a failed form travels back.
#[cfg(feature = "ssr")]
const FORM: &str = "shortcuts";

/// Keeps which shortcuts are on: those named in `on`. Answers the path to go to.
///
/// # Errors
/// None of its own.
#[server(output = Answer)]
pub async fn save_shortcuts(
    #[server(default)] on: Vec<String>,
    #[server(default)] next: String,
) -> Result<String, RpcError> {
    use super::form::{own_path, settle};
    use crate::state::shortcuts::off;

    server::keep(&off(|name| on.iter().any(|on| on == name)));
    let ahead = own_path(&next).unwrap_or_else(|| "/settings/shortcuts".to_owned());
    settle(FORM, &ahead, &[], Ok(ahead.clone()))
}

#[cfg(feature = "ssr")]
pub use server::{is_mac, request_path};

#[cfg(feature = "ssr")]
mod server {
    use axum::http::{header, request::Parts};
    use leptos::prelude::use_context;

    use crate::{rpc::form::keep_cookie, state::shortcuts::COOKIE};

    /// A year, seconds.
    const LONG: u32 = 31_536_000;

    /// Keeps what is off. The values are words of our own table.
    pub(super) fn keep(off: &str) {
        let age = if off.is_empty() { 0 } else { LONG };
        keep_cookie(COOKIE, off, age);
    }

    /// Whether whoever asks has a keyboard of Apple's.
    #[must_use]
    pub fn is_mac() -> bool {
        let parts = use_context::<Parts>();
        let agent = parts
            .as_ref()
            .and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok());
        agent.is_some_and(|agent| {
            ["Macintosh", "iPhone", "iPad"]
                .iter()
                .any(|name| agent.contains(name))
        })
    }

    /// The path of the page that is being made.
    #[must_use]
    pub fn request_path() -> String {
        let path = |parts: Parts| parts.uri.path_and_query().map(ToString::to_string);
        use_context::<Parts>().and_then(path).unwrap_or_default()
    }
}
