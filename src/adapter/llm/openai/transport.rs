//! The shared exchange as a service that `async-openai` sends through. The crate is told of errors before it sees a
//! response, and of a success only that there was one.

use std::sync::{Arc, Mutex, PoisonError};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use parlance_server::port::llm::{LlmError, Pieces};
use reqwest::{Body, Response};

use super::chunk::Chunk;
use crate::llm::wire::{Timeouts, mask::Mask, transport, way::Way};

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
    way: Way,
    request: HttpRequestFactory,
    slot: Slot,
    timeouts: Timeouts,
    mask: Mask,
) -> Result<Response, OpenAIError> {
    let request = request.build().await?;
    let pieces = transport::converse::<Chunk>(&way, request, timeouts, &mask).await;
    slot.put(pieces.map_err(boxed)?);
    Ok(respond(Body::from("null")))
}

/// Asks for something short, all of it at once.
pub(super) async fn fetch(
    way: Way,
    request: HttpRequestFactory,
    timeouts: Timeouts,
    mask: Mask,
) -> Result<Response, OpenAIError> {
    let request = request.build().await?;
    let body = transport::fetch(&way, request, timeouts, &mask).await;
    Ok(respond(Body::from(body.map_err(boxed)?)))
}

fn respond(body: Body) -> Response {
    http::Response::new(body).into()
}

fn boxed(error: LlmError) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error))
}
