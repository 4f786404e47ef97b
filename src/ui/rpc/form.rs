//! Forms that work without scripts: where the browser goes after a POST, and what it takes along.
//!
//! A plain form post is answered with 303. When it failed, a *flash* travels in a cookie for one minute: what was typed
//! (never a password) and what was wrong, so that the page can show both. Must not enter: what any one form means.

use std::collections::BTreeMap;

use leptos::prelude::SharedValue;
use parlance_core::domain::Problem;
use serde::{Deserialize, Serialize};

/// A failed form on its way back to its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Which form; a page takes only its own.
    pub form: String,
    /// Field name to what was typed. Never a password.
    pub fields: BTreeMap<String, String>,
    pub problem: Box<Problem>,
}

impl Flash {
    /// What was typed into `field`, else nothing.
    #[must_use]
    pub fn typed(&self, field: &str) -> String {
        self.fields.get(field).cloned().unwrap_or_default()
    }
}

/// The flash of `form` that this page was loaded with. Server and hydrating browser see the same one; it is shown once.
/// Call it while the component is being built, on both sides in the same place.
#[must_use]
pub fn take_flash(form: &str) -> Option<Flash> {
    SharedValue::new(|| received(form)).into_inner()
}

/// `next` when it is a path of this very site, made safe for a `Location` header; else `None`.
/// Refused: other hosts (`//host`), backslashes (browsers read them as slashes) and control characters (which they drop).
#[must_use]
pub fn own_path(next: &str) -> Option<String> {
    let foreign = !next.starts_with('/')
        || next.starts_with("//")
        || next.contains('\\')
        || next.chars().any(char::is_control);
    if foreign {
        return None;
    }
    let mut path = String::with_capacity(next.len());
    for byte in next.bytes() {
        if byte.is_ascii_graphic() {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(path)
}

#[cfg(not(feature = "ssr"))]
fn received(_form: &str) -> Option<Flash> {
    None
}

#[cfg(feature = "ssr")]
pub use server::{cookie, flash, is_form_request, keep_cookie, received, see_other, settle};

#[cfg(feature = "ssr")]
pub(super) use server::{append_header, own_name, typed_lines};

#[cfg(feature = "ssr")]
mod server;

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn goes_only_to_paths_of_this_site() {
        assert_eq!(own_path("/chat/1?m=2").as_deref(), Some("/chat/1?m=2"));
        assert_eq!(own_path("/chat?q=茶").as_deref(), Some("/chat?q=%E8%8C%B6"));
        for foreign in [
            "",
            "chat",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "/\t/evil.test",
            "/a\r\nb",
        ] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }
}
