//! A title on demand.

use axum::{Json as Body, extract::State};
use parlance_core::domain::ConversationId;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask::TitleBody;
use crate::web::{
    api::refusals::Refusals,
    error::Fault,
    extract::{Json, Signed},
    state::Edge,
};

/// A conversation's title.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct Titled {
    success: bool,
    conversation_id: ConversationId,
    title: String,
}

/// Lets the model give a conversation its title
///
/// From the conversation's own messages; `messages` in the body is taken and not read. A title that a person gave
/// stays and is the answer. A model's address or key in the body means what it does at `POST /chat/send`.
#[utoipa::path(
    post, path = "/conversation/generate_title", tag = "chat", security(("session" = [])),
    request_body = TitleBody,
    responses(
        (status = 200, description = "The title as it is stored now", body = Titled),
        (status = 403, description = "The group may name no endpoints, or this one is blocked"),
        (status = 404, description = "No such conversation of this person"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn generate_title(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(body): Json<TitleBody>,
) -> Result<Body<Titled>, Fault> {
    let (id, inline) = body.taken_apart()?;
    let conversation = edge
        .app
        .conversations
        .generate_title(&viewer, id, inline)
        .await?;
    Ok(Body(Titled {
        success: true,
        conversation_id: conversation.id,
        title: conversation.title,
    }))
}
