//! Sending a message, and reading the reply as it is written if the client asks for that.

use axum::{
    Json as Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Accepted, ConversationId, Event, MessageId};
use parlance_server::service::{generations::Follow, messages::Send};
use serde::Deserialize;
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::{self, Fault},
    extract::{Id, Json, Signed},
    sse,
    state::Edge,
};

/// A message to be sent.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MessageBody {
    /// At most 256 KiB of UTF-8.
    #[schema(required = true)]
    content: String,
    /// Minted by the client: `[A-Za-z0-9_-]{1,64}`. The same one again changes nothing and is answered
    /// with 200 and the same ids, so a request whose answer was lost may be sent again.
    #[schema(required = true)]
    client_message_id: String,
    /// The message that this one answers; absent: the last one of the path that is read.
    parent_id: Option<MessageId>,
    /// Id or short name of the persona that replies; absent: that of the conversation.
    persona_id: Option<String>,
}

/// Sends a message, which begins a reply
///
/// The reply goes on whether or not anybody reads it. With `Accept: text/event-stream` the response is
/// the stream of this reply, from its first event to its last.
#[utoipa::path(
    post, path = "/conversations/{id}/messages", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    request_body = MessageBody,
    responses(
        (status = 202, description = "Stored; the reply has begun", body = Accepted),
        (status = 200, description = "Stored by an earlier request (JSON), or the reply as it is written",
            content((Accepted = "application/json"), (Event = "text/event-stream"))),
        (status = 404, description = "No such conversation of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn send_message(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(conversation_id): Id<ConversationId>,
    headers: HeaderMap,
    Json(body): Json<MessageBody>,
) -> Result<Response, Fault> {
    let streamed = error::accepts(&headers, "text/event-stream");
    // Before anything is stored: a refused stream must not leave a message behind.
    let place = streamed
        .then(|| edge.streams.enter(viewer.user.id))
        .transpose()?;
    let send = Send {
        conversation_id,
        create: false,
        content: body.content,
        client_message_id: body.client_message_id,
        parent_id: body.parent_id,
        persona: body.persona_id,
    };
    let sent = edge.app.messages.send(&viewer, send).await?;
    if let Some(place) = place {
        let follow = Follow {
            cursor: Some(sent.whole_turn),
            once: true,
            pace_ms: None,
        };
        let following = edge
            .app
            .generations
            .follow(&viewer, conversation_id, follow)
            .await?;
        return Ok(following.map_or_else(
            || StatusCode::NO_CONTENT.into_response(),
            |events| sse::response(events, place),
        ));
    }
    let status = if sent.repeated {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Body(sent.accepted)).into_response())
}
