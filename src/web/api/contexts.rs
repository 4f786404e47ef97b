//! What models are told beside the conversation: texts with names, and what each conversation has of its own.

use axum::{Json as Body, extract::State, http::StatusCode};
use parlance_core::domain::{
    ContextDraft, ContextId, ConversationContext, ConversationId, NamedContext, Outlook,
};
use parlance_server::service::contexts::Opened;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Id, Json, Signed, reshape},
    state::Edge,
};

/// The named contexts of the signed-in person.
#[derive(Serialize, ToSchema)]
pub(super) struct Named {
    items: Vec<NamedContext>,
}

/// Where a conversation's context comes from and what it is meant for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Aim {
    /// Begins with the text of this named context, in place of `content`. A copy: it stays when the named one changes.
    context_id: Option<ContextId>,
    /// The `rev` that was read: 409 if somebody has changed it since. Absent: the last one wins.
    rev: Option<u64>,
}

/// All of a conversation's context: what is left out is empty.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body, which is read in two steps")]
pub(super) struct ContextBody {
    #[schema(inline)]
    #[serde(flatten)]
    aim: Aim,
    #[serde(flatten)]
    context: ConversationContext,
}

/// A conversation's context and what comes of it.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenContext {
    conversation_id: ConversationId,
    #[serde(flatten)]
    context: ConversationContext,
    /// Goes along with a change that is meant for this.
    rev: u64,
    /// The next request, were it sent now.
    next: Outlook,
}

impl OpenContext {
    fn new(conversation_id: ConversationId, opened: Opened) -> Self {
        Self {
            conversation_id,
            context: opened.context,
            rev: opened.rev,
            next: opened.outlook,
        }
    }
}

/// Lists the named contexts, by name
#[utoipa::path(
    get, path = "/contexts", tag = "contexts", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Named), Refusals)
)]
pub(super) async fn list_contexts(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Named>, Fault> {
    let items = edge.app.contexts.list(&viewer).await?;
    Ok(Body(Named { items }))
}

/// Makes a named context
#[utoipa::path(
    post, path = "/contexts", tag = "contexts", security(("session" = [])), request_body = ContextDraft,
    responses(
        (status = 201, description = "The context", body = NamedContext),
        (status = 409, description = "There are too many"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn create_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(draft): Json<ContextDraft>,
) -> Result<(StatusCode, Body<NamedContext>), Fault> {
    let context = edge.app.contexts.create(&viewer, draft).await?;
    Ok((StatusCode::CREATED, Body(context)))
}

/// Reads a named context
#[utoipa::path(
    get, path = "/contexts/{id}", tag = "contexts", security(("session" = [])),
    params(("id" = ContextId, Path, description = "The context")),
    responses((status = 200, description = "The context", body = NamedContext), Refusals)
)]
pub(super) async fn get_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ContextId>,
) -> Result<Body<NamedContext>, Fault> {
    Ok(Body(edge.app.contexts.get(&viewer, id).await?))
}

/// Changes a named context
///
/// All of it. Conversations that began with it keep their copies.
#[utoipa::path(
    put, path = "/contexts/{id}", tag = "contexts", security(("session" = [])), request_body = ContextDraft,
    params(("id" = ContextId, Path, description = "The context")),
    responses(
        (status = 200, description = "The context", body = NamedContext),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn change_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ContextId>,
    Json(draft): Json<ContextDraft>,
) -> Result<Body<NamedContext>, Fault> {
    let contexts = &edge.app.contexts;
    Ok(Body(contexts.change(&viewer, id, draft).await?))
}

/// Deletes a named context
///
/// Conversations that began with it keep their copies.
#[utoipa::path(
    delete, path = "/contexts/{id}", tag = "contexts", security(("session" = [])),
    params(("id" = ContextId, Path, description = "The context")),
    responses((status = 204, description = "It is gone"), Refusals)
)]
pub(super) async fn delete_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ContextId>,
) -> Result<StatusCode, Fault> {
    edge.app.contexts.delete(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what a conversation tells its model
///
/// And what its next request would be: what goes in, what does not fit, what a summary stands for.
#[utoipa::path(
    get, path = "/conversations/{id}/context", tag = "contexts", security(("session" = [])),
    params(("id" = ConversationId, Path, description = "The conversation")),
    responses((status = 200, description = "The context", body = OpenContext), Refusals)
)]
pub(super) async fn get_conversation_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
) -> Result<Body<OpenContext>, Fault> {
    let opened = edge.app.contexts.open(&viewer, id).await?;
    Ok(Body(OpenContext::new(id, opened)))
}

/// Changes what a conversation tells its model
///
/// All of it, from the next turn on; a reply that is being written is not touched. The messages stay as they were said.
#[utoipa::path(
    put, path = "/conversations/{id}/context", tag = "contexts", security(("session" = [])),
    request_body = ContextBody,
    params(("id" = ConversationId, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The context", body = OpenContext),
        (status = 409, description = "Somebody has changed it since `rev`"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn set_conversation_context(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Body<OpenContext>, Fault> {
    // In two steps: flattened into one, unknown members would be passed over.
    let aim = ["context_id", "rev"].map(|name| body.remove_entry(name));
    let aim: Aim = reshape(aim.into_iter().flatten().collect())?;
    let context: ConversationContext = reshape(body)?;
    let contexts = &edge.app.contexts;
    contexts
        .set_from(&viewer, id, context, aim.context_id, aim.rev)
        .await?;
    let opened = contexts.open(&viewer, id).await?;
    Ok(Body(OpenContext::new(id, opened)))
}
