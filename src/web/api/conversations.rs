//! Conversations: making, listing, reading, changing, following, deleting.

use axum::{
    Json as Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use parlance_core::domain::{
    Conversation, ConversationId, ConversationPage, ConversationSort, Event, FieldCode,
    ModelConfigId, OpenConversation, Parameters, WhenBusy,
};
use parlance_server::service::{
    conversations::{Create, Update},
    generations::Follow,
};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

use super::refusals::Refusals;
use crate::web::{
    csrf,
    error::Fault,
    extract::{Asked, Id, JsonIfAny, Signed, whole_number},
    sse,
    state::Edge,
};

/// A conversation to be made; all of it may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConversationBody {
    /// Minted by the client, so that the same request may be sent again.
    id: Option<ConversationId>,
    /// At most 200 characters; absent: taken from the first message.
    title: Option<String>,
    /// Id or short name of the persona that replies.
    persona_id: Option<String>,
    /// The model configuration that is asked; absent: what the server was set up with.
    model_config_id: Option<ModelConfigId>,
    /// Over those of the model configuration.
    parameters: Parameters,
    /// At most two further model configurations that every message goes to, side by side with the first.
    compare_with: Vec<ModelConfigId>,
}

/// What is to change; what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ChangeBody {
    /// 1 to 200 characters. No generated title takes its place.
    title: Option<String>,
    /// What happens to a message that is sent while a reply is being written.
    when_busy: Option<WhenBusy>,
    /// The model configuration that is asked from now on; `null`: what the server was set up with.
    #[serde(deserialize_with = "named")]
    #[schema(value_type = Option<ModelConfigId>)]
    model_config_id: Option<Option<ModelConfigId>>,
    /// All of them: over those of the model configuration.
    parameters: Option<Parameters>,
    /// At most two further model configurations that every new message goes to, side by side with the first; `[]`: none.
    compare_with: Option<Vec<ModelConfigId>>,
}

/// A page of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `updated` (the default), `created` or `title`.
    #[param(value_type = Option<ConversationSort>)]
    sort: Option<String>,
    /// `next_cursor` of the page before, in the same order.
    cursor: Option<String>,
    /// 1 to 100; absent: 50.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
}

/// How much of a conversation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OpenQuery {
    /// Only messages that came after this `rev`.
    #[param(value_type = Option<u64>)]
    since_rev: Option<String>,
}

/// How to follow.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FollowQuery {
    /// A `cursor` from an earlier answer. The header `Last-Event-ID` wins. One that cannot be used is no
    /// error: the state is sent anew.
    after: Option<String>,
    /// `1`: end after the reply's last event; 204 if nothing is left.
    once: Option<String>,
    /// Least milliseconds between two pieces of text, 16 to 10000.
    #[param(value_type = Option<u64>)]
    pace: Option<String>,
}

/// An absent member stays `None`; `null` is a value of its own.
fn named<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<ModelConfigId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Makes an empty conversation
#[utoipa::path(
    post, path = "/conversations", tag = "conversations", security(("session" = [])),
    request_body(content = Option<ConversationBody>),
    responses(
        (status = 201, description = "It exists", body = Conversation,
            headers(("Location" = String, description = "Its address"))),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn create_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    JsonIfAny(body): JsonIfAny<ConversationBody>,
) -> Result<impl IntoResponse, Fault> {
    let create = Create {
        id: body.id,
        title: body.title,
        persona_id: body.persona_id,
        model_config_id: body.model_config_id,
        parameters: body.parameters,
        compare_with: body.compare_with,
    };
    let conversation = edge.app.conversations.create(&viewer, create).await?;
    let location = format!("/api/v1/conversations/{}", conversation.id);
    Ok((
        StatusCode::CREATED,
        AppendHeaders([(header::LOCATION, location)]),
        Body(conversation),
    ))
}

/// Lists the person's conversations
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", security(("session" = [])),
    params(ListQuery),
    responses((status = 200, description = "One page", body = ConversationPage), Refusals)
)]
pub(super) async fn list_conversations(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Asked(query): Asked<ListQuery>,
) -> Result<Body<ConversationPage>, Fault> {
    let sort = order(query.sort.as_deref())?;
    let limit = whole_number("limit", query.limit.as_deref())?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    Ok(Body(
        edge.app
            .conversations
            .list(&viewer, sort, cursor, limit)
            .await?,
    ))
}

