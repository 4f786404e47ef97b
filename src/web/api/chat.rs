//! The chat doors of other front ends: the same turn as `POST …/messages`, in the words of theirs.
//!
//! Must not enter: rules of its own. Every door hands the message to the one service and reads the one engine.

mod ask;
pub(super) mod history;
pub(super) mod title;

use axum::{
    Json as Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Accepted, Event, GenerationStatus, MessageId, Problem, ProblemCode};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::{self, Fault},
    extract::{Json, Signed},
    state::Edge,
    turn::{self, Ended, Lanes},
};

pub(super) use ask::params;
pub(in crate::web) use ask::{Ask, ConversationMessage};
use ask::{ChatBody, SendBody};

/// A reply as a whole.
#[derive(Serialize, ToSchema)]
pub(super) struct Replied {
    /// Whether the reply was written to its end, or to where the person stopped it.
    success: bool,
    /// The text; empty if it was stopped before the first word.
    ai_response: String,
    /// Id of the reply.
    message_id: Option<MessageId>,
    /// Tokens of request and reply as the provider counted them; 0 if it did not.
    tokens_used: i64,
    /// Id of the person's message.
    user_message_id: MessageId,
    /// `completed`, `stopped`, `interrupted` or `cancelled`.
    status: GenerationStatus,
    /// With `success: false`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Sends a message and streams the reply (server-sent events)
///
/// The message is stored before the first event leaves. The reply is stored as one message after the last
/// word: then comes `message` with `op: "final"`, and the stream ends. A client that leaves does not end the
/// reply; `GET /conversations/{id}/stream` resumes it.
#[utoipa::path(
    post, path = "/chat", tag = "chat", security(("session" = [])),
    request_body = ChatBody,
    responses(
        (status = 200, description = "The reply as it is written", body = Event, content_type = "text/event-stream"),
        (status = 404, description = "No such conversation of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn chat(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(body): Json<ChatBody>,
) -> Result<Response, Fault> {
    let begin = edge.app.messages.send(&viewer, body.into_send()?);
    turn::begin(&edge, &viewer, Some(Lanes::First), begin).await
}

/// Sends a message: the whole reply, or the reply as it is written
///
/// Two forms, told apart by their members. With `session_id` the answer comes when the reply is complete. With
/// `conversation_id` the answer is the stream of the reply, whose last event (`op: "final"`) bears
/// `user_message_id` and the reply as `message`. `Accept: text/event-stream` or `Accept: application/json`
/// overrules the form. A client that leaves does not end the reply.
///
/// With a model's address or key in the second form that model replies, where the person's group may name endpoints of
/// its own; nothing of it is stored. Else the one of `model_config_id` does, or the conversation's. Any other member is
/// taken and has no effect.
#[utoipa::path(
    post, path = "/chat/send", tag = "chat", security(("session" = [])),
    request_body = SendBody,
    responses(
        (status = 200, description = "The reply, whole or as it is written",
            content((Replied = "application/json"), (Event = "text/event-stream"))),
        (status = 403, description = "The group may name no endpoints, or this one is blocked"),
        (status = 404, description = "No such conversation of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn chat_send(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    headers: HeaderMap,
    Json(body): Json<Map<String, Value>>,
) -> Result<Response, Fault> {
    let Ask {
        send,
        streamed,
        names,
    } = SendBody::read(body)?.into_ask()?;
    let streamed = match (
        turn::wants_events(&headers),
        error::accepts(&headers, "application/json"),
    ) {
        (true, _) => true,
        (false, true) => false,
        (false, false) => streamed,
    };
    let begin = edge.app.messages.send(&viewer, send);
    let answer = if streamed {
        turn::begin(&edge, &viewer, Some(Lanes::First), begin).await
    } else {
        turn::whole(&edge, &viewer, begin)
            .await
            .and_then(|(accepted, ended)| Ok(Body(replied(&accepted, ended)?).into_response()))
    };
    answer.map_err(|fault| fault.renamed(names))
}

fn replied(accepted: &Accepted, ended: Ended) -> Result<Replied, Fault> {
    if ended.status == GenerationStatus::Failed {
        let problem = ended
            .error
            .unwrap_or_else(|| Problem::new(ProblemCode::Internal));
        return Err(problem.into());
    }
    let success = matches!(
        ended.status,
        GenerationStatus::Completed | GenerationStatus::Stopped
    );
    let reason = ended.error.as_ref().map(Problem::to_string);
    let (message_id, ai_response, usage) = match ended.message {
        Some(message) => (Some(message.id), message.content, message.usage),
        None => (None, String::new(), None),
    };
    Ok(Replied {
        success,
        ai_response,
        message_id,
        tokens_used: usage.map_or(0, |usage| usage.prompt_tokens + usage.completion_tokens),
        user_message_id: accepted.message_id,
        status: ended.status,
        message: reason.filter(|_| !success),
    })
}
