//! Answers that are no reply: error statuses and bodies as providers and the proxies before them send them.

use std::time::{Duration, SystemTime};

use axum::{
    Json,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use crate::{
    dialect::{Dialect, Refusal},
    spec::{Fault, Kind},
};

/// The refusal a fault stands for, if it is one. `turn` is how many requests the model has had, this one included.
pub(crate) fn of(dialect: Dialect, fault: Fault, turn: u64, key: Option<&str>) -> Option<Response> {
    let plain = |status, seconds| send(dialect, plainly(status, seconds));
    Some(match fault.kind {
        Kind::Status(status) => plain(status, fault.at),
        Kind::Flaky(status) if at_first(fault, turn) => plain(status, None),
        Kind::Busy if turn == 1 => plain(429, fault.at),
        Kind::BusyDate if turn == 1 => refused_until(dialect, fault.at),
        Kind::LimitDate => refused_until(dialect, fault.at),
        Kind::Text400 => {
            let body = json!({ "error": "the request was not understood" });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
        Kind::Context400 => {
            let code = "context_length_exceeded";
            send(dialect, Refusal::new(400, code, dialect.too_long()))
        }
        Kind::Html502 => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
            (StatusCode::BAD_GATEWAY, Html(page)).into_response()
        }
        Kind::Json200 => {
            let refusal = Refusal::new(503, "overloaded", "The model is overloaded.");
            Json(dialect.refused(&refusal).1).into_response()
        }
        Kind::KeyEcho => {
            let message = format!("Incorrect API key provided: {}.", key.unwrap_or("none"));
            send(dialect, Refusal::new(401, "invalid_api_key", message))
        }
        _ => return None,
    })
}

/// Whether this is one of the first requests, which fail.
pub(crate) fn at_first(fault: Fault, turn: u64) -> bool {
    turn <= u64::try_from(fault.at.unwrap_or(2)).unwrap_or(u64::MAX)
}

/// 429 with the Retry-After as a date, which has whole seconds: it is counted from a `Date` of the same making.
fn refused_until(dialect: Dialect, seconds: Option<usize>) -> Response {
    let mut response = send(dialect, plainly(429, None));
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
fn plainly(status: u16, seconds: Option<usize>) -> Refusal {
    let (message, code) = match status {
        401 => ("Incorrect API key provided.", "invalid_api_key"),
        404 => ("The model does not exist.", "model_not_found"),
        429 => ("Rate limit reached for requests.", "rate_limit_exceeded"),
        400..500 => ("The request was refused.", "refused"),
        _ => (
            "The server had an error while processing your request.",
            "server_error",
        ),
    };
    Refusal {
        wait: seconds.or((status == 429).then_some(1)),
        ..Refusal::new(status, code, message)
    }
}

/// A refusal in the provider's shape.
pub(crate) fn send(dialect: Dialect, refusal: Refusal) -> Response {
    let (status, body) = dialect.refused(&refusal);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    if let Some(wait) = refusal.wait.filter(|_| dialect.waits_by_header()) {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, wait.into());
    }
    response
}
