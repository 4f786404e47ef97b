//! Messages of a conversation: sending, reading earlier ones, and everything that asks for another reply.

use axum::{Json as Body, extract::State, http::HeaderMap, response::Response};
use parlance_core::domain::{
    Conversation, ConversationId, Event, MessageId, MessagePage, ModelConfigId, Parameters,
};
use parlance_server::service::messages::Again;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Asked, Id, Json, JsonIfAny, Signed, id_of, whole_number},
    state::Edge,
    turn::{self, Taken},
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
    /// The message that this one answers; absent: the last one of the path that is read; `null`: none, which
    /// makes it another wording of the first message.
    #[serde(deserialize_with = "named")]
    #[schema(value_type = Option<MessageId>)]
    parent_id: Option<Option<MessageId>>,
    /// Id or short name of the persona that replies; absent: that of the conversation.
    persona_id: Option<String>,
    /// The model configuration that is asked for this reply; absent: that of the conversation.
    model_config_id: Option<ModelConfigId>,
    /// Over those of the conversation, for this reply.
    parameters: Parameters,
    /// At most two further model configurations that are asked the same, none of them twice. Their replies are compared
    /// until one is kept or anything else is asked. Absent: those of the conversation, unless `model_config_id` is given.
    compare_with: Option<Vec<ModelConfigId>>,
}

/// Another reply to be asked for; all of it may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AgainBody {
    /// Id or short name of the persona that replies; absent: that of the conversation.
    persona_id: Option<String>,
    /// The model configuration that is asked; absent: that of the conversation.
    model_config_id: Option<ModelConfigId>,
    /// Over those of the conversation, for this reply.
    parameters: Parameters,
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EarlierQuery {
    /// A message of the conversation; absent: the end of the path that is read.
    #[param(value_type = Option<MessageId>)]
    before: Option<String>,
    /// 1 to 100; absent: 50.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
}

/// The path that is read now.
#[derive(Serialize, ToSchema)]
pub(super) struct Selected {
    conversation_id: ConversationId,
}

/// An absent member stays `None`; `null` is a value of its own.
fn named<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<MessageId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Sends a message, which begins a reply
///
/// The reply goes on whether or not anybody reads it. With `Accept: text/event-stream` the response is
/// the stream of this reply, from its first event to its last; where several models are asked, of all their replies, each
/// event with its `lane`.
#[utoipa::path(
    post, path = "/conversations/{id}/messages", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    request_body = MessageBody,
    responses(
        (status = 202, description = "Stored; the reply has begun, or waits for its turn", body = Taken),
        (status = 200, description = "Stored by an earlier request (JSON), or the reply as it is written",
            content((Taken = "application/json"), (Event = "text/event-stream"))),
        (status = 404, description = "No such conversation of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        (status = 429, description = "Too many messages wait, or too many streams are open"),
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
    let mut send = turn::message(
        conversation_id,
        body.content,
        Some(body.client_message_id),
        body.persona_id,
    );
    send.parent = turn::parent(body.parent_id);
    send.model = body.model_config_id;
    send.parameters = body.parameters;
    send.compare_with = body.compare_with;
    let begin = edge.app.messages.send(&viewer, send);
    turn::begin(&edge, &viewer, turn::wanted_events(&headers), begin).await
}

/// Reads messages of the path that is read, oldest first
#[utoipa::path(
    get, path = "/conversations/{id}/messages", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path), EarlierQuery),
    responses(
        (status = 200, description = "The messages before that one, or the last ones", body = MessagePage),
        (status = 404, description = "No such conversation or message of this person"),
        Refusals,
    )
)]
pub(super) async fn list_messages(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
    Asked(query): Asked<EarlierQuery>,
) -> Result<Body<MessagePage>, Fault> {
    let limit: Option<u32> = whole_number("limit", query.limit.as_deref())?;
    let page = match id_of("before", query.before.as_deref())? {
        Some(before) => {
            edge.app
                .messages
                .earlier(&viewer, id, before, limit)
                .await?
        }
        None => edge.app.messages.latest(&viewer, id, limit).await?,
    };
    Ok(Body(page))
}

/// Asks for another reply
///
/// Of a reply: one more to the same message, beside the earlier ones. Of a person's message: the reply
/// that it never got. With `Accept: text/event-stream` the response is the stream of the new reply.
#[utoipa::path(
    post, path = "/messages/{id}/regenerate", tag = "conversations", security(("session" = [])),
    params(("id" = MessageId, Path)),
    request_body(content = Option<AgainBody>),
    responses(
        (status = 202, description = "The reply has begun", body = Taken),
        (status = 200, description = "The reply as it is written", body = Event, content_type = "text/event-stream"),
        (status = 404, description = "No such message of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn regenerate_reply(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<MessageId>,
    headers: HeaderMap,
    JsonIfAny(body): JsonIfAny<AgainBody>,
) -> Result<Response, Fault> {
    let again = Again {
        persona: body.persona_id,
        model: body.model_config_id,
        parameters: body.parameters,
    };
    let begin = edge.app.messages.regenerate(&viewer, id, again);
    turn::begin(&edge, &viewer, turn::wanted_events(&headers), begin).await
}

/// Goes on with an unfinished reply
///
/// The new reply begins with the text that was kept and stands beside the unfinished one. With
/// `Accept: text/event-stream` the response is the stream of the new reply.
#[utoipa::path(
    post, path = "/messages/{id}/continue", tag = "conversations", security(("session" = [])),
    params(("id" = MessageId, Path)),
    responses(
        (status = 202, description = "The reply goes on", body = Taken),
        (status = 200, description = "The reply as it is written", body = Event, content_type = "text/event-stream"),
        (status = 404, description = "No such unfinished reply of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn continue_reply(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<MessageId>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let begin = edge.app.messages.go_on(&viewer, id);
    turn::begin(&edge, &viewer, turn::wanted_events(&headers), begin).await
}

/// Keeps one of several replies that are compared
///
/// Those that are still being written are stopped, and the path ends with this one. The others stay as its siblings.
#[utoipa::path(
    post, path = "/messages/{id}/keep", tag = "conversations", security(("session" = [])),
    params(("id" = MessageId, Path)),
    responses(
        (status = 200, description = "It is kept; the conversation as it is now", body = Conversation),
        (status = 404, description = "No such reply of this person, or it is compared with none"),
        Refusals,
    )
)]
pub(super) async fn keep_reply(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<MessageId>,
) -> Result<Body<Conversation>, Fault> {
    Ok(Body(edge.app.messages.keep(&viewer, id).await?))
}

/// Switches to the path through this message
///
/// Down to the newest message below it. Replies that were compared are compared no more.
#[utoipa::path(
    post, path = "/messages/{id}/select", tag = "conversations", security(("session" = [])),
    params(("id" = MessageId, Path)),
    responses(
        (status = 200, description = "It is the path that is read now", body = Selected),
        (status = 404, description = "No such message of this person"),
        (status = 409, description = "A reply is still being written; `generation_id` names it"),
        Refusals,
    )
)]
pub(super) async fn select_message(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<MessageId>,
) -> Result<Body<Selected>, Fault> {
    let conversation_id = edge.app.messages.select(&viewer, id).await?;
    Ok(Body(Selected { conversation_id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_an_absent_parent_from_none() {
        let read = |json: &str| serde_json::from_str::<MessageBody>(json).unwrap().parent_id;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"parent_id":null}"#), Some(None));
    }
}
