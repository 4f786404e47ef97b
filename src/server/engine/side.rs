//! Asking the model for something small beside the replies: titles, summaries. Whatever goes wrong, there is none, and
//! nobody is kept waiting for it.

use std::time::Duration;

use futures::StreamExt;
use parlance_core::domain::{Part, UserId};
use tokio::time::timeout;

use super::{Inner, models};
use crate::port::llm::{LlmError, Model, Piece, Prompt};

/// The answer's text, or as much of it as `most` bytes; `None` when there is no permit to spare, when a reply needs it
/// back, and after any failure. Reasoning is passed over.
pub(super) async fn ask(
    inner: &Inner,
    model: &Model,
    user: UserId,
    prompt: Prompt,
    most: usize,
    limit: Duration,
) -> Option<String> {
    let provider = &model.provider;
    if inner.breaker.is_open(provider) {
        return None;
    }
    let mut permit = inner.admission.ask_side(user, provider)?;
    let answer = tokio::select! {
        answer = timeout(limit, read(model, prompt, most)) => answer,
        () = permit.wanted_back() => {
            tracing::debug!("side work gave way to a reply");
            return None;
        }
    };
    match answer {
        Ok(Ok(text)) => Some(text),
        Ok(Err(error)) => {
            tracing::debug!(code = ?error.code, detail = %error.detail, "side work failed");
            None
        }
        Err(_) => {
            tracing::debug!(?limit, "side work took too long");
            None
        }
    }
}

async fn read(model: &Model, prompt: Prompt, most: usize) -> Result<String, LlmError> {
    let mut pieces = model.llm.ask(models::beside(model, prompt)).await?;
    let mut text = String::new();
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Text {
                part: Part::Text,
                text: piece,
            } => text.push_str(&piece),
            Piece::Finish(_) => break,
            Piece::Text { .. } | Piece::Model(_) | Piece::Usage(_) => {}
        }
        if text.len() >= most {
            break;
        }
    }
    Ok(text)
}
