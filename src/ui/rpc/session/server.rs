//! What the edge put into context for this request, and the session's cookie.

use axum::http::{HeaderName, header};
use leptos::prelude::use_context;
use parlance_core::domain::{ProblemCode, User};
use parlance_server::{
    App,
    service::{Client, Viewer, accounts::Entered},
};

use crate::rpc::{form::append_header, problem::RpcError};

/// Name and safety of the session's cookie.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    /// `__Host-parlance` on https, else `parlance`.
    pub name: String,
    /// Whether the public address is https: not every browser keeps `Secure` cookies of plain http.
    pub secure: bool,
}

impl SessionCookie {
    /// `Set-Cookie` that keeps `token` for `max_age_seconds`.
    #[must_use]
    pub fn set(&self, token: &str, max_age_seconds: i64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        // Lax is written out: Chromium sends cookies without the attribute on cross-site form posts for two minutes.
        format!(
            "{}={token}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}",
            self.name
        )
    }

    /// `Set-Cookie` that makes the browser forget the session.
    #[must_use]
    pub fn clear(&self) -> String {
        self.set("", 0)
    }
}

/// The product's services.
///
/// # Errors
/// `internal` when the edge did not provide them.
pub fn app() -> Result<App, RpcError> {
    use_context::<App>().ok_or_else(|| ProblemCode::Internal.into())
}

/// The person behind the request.
///
/// # Errors
/// `unauthenticated` for a visitor.
pub fn viewer() -> Result<Viewer, RpcError> {
    signed_in().ok_or_else(|| ProblemCode::Unauthenticated.into())
}

/// Browser and address of the request.
///
/// # Errors
/// `internal` when the edge did not provide them.
pub fn client() -> Result<Client, RpcError> {
    use_context::<Client>().ok_or_else(|| ProblemCode::Internal.into())
}

/// Answers with the cookie of a session that has just begun.
pub(in crate::rpc) fn keep(entered: &Entered) {
    if let Some(cookie) = use_context::<SessionCookie>() {
        append_header(
            header::SET_COOKIE,
            &cookie.set(&entered.token, entered.max_age_seconds),
        );
    }
}

/// What a browser is told to forget with a session: pages and files it cached, and all storage of this site, the worker
/// and its pages among it (W3C Clear Site Data). Cookies stay; theme and language are among them.
pub const CLEAR_SITE_DATA: &str = "\"cache\", \"storage\"";

/// Answers with the order to drop the session's cookie, and everything that the browser kept for the person.
pub(in crate::rpc) fn forget() {
    if let Some(cookie) = use_context::<SessionCookie>() {
        append_header(header::SET_COOKIE, &cookie.clear());
    }
    append_header(HeaderName::from_static("clear-site-data"), CLEAR_SITE_DATA);
}

pub(super) fn user_of_request() -> Option<User> {
    signed_in().map(|viewer| viewer.user)
}

fn signed_in() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}

#[cfg(test)]
mod tests {
    use super::SessionCookie;

    #[test]
    fn writes_every_attribute_out() {
        let cookie = SessionCookie {
            name: "__Host-parlance".to_owned(),
            secure: true,
        };
        assert_eq!(
            cookie.set("t", 60),
            "__Host-parlance=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        let plain = SessionCookie {
            name: "parlance".to_owned(),
            secure: false,
        };
        assert_eq!(
            plain.clear(),
            "parlance=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
