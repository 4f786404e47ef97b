//! What a page reports about itself: things that must never happen, for the log.

use axum::{body::Bytes, http::StatusCode};
use parlance_core::domain::{ConversationId, ProblemCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{error::Fault, extract::Signed};

/// A report holds two short values.
const MOST_BYTES: usize = 1024;

/// What may be reported.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientEvent {
    /// The stored reply is not the text that was shown.
    StreamIntegrityMismatch,
}

/// A report of a page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    event: ClientEvent,
    conversation_id: ConversationId,
}

/// Reports something that must never happen
///
/// Pages send this by themselves, as a beacon, which is why any content type is taken. It goes to the log and nowhere
/// else.
#[utoipa::path(
    post, path = "/client-events", tag = "conversations", security(("session" = [])),
    request_body(content = Report, content_type = "text/plain"),
    responses((status = 204, description = "Noted"), Refusals)
)]
pub(super) async fn report_client_event(
    Signed(viewer): Signed,
    body: Bytes,
) -> Result<StatusCode, Fault> {
    let report: Report = (body.len() <= MOST_BYTES)
        .then(|| serde_json::from_slice(&body).ok())
        .flatten()
        .ok_or_else(|| Fault::new(ProblemCode::BadRequest))?;
    tracing::error!(
        user_id = %viewer.user.id,
        conversation_id = %report.conversation_id,
        event = ?report.event,
        "a page reports what must never happen"
    );
    Ok(StatusCode::NO_CONTENT)
}
