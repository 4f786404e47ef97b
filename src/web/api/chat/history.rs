//! Messages of one session or of all, page by page.

use axum::{Json, extract::State};
use parlance_core::domain::{
    ConversationId, Message, MessageId, PersonaId, Role, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::web::{
    api::refusals::Refusals,
    error::Fault,
    extract::{Asked, Signed, id_of, whole_number},
    state::Edge,
};

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web::api) struct HistoryQuery {
    /// Id of a conversation; absent: all of this person.
    #[param(value_type = Option<ConversationId>)]
    session_id: Option<String>,
    /// From 1; absent: 1.
    #[param(value_type = Option<u32>)]
    page: Option<String>,
    /// 1 to 100; absent: 20.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
}

/// One page.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct HistoryPage {
    success: bool,
    /// The newest first.
    messages: Vec<PastMessage>,
    /// Messages on all pages together.
    total: u64,
    page: u32,
}

/// One message.
#[derive(Serialize, ToSchema)]
struct PastMessage {
    id: MessageId,
    session_id: ConversationId,
    user_id: UserId,
    message_type: Role,
    content: String,
    /// Id of the persona that replied.
    role_id: Option<PersonaId>,
    /// Tokens of request and reply as the provider counted them.
    tokens_used: i64,
    /// Milliseconds that the reply took.
    response_time: Option<i64>,
    created_at: Timestamp,
}

/// Lists messages, the newest first
///
/// Of one session or of all. Every branch counts, not only the path that is read.
#[utoipa::path(
    get, path = "/chat/history", tag = "chat", security(("session" = [])),
    params(HistoryQuery),
    responses(
        (status = 200, description = "One page", body = HistoryPage),
        (status = 404, description = "No such session of this person"),
        (status = 422, description = "A parameter cannot be used"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn chat_history(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<HistoryPage>, Fault> {
    let session = id_of("session_id", query.session_id.as_deref())?;
    let page = whole_number("page", query.page.as_deref())?;
    let limit = whole_number("limit", query.limit.as_deref())?;
    let past = edge
        .app
        .messages
        .history(&viewer, session, page, limit)
        .await?;
    let user_id = viewer.user.id;
    Ok(Json(HistoryPage {
        success: true,
        messages: past
            .items
            .into_iter()
            .map(|message| past_message(message, user_id))
            .collect(),
        total: past.total,
        page: past.page,
    }))
}

fn past_message(message: Message, user_id: UserId) -> PastMessage {
    PastMessage {
        id: message.id,
        session_id: message.conversation_id,
        user_id,
        message_type: message.role,
        content: message.content,
        role_id: message.persona_id,
        tokens_used: message
            .usage
            .map_or(0, |usage| usage.prompt_tokens + usage.completion_tokens),
        response_time: message.response_ms,
        created_at: message.created_at,
    }
}
