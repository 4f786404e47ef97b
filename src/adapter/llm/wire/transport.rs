//! One HTTP exchange: sends, waits no longer than agreed, and turns whatever is no answer into an [`LlmError`] with
//! status and Retry-After. Never sends twice.

use std::time::Duration;

use futures::StreamExt;
use http::header::CONTENT_TYPE;
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{LlmError, Pieces};
use reqwest::{Request, Response};
use serde_json::Value;

use super::{Timeouts, chunk::Chunk, fault, feed::Feed, frame, mask::Mask, reading, way::Way};

/// Bytes read of a refusal.
const REFUSAL: usize = 64 * 1024;
/// Bytes of a list of models; the longest known are below 1 MB.
const LIST: usize = 2 * 1024 * 1024;
/// A refusal's body is worth this wait, no more: the status is known already.
const REFUSAL_WAIT: Duration = Duration::from_secs(5);

/// Asks for a streamed answer whose payloads read as `C`.
pub(crate) async fn converse<C: Chunk>(
    way: &Way,
    request: Request,
    timeouts: Timeouts,
    mask: &Mask,
) -> Result<Pieces, LlmError> {
    let mut first = Box::pin(tokio::time::sleep(timeouts.first_byte));
    let response = tokio::select! {
        response = send(way, request, mask) => response?,
        () = &mut first => return Err(late(timeouts.first_byte)),
    };
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.contains("json") || kind.contains("html") {
        let whole = read(response, frame::LONGEST);
        let body = tokio::select! {
            body = whole => body.map_err(|error| reset(&error, mask))?,
            () = &mut first => return Err(late(timeouts.first_byte)),
        };
        // The provider does not stream: its whole answer reads as one chunk.
        let chunk = C::parse(&String::from_utf8_lossy(&body)).unwrap_or_default();
        if !chunk.is_answer() || fault::told(chunk.error(), mask).is_some() {
            return Err(fault::no_answer(&body, mask));
        }
        Ok(reading::whole(chunk, mask.clone()))
    } else {
        let body = response.bytes_stream().boxed();
        let feed = Feed::<_, C>::new(body, first, timeouts, mask.clone());
        Ok(reading::pieces(feed, mask.clone()))
    }
}

/// Asks for something short, all of it at once: JSON that tells no error.
pub(crate) async fn fetch(
    way: &Way,
    request: Request,
    timeouts: Timeouts,
    mask: &Mask,
) -> Result<Vec<u8>, LlmError> {
    let exchange = async {
        let response = send(way, request, mask).await?;
        read(response, LIST)
            .await
            .map_err(|error| reset(&error, mask))
    };
    let body = tokio::time::timeout(timeouts.first_byte, exchange).await;
    let body = body.map_err(|_| late(timeouts.first_byte))??;
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) if value.get("error").is_none_or(Value::is_null) => Ok(body),
        _ => Err(fault::no_answer(&body, mask)),
    }
}

/// Sends; any status but 2xx is an error.
async fn send(way: &Way, request: Request, mask: &Mask) -> Result<Response, LlmError> {
    let response = way.send(request, mask).await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = tokio::time::timeout(REFUSAL_WAIT, read(response, REFUSAL)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    Err(fault::refused(status, &headers, &body, mask))
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

/// The connection broke within a body.
pub(crate) fn reset(error: &reqwest::Error, mask: &Mask) -> LlmError {
    LlmError::new(
        ProblemCode::UpstreamReset,
        mask.detail(&fault::chain(error)),
    )
}

/// Nothing came in time.
pub(crate) fn late(limit: Duration) -> LlmError {
    let detail = format!("nothing came within {limit:?}");
    LlmError::new(ProblemCode::UpstreamFirstTokenTimeout, detail)
}
