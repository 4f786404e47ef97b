//! Replies under way.

use axum::{Json, extract::State};
use parlance_core::domain::{ConversationId, GenerationId, Stopped};

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Id, Signed},
    state::Edge,
};

/// Stops a reply
///
/// Answers when the end is stored; nothing is added to the text afterwards. On a reply that has ended
/// already: how it ended.
#[utoipa::path(
    post, path = "/generations/{id}/stop", tag = "generations", security(("session" = [])),
    params(("id" = GenerationId, Path)),
    responses(
        (status = 200, description = "It has ended", body = Stopped),
        (status = 404, description = "No such reply of this person"),
        Refusals,
    )
)]
pub(super) async fn stop_generation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<GenerationId>,
) -> Result<Json<Stopped>, Fault> {
    Ok(Json(edge.app.generations.stop(&viewer, id).await?))
}

/// Stops whatever is being written in a conversation
///
/// Every reply to its newest message, where several models were asked. Answers when every end is stored, with these ends
/// in the order of their lanes; with an empty list where nothing is being written.
#[utoipa::path(
    post, path = "/conversations/{id}/stop", tag = "generations", security(("session" = [])),
    params(("id" = ConversationId, Path)),
    responses(
        (status = 200, description = "Nothing is being written any more", body = Vec<Stopped>),
        (status = 404, description = "No such conversation of this person"),
        Refusals,
    )
)]
pub(super) async fn stop_conversation(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ConversationId>,
) -> Result<Json<Vec<Stopped>>, Fault> {
    Ok(Json(edge.app.generations.stop_all(&viewer, id).await?))
}
