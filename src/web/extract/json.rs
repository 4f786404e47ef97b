//! JSON bodies: broken or too deep 400, wrong shape 422 with the field, another content type 415, too long 413.
//!
//! Must not enter: quoting the body back; it may hold a password.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use parlance_core::domain::{FieldCode, ProblemCode, limits::JSON_DEPTH};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, error::Category};

use crate::web::{error::Fault, limits};

/// A JSON body.
pub(in crate::web) struct Json<T>(pub T);

/// A JSON body, or none at all.
pub(in crate::web) struct JsonIfAny<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            return Err(Fault::new(ProblemCode::UnsupportedMediaType)
                .detail("Send the body as application/json."));
        }
        parse(&read(request, state).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for JsonIfAny<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let says_json = is_json(request.headers());
        let body = read(request, state).await?;
        match (body.is_empty(), says_json) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => parse(&body).map(Self),
            (false, false) => Err(Fault::new(ProblemCode::UnsupportedMediaType)
                .detail("Send the body as application/json.")),
        }
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Fault> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                limits::too_large()
            } else {
                Fault::new(ProblemCode::BadRequest).detail("The body ended early.")
            }
        })
}

/// `application/json` or `application/*+json`, with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // Before serde: what it skips it still walks, and what it keeps is dropped by recursion.
    if is_deeper_than(body, JSON_DEPTH) {
        return Err(Fault::new(ProblemCode::BadRequest).detail(format!(
            "Lists and objects may be nested {JSON_DEPTH} deep."
        )));
    }
    // serde would take a list for a struct's members in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(no_object());
    }
    let mut source = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, error.inner())
    })?;
    source.end().map_err(|error| refuse(".", &error))?;
    Ok(value)
}

/// Whether lists and objects are nested deeper than `most`. Of a body that is no JSON the answer is as good as any.
fn is_deeper_than(body: &[u8], most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// An object that was read already, as a `T`; for addresses that take bodies of more than one shape.
pub(in crate::web) fn reshape<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, Fault> {
    serde_path_to_error::deserialize(Value::Object(object))
        .map_err(|error| refuse(&error.path().to_string(), error.inner()))
}

/// A text that must be a JSON object.
pub(in crate::web) fn object(text: &str) -> Result<Map<String, Value>, Fault> {
    parse(text.as_bytes())
}

fn refuse(path: &str, error: &serde_json::Error) -> Fault {
    if error.classify() != Category::Data {
        return Fault::new(ProblemCode::BadRequest).detail(format!(
            "The body is not JSON (line {}, column {}).",
            error.line(),
            error.column()
        ));
    }
    let text = error.to_string();
    // serde tells about absent and unknown members in words alone; the path then names their parent.
    let quoted = || text.split('`').nth(1).unwrap_or_default();
    let (name, code) = if text.starts_with("missing field") {
        (quoted(), FieldCode::Required)
    } else if text.starts_with("unknown field") {
        (quoted(), FieldCode::Unknown)
    } else {
        (path, FieldCode::Malformed)
    };
    // A dot or nothing stands for the body as a whole.
    if matches!(name, "." | "" | "?") {
        return no_object();
    }
    Fault::field(name, code)
}

fn no_object() -> Fault {
    Fault::new(ProblemCode::Validation).detail("The body must be a JSON object.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        #[allow(dead_code)]
        content: String,
    }

    async fn outcome(kind: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .unwrap();
        match Json::<Shape>::from_request(request, &()).await {
            Ok(_) => (200, String::new()),
            Err(fault) => {
                let status = fault.clone().into_response().status().as_u16();
                (status, format!("{fault:?}"))
            }
        }
    }

    #[tokio::test]
    async fn each_kind_of_bad_body_has_its_status() {
        assert_eq!(
            outcome("application/json", r#"{"content":"x"}"#).await.0,
            200
        );
        assert_eq!(
            outcome("application/json; charset=utf-8", r#"{"content":"x"}"#)
                .await
                .0,
            200
        );
        assert_eq!(outcome("text/plain", r#"{"content":"x"}"#).await.0, 415);
        assert_eq!(outcome("application/json", "{").await.0, 400);
        assert_eq!(outcome("application/json", "").await.0, 400);
        assert_eq!(
            outcome("application/json", r#"{"content":"x"} x"#).await.0,
            400
        );
        assert_eq!(outcome("application/json", "[]").await.0, 422);
    }

    #[tokio::test]
    async fn names_the_field_that_is_wrong() {
        for (body, name, code) in [
            (r#"{"content":7}"#, "content", "Malformed"),
            ("{}", "content", "Required"),
            (r#"{"content":"x","role":"system"}"#, "role", "Unknown"),
        ] {
            let (status, text) = outcome("application/json", body).await;
            assert_eq!(status, 422, "{body}");
            assert!(
                text.contains(&format!("\"{name}\"")) && text.contains(code),
                "{body}: {text}"
            );
        }
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_deeper_than(nested(64).as_bytes(), 64));
        assert!(is_deeper_than(nested(65).as_bytes(), 64));
        assert!(is_deeper_than("{\"a\":".repeat(65).as_bytes(), 64));
        assert!(!is_deeper_than("[],".repeat(1_000).as_bytes(), 64));
        let text = format!("{{\"content\":\"\\\"{}\"}}", "[".repeat(1_000));
        assert!(!is_deeper_than(text.as_bytes(), 64), "{text}");
    }

    #[tokio::test]
    async fn never_quotes_the_body() {
        let (_, text) = outcome("application/json", r#"{"content":{"password":"hunter2"}}"#).await;
        assert!(!text.contains("hunter2"), "{text}");
    }
}
