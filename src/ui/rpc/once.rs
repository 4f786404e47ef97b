//! What is shown a single time: keys and codes of which the server keeps no copy that could be read.
//!
//! The form that makes them is answered with 303, so they travel to the next page in a cookie that scripts cannot read,
//! for one minute, and are gone from it when that page has shown them. Server only. Must not enter: what a person typed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::form::{cookie, keep_cookie, own_name};

/// As long as a flash: a slow redirect, and not the rest of the evening.
const SECONDS: u32 = 60;

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

/// Hands `what` to the next page that asks for `of`.
pub fn hand_over(of: &str, what: impl Serialize) {
    let sheet = Sheet {
        of: of.to_owned(),
        what,
    };
    // Plain data with text keys always can be written.
    if let Ok(json) = serde_json::to_vec(&sheet) {
        keep_cookie(&name(), &URL_SAFE_NO_PAD.encode(json), SECONDS);
    }
}

/// What was handed over for `of`, and takes it from the browser.
#[must_use]
pub fn take<T: DeserializeOwned>(of: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie(&name())?).ok()?;
    let sheet: Sheet<T> = serde_json::from_slice(&bytes).ok()?;
    (sheet.of == of).then(|| {
        keep_cookie(&name(), "", 0);
        sheet.what
    })
}

fn name() -> String {
    own_name("parlance-once")
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, header};
    use leptos::prelude::{Owner, provide_context};
    use leptos_axum::ResponseOptions;

    use super::*;

    /// Runs `work` as if inside a request with this cookie; answers the cookie that was set.
    fn answer(cookie: &str, work: impl FnOnce()) -> String {
        let request = Request::builder().header(header::COOKIE, cookie);
        let response = ResponseOptions::default();
        Owner::new().with(|| {
            provide_context(request.body(()).unwrap().into_parts().0);
            provide_context(response.clone());
            work();
        });
        let parts = response.0.read().unwrap();
        let set = parts.headers.get(header::SET_COOKIE);
        set.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn is_there_for_its_own_page_and_once() {
        let codes = vec!["one".to_owned(), "two".to_owned()];
        let set = answer("", || hand_over("codes", &codes));
        assert!(set.contains("HttpOnly") && set.contains("Max-Age=60"));
        let pair = set.split(';').next().unwrap().to_owned();
        let cleared = answer(&pair, || {
            assert_eq!(take::<Vec<String>>("key"), None);
            assert_eq!(take::<u64>("codes"), None);
            assert_eq!(take::<Vec<String>>("codes"), Some(codes));
        });
        assert!(cleared.contains("Max-Age=0"), "{cleared}");
    }

    #[test]
    fn rubbish_is_nothing() {
        for value in ["", "%%%", "e30", "bnVsbA"] {
            let set = answer(&format!("parlance-once={value}"), || {
                assert_eq!(take::<Vec<String>>("codes"), None);
            });
            assert_eq!(set, "");
        }
    }
}