fn order(word: Option<&str>) -> Result<ConversationSort, Fault> {
    match word {
        None | Some("" | "updated") => Ok(ConversationSort::Updated),
        Some("created") => Ok(ConversationSort::Created),
        Some("title") => Ok(ConversationSort::Title),
        Some(_) => Err(Fault::field("sort", FieldCode::Unknown)),
    }
}

/// Reads a conversation with its messages
///
/// `cursor` covers everything in the answer: following from it misses nothing and repeats nothing.
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path), OpenQuery),
    responses(
        (status = 200, description = "The conversation", body = OpenConversation),
        (status = 404, description = "No such conversation of this person"),
        Refusals,
    )
)]
pub(super) async fn get_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
    Asked(query): Asked<OpenQuery>,
) -> Result<Body<OpenConversation>, Fault> {
    let since_rev = whole_number("since_rev", query.since_rev.as_deref())?;
    Ok(Body(
        edge.app.conversations.open(&viewer, id, since_rev).await?,
    ))
}

/// Changes a conversation
///
/// A title that a person gave is never replaced by a generated one.
#[utoipa::path(
    patch, path = "/conversations/{id}", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    request_body(content = Option<ChangeBody>),
    responses(
        (status = 200, description = "As it is now", body = Conversation),
        (status = 404, description = "No such conversation of this person"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn update_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
    JsonIfAny(body): JsonIfAny<ChangeBody>,
) -> Result<Body<Conversation>, Fault> {
    let update = Update {
        title: body.title,
        when_busy: body.when_busy,
        model_config_id: body.model_config_id,
        parameters: body.parameters,
        compare_with: body.compare_with,
    };
    Ok(Body(
        edge.app.conversations.update(&viewer, id, update).await?,
    ))
}

/// Deletes a conversation
///
/// A reply that is being written in it is stopped. For thirty days it may be restored; then it leaves storage.
#[utoipa::path(
    delete, path = "/conversations/{id}", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "No such conversation of this person"),
        Refusals,
    )
)]
pub(super) async fn delete_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
) -> Result<StatusCode, Fault> {
    edge.app.conversations.delete(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restores a deleted conversation
///
/// As it was, at the place in the list that its last use gives it. One that is not deleted stays as it is.
#[utoipa::path(
    post, path = "/conversations/{id}/restore", tag = "conversations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    responses(
        (status = 200, description = "As it is now", body = Conversation),
        (status = 404, description = "No such conversation of this person"),
        Refusals,
    )
)]
pub(super) async fn restore_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
) -> Result<Body<Conversation>, Fault> {
    Ok(Body(edge.app.conversations.restore(&viewer, id).await?))
}

/// Follows a conversation (server-sent events)
///
/// What lies after the cursor, then what happens, until one side closes: `hello` first, `bye` last, a
/// `ping` at least every `heartbeat_ms`. Every event is one `data:` line of JSON, and text always comes in
/// `type: "message"`. `id:` is the cursor that the reader has after that event.
#[utoipa::path(
    get, path = "/conversations/{id}/stream", tag = "conversations", security(("session" = [])),
    params(
        ("id" = ConversationId, Path),
        FollowQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "Sent by browsers when they reconnect"),
    ),
    responses(
        (status = 200, description = "Events", body = Event, content_type = "text/event-stream"),
        (status = 204, description = "With `once=1`: nothing is left"),
        (status = 404, description = "No such conversation of this person"),
        (status = 429, description = "This person holds too many streams"),
        Refusals,
    )
)]
pub(super) async fn stream_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
    Asked(query): Asked<FollowQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    csrf::may_read(&headers)?;
    let last_event_id = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok());
    let follow = Follow {
        cursor: last_event_id
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .or(query.after),
        once: matches!(query.once.as_deref(), Some("1" | "true")),
        pace_ms: whole_number("pace", query.pace.as_deref())?,
    };
    let place = edge.streams.enter(viewer.user.id);
    sse::serve(place, edge.app.generations.follow(&viewer, id, follow)).await
}
