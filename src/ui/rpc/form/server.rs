//! The server's half of forms: request headers in, status, `Location` and cookies out.

use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use parlance_core::domain::Problem;

use super::Flash;
use crate::rpc::{problem::RpcError, session::SessionCookie};

/// Browsers drop cookies beyond 4096 bytes, name and attributes included.
const FLASH_BYTES: usize = 3_600;
/// Long enough for a slow redirect, short enough not to surprise anybody tomorrow.
const FLASH_SECONDS: u32 = 60;

/// Whether a plain `<form>` sent this request, with no script in between: it wants a page, not data.
#[must_use]
pub fn is_form_request() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Sends the browser to `path` with 303, which turns a POST into a GET. `path` is one of this site.
pub fn see_other(path: &str) {
    if let (Some(response), Ok(location)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(path),
    ) {
        response.insert_header(header::LOCATION, location);
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// What was typed into a field of several lines. Forms send line ends as CR LF (WHATWG HTML, "constructing the entry
/// list").
pub(in crate::rpc) fn typed_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Ends a server function that a form may have called: on success the way leads to `Ok`'s path, on failure back to
/// `back` with `typed` kept (name every field but passwords). Scripts get the same outcome as data and a real status.
///
/// # Errors
/// The failure that came in.
pub fn settle(
    form: &str,
    back: &str,
    typed: &[(&str, &str)],
    outcome: Result<String, RpcError>,
) -> Result<String, RpcError> {
    match &outcome {
        Ok(path) if is_form_request() => see_other(path),
        Ok(_) => {}
        Err(RpcError(problem)) if is_form_request() => {
            let fields = typed
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect();
            flash(Flash {
                form: form.to_owned(),
                fields,
                problem: problem.clone(),
            });
            see_other(back);
        }
        Err(RpcError(problem)) => set_status(problem),
    }
    outcome
}

/// Sends `flash` along to the next page. What does not fit into a cookie is left out, the longest field first.
pub fn flash(mut flash: Flash) {
    loop {
        let Ok(json) = serde_json::to_vec(&flash) else {
            return;
        };
        let value = URL_SAFE_NO_PAD.encode(json);
        if value.len() <= FLASH_BYTES {
            return keep_cookie(&flash_name(), &value, FLASH_SECONDS);
        }
        let longest = flash
            .fields
            .iter()
            .max_by_key(|(_, text)| text.len())
            .map(|(name, _)| name.clone());
        match longest {
            Some(name) => flash.fields.remove(&name),
            None => return,
        };
    }
}

/// The value of the request's cookie `name`.
#[must_use]
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// Reads the flash of `form` and clears its cookie. For what the server alone makes; a page that comes to life asks
/// `take_flash`.
pub fn received(form: &str) -> Option<Flash> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie(&flash_name())?).ok()?;
    let flash: Flash = serde_json::from_slice(&bytes).ok()?;
    (flash.form == form).then(|| {
        keep_cookie(&flash_name(), "", 0);
        flash
    })
}

fn set_status(problem: &Problem) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(problem.status),
    ) {
        response.set_status(status);
    }
    if let (Some(response), Some(wait)) = (use_context::<ResponseOptions>(), problem.retry_after_ms)
    {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1_000)));
    }
}

fn flash_name() -> String {
    own_name("parlance-flash")
}

/// `__Host-` pins the cookie to this host; browsers accept that prefix on https only.
pub(in crate::rpc) fn own_name(name: &str) -> String {
    let secure = use_context::<SessionCookie>().is_some_and(|cookie| cookie.secure);
    if secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// Has the browser keep a cookie that scripts cannot read, for this many seconds; 0 drops it.
pub fn keep_cookie(name: &str, value: &str, seconds: u32) {
    let secure = use_context::<SessionCookie>().is_some_and(|cookie| cookie.secure);
    let secure = if secure { "; Secure" } else { "" };
    append_header(
        header::SET_COOKIE,
        &format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"),
    );
}

/// Adds a header to the response; a value that is no legal header value is left out.
pub(in crate::rpc) fn append_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(value),
    ) {
        response.append_header(name, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use leptos::prelude::{Owner, provide_context};
    use parlance_core::domain::{FieldCode, ProblemCode};

    use super::*;

    /// Runs `work` as if inside a request with these headers; answers status, `Location` and the cookie that was set.
    fn answer(headers: &[(&str, &str)], work: impl FnOnce()) -> (Option<u16>, String, String) {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = ResponseOptions::default();
        Owner::new().with(|| {
            provide_context(request.body(()).unwrap().into_parts().0);
            provide_context(response.clone());
            work();
        });
        let parts = response.0.read().unwrap();
        let header = |name| {
            parts
                .headers
                .get(name)
                .map_or(String::new(), |value: &HeaderValue| {
                    value.to_str().unwrap().to_owned()
                })
        };
        (
            parts.status.map(|status| status.as_u16()),
            header("location"),
            header("set-cookie"),
        )
    }

    fn taken_email() -> Result<String, RpcError> {
        Err(Problem::new(ProblemCode::Validation)
            .field("email", FieldCode::Taken)
            .into())
    }

    #[test]
    fn a_failed_form_comes_back_with_what_was_typed() {
        let (status, location, cookie) = answer(&[("accept", "text/html,*/*")], || {
            let _ = settle(
                "register",
                "/register",
                &[("email", "张三@例.cn")],
                taken_email(),
            );
        });
        assert_eq!((status, location.as_str()), (Some(303), "/register"));
        assert!(
            cookie.contains("HttpOnly")
                && cookie.contains("SameSite=Lax")
                && cookie.contains("Max-Age=60")
        );

        let pair = cookie.split(';').next().unwrap().to_owned();
        let (_, _, cleared) = answer(&[("cookie", &pair)], || {
            assert_eq!(received("login"), None);
            let flash = received("register").unwrap();
            assert_eq!(flash.typed("email"), "张三@例.cn");
            assert_eq!(flash.problem.fields["email"].code, FieldCode::Taken);
        });
        assert!(cleared.contains("Max-Age=0"), "{cleared}");
    }

    #[test]
    fn scripts_get_the_status_and_no_redirect() {
        let (status, location, cookie) = answer(&[("accept", "application/json")], || {
            assert!(settle("register", "/register", &[], taken_email()).is_err());
        });
        assert_eq!(
            (status, location.as_str(), cookie.as_str()),
            (Some(422), "", "")
        );
    }

    #[test]
    fn success_leads_on_with_303() {
        let (status, location, _) = answer(&[("accept", "text/html")], || {
            let _ = settle("login", "/login", &[], Ok("/chat".to_owned()));
        });
        assert_eq!((status, location.as_str()), (Some(303), "/chat"));
    }

    #[test]
    fn a_flash_always_fits_into_a_cookie() {
        let long = "x".repeat(10_000);
        let (_, _, cookie) = answer(&[("accept", "text/html")], || {
            let _ = settle(
                "register",
                "/register",
                &[("email", &long), ("username", "kept")],
                taken_email(),
            );
        });
        assert!(cookie.len() < 4_096);
        answer(&[("cookie", cookie.split(';').next().unwrap())], || {
            let flash = received("register").unwrap();
            assert_eq!(
                (
                    flash.typed("email").as_str(),
                    flash.typed("username").as_str()
                ),
                ("", "kept")
            );
        });
    }

    #[test]
    fn garbage_in_the_cookie_is_no_flash() {
        for value in ["", "%%%", "e30", "bnVsbA"] {
            answer(&[("cookie", &format!("parlance-flash={value}"))], || {
                assert_eq!(received("login"), None)
            });
        }
    }
}
