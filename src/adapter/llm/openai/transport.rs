//! One HTTP exchange: sends, waits no longer than agreed, and turns whatever is no answer into an
//! [`LlmError`] with status and Retry-After, before `async-openai` sees it. Never sends twice.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures::StreamExt;
use http::header::CONTENT_TYPE;
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{LlmError, Pieces};
use reqwest::{Body, Client, Response};
use serde_json::Value;

use super::{Timeouts, chunk::Chunk, fault, feed::Feed, frame, mask::Mask, reading};

/// Bytes read of a refusal.
const REFUSAL: usize = 64 * 1024;
/// Bytes of a list of models; the longest known are below 1 MB.
const LIST: usize = 8 * 1024 * 1024;
/// A refusal's body is worth this wait, no more: the status is known already.
const REFUSAL_WAIT: Duration = Duration::from_secs(5);

/// Where an answer is left for the asker, past `async-openai`. One a request.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<Pieces>>>);

impl Slot {
    fn put(&self, pieces: Pieces) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pieces);
    }

    /// The answer, once the request has succeeded.
    pub(super) fn take(&self) -> Option<Pieces> {
        // Each change is a single move: a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Asks for a streamed answer, and leaves it in `slot`. `async-openai` is handed `null` in its place.
pub(super) async fn converse(
    http: Client,
    request: HttpRequestFactory,
    slot: Slot,
    timeouts: Timeouts,
    mask: Mask,
) -> Result<Response, OpenAIError> {
    let mut first = Box::pin(tokio::time::sleep(timeouts.first_byte));
    let sending = send(&http, &request, &mask);
    let response = tokio::select! {
        response = sending => response?,
        () = &mut first => return Err(boxed(late(timeouts.first_byte))),
    };
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.contains("json") || kind.contains("html") {
        let whole = read(response, frame::LONGEST);
        let body = tokio::select! {
            body = whole => body.map_err(|error| boxed(reset(&error, &mask)))?,
            () = &mut first => return Err(boxed(late(timeouts.first_byte))),
        };
        // The provider does not stream: its whole answer reads as one chunk.
        let chunk = Chunk::parse(&String::from_utf8_lossy(&body)).unwrap_or_default();
        if !chunk.has_choices() || fault::told(&chunk.error, &mask).is_some() {
            return Err(boxed(fault::no_answer(&body, &mask)));
        }
        slot.put(reading::whole(chunk, mask));
    } else {
        let body = response.bytes_stream().boxed();
        let feed = Feed::new(body, first, timeouts, mask.clone());
        slot.put(reading::pieces(feed, mask));
    }
    Ok(respond(Body::from("null")))
}

/// Asks for something short, all of it at once.
pub(super) async fn fetch(
    http: Client,
    request: HttpRequestFactory,
    timeouts: Timeouts,
    mask: Mask,
) -> Result<Response, OpenAIError> {
    let exchange = async {
        let response = send(&http, &request, &mask).await?;
        read(response, LIST)
            .await
            .map_err(|error| boxed(reset(&error, &mask)))
    };
    let body = tokio::time::timeout(timeouts.first_byte, exchange).await;
    let body = body.map_err(|_| boxed(late(timeouts.first_byte)))??;
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) if value.get("error").is_none_or(Value::is_null) => Ok(respond(Body::from(body))),
        _ => Err(boxed(fault::no_answer(&body, &mask))),
    }
}

/// Sends; any status but 2xx is an error.
async fn send(
    http: &Client,
    request: &HttpRequestFactory,
    mask: &Mask,
) -> Result<Response, OpenAIError> {
    let request = request.build().await?;
    let response = http
        .execute(request)
        .await
        .map_err(|error| boxed(fault::unsent(&error, mask)))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = tokio::time::timeout(REFUSAL_WAIT, read(response, REFUSAL)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    Err(boxed(fault::refused(status, &headers, &body, mask)))
}

/// At most `most` bytes of a body.
async fn read(response: Response, most: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    Ok(body)
}

fn respond(body: Body) -> Response {
    http::Response::new(body).into()
}

/// The connection broke within a body.
pub(super) fn reset(error: &reqwest::Error, mask: &Mask) -> LlmError {
    LlmError::new(
        ProblemCode::UpstreamReset,
        mask.detail(&fault::chain(error)),
    )
}

/// Nothing came in time.
pub(super) fn late(limit: Duration) -> LlmError {
    let detail = format!("nothing came within {limit:?}");
    LlmError::new(ProblemCode::UpstreamFirstTokenTimeout, detail)
}

fn boxed(error: LlmError) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error))
}
