//! Answers that are no reply: error statuses and bodies as providers and the proxies before them send them.

use std::time::{Duration, SystemTime};

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use crate::{
    spec::{Fault, Kind},
    wire,
};

const INVALID: &str = "invalid_request_error";

/// The refusal a fault stands for, if it is one. `turn` is how many requests the model has had, this one included.
pub(crate) fn of(fault: Fault, turn: u64, authorization: Option<&str>) -> Option<Response> {
    Some(match fault.kind {
        Kind::Status(status) => refused(status, fault.at),
        Kind::Flaky(status) if at_first(fault, turn) => refused(status, None),
        Kind::Busy if turn == 1 => refused(429, fault.at),
        Kind::BusyDate if turn == 1 => refused_until(fault.at),
        Kind::LimitDate => refused_until(fault.at),
        Kind::Text400 => {
            let body = json!({ "error": "the request was not understood" });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
        Kind::Context400 => {
            let message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.";
            shaped(400, message, INVALID, "context_length_exceeded")
        }
        Kind::Html502 => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
            (StatusCode::BAD_GATEWAY, Html(page)).into_response()
        }
        Kind::Json200 => {
            let message = "The model is overloaded.";
            shaped(200, message, "server_error", "overloaded")
        }
        Kind::KeyEcho => {
            let key = authorization.unwrap_or("none");
            let message = format!("Incorrect API key provided: {key}.");
            shaped(401, &message, INVALID, "invalid_api_key")
        }
        _ => return None,
    })
}

pub(crate) fn bad_request(message: &str) -> Response {
    shaped(400, message, INVALID, "invalid_request")
}

pub(crate) fn no_such_model(model: &str) -> Response {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    shaped(404, &message, INVALID, "model_not_found")
}

/// Whether this is one of the first requests, which fail.
pub(crate) fn at_first(fault: Fault, turn: u64) -> bool {
    turn <= u64::try_from(fault.at.unwrap_or(2)).unwrap_or(u64::MAX)
}

/// 429 with the Retry-After as a date, which has whole seconds: it is counted from a `Date` of the same making.
fn refused_until(seconds: Option<usize>) -> Response {
    let mut response = refused(429, None);
    let now = SystemTime::now();
    let wait = u64::try_from(seconds.unwrap_or(1)).unwrap_or(u64::MAX);
    let then = now + Duration::from_secs(wait);
    for (name, moment) in [(header::DATE, now), (header::RETRY_AFTER, then)] {
        // An HTTP date is ASCII.
        if let Ok(value) = httpdate::fmt_http_date(moment).parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A plain error status; `seconds` is the Retry-After. 429 always has one.
fn refused(status: u16, seconds: Option<usize>) -> Response {
    let (message, kind, code) = match status {
        401 => ("Incorrect API key provided.", INVALID, "invalid_api_key"),
        404 => ("The model does not exist.", INVALID, "model_not_found"),
        429 => (
            "Rate limit reached for requests.",
            "requests",
            "rate_limit_exceeded",
        ),
        400..500 => ("The request was refused.", INVALID, "refused"),
        _ => (
            "The server had an error while processing your request.",
            "server_error",
            "server_error",
        ),
    };
    let mut response = shaped(status, message, kind, code);
    if let Some(wait) = seconds.or((status == 429).then_some(1)) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, wait.into());
    }
    response
}

fn shaped(status: u16, message: &str, kind: &str, code: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(wire::error(message, kind, code))).into_response()
}
