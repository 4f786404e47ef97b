//! What concerns the whole account: its one stream, and tickets for sockets.

use axum::{Json as Body, extract::State, http::HeaderMap, response::Response};
use futures::TryFutureExt;
use parlance_core::domain::{ConversationId, Event, FieldCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::refusals::Refusals;
use crate::web::{
    csrf,
    error::Fault,
    extract::{Asked, Signed, whole_number},
    sse,
    state::Edge,
};

/// What the stream carries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamQuery {
    /// Conversations to follow too, as `ID:CURSOR,ID:CURSOR`, at most 8. Without a cursor (`ID`) the state is
    /// sent anew.
    c: Option<String>,
    /// Least milliseconds between two pieces of text of one conversation, 16 to 10000.
    #[param(value_type = Option<u64>)]
    pace: Option<String>,
}

/// Opens one WebSocket, once.
#[derive(Serialize, ToSchema)]
pub(super) struct TicketView {
    /// Goes into the address: `/ws/chat/{session_id}?token=…`.
    token: String,
    /// 60 seconds from now.
    expires_at: Timestamp,
}

/// Follows the account (server-sent events)
///
/// Which conversations there are, their titles, what is being written where; and with `c` the events of
/// those conversations, each with a `conversation_id`. A conversation that is not this person's is answered by
/// an `error` event about it with the code `not_found`; the stream goes on. Several cursors do not fit a
/// `Last-Event-ID`: open it again with a fresh `c`.
#[utoipa::path(
    get, path = "/stream", tag = "conversations", security(("session" = [])),
    params(StreamQuery),
    responses(
        (status = 200, description = "Events", body = Event, content_type = "text/event-stream"),
        (status = 422, description = "`c` cannot be read, or names too many"),
        (status = 429, description = "This person holds too many streams"),
        Refusals,
    )
)]
pub(super) async fn stream_account(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Asked(query): Asked<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    csrf::may_read(&headers)?;
    let conversations = positions(query.c.as_deref().unwrap_or_default())?;
    let pace_ms = whole_number("pace", query.pace.as_deref())?;
    let place = edge.streams.enter(viewer.user.id);
    let generations = &edge.app.generations;
    let following = generations.follow_account(&viewer, conversations, pace_ms);
    sse::serve(place, following.map_ok(Some)).await
}

/// Gives a ticket for a WebSocket
///
/// Browsers cannot send headers with a socket. The ticket is good for one socket within a minute; it acts for this
/// session and ends with it.
#[utoipa::path(
    post, path = "/ws/ticket", tag = "auth", security(("session" = [])),
    responses((status = 200, description = "A ticket", body = TicketView), Refusals)
)]
pub(super) async fn make_ticket(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<TicketView>, Fault> {
    let ticket = edge.app.accounts.ticket(&viewer).await?;
    Ok(Body(TicketView {
        token: ticket.token,
        expires_at: ticket.expires_at,
    }))
}

/// Reads `ID:CURSOR,ID,…`. A conversation that is named twice counts once, as it was named last.
fn positions(text: &str) -> Result<Vec<(ConversationId, Option<String>)>, Fault> {
    let mut positions: Vec<(ConversationId, Option<String>)> = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let (id, cursor) = word.split_once(':').unwrap_or((word, ""));
        let id = id
            .parse()
            .map_err(|_| Fault::field("c", FieldCode::Malformed))?;
        positions.retain(|(known, _)| *known != id);
        positions.push((id, Some(cursor.to_owned()).filter(|text| !text.is_empty())));
        if positions.len() > limits::STREAM_CONVERSATIONS {
            return Err(Fault::field("c", FieldCode::TooLong));
        }
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn reads_ids_with_and_without_a_cursor() {
        let [a, b] = [1, 2].map(|number| ConversationId(Uuid::from_u128(number)));
        let read = positions(&format!("{a}:17:k7f2m9qd3x:42,{b},,{b}:")).unwrap();
        assert_eq!(read, [(a, Some("17:k7f2m9qd3x:42".to_owned())), (b, None)]);
        assert!(positions("").unwrap().is_empty());
        assert!(positions("mine:1::0").is_err());
    }

    #[test]
    fn takes_so_many_and_no_more() {
        let list = |count: u128| {
            let ids: Vec<_> = (0..count)
                .map(|number| Uuid::from_u128(number).to_string())
                .collect();
            positions(&ids.join(","))
        };
        assert_eq!(list(8).unwrap().len(), limits::STREAM_CONVERSATIONS);
        assert!(list(9).is_err());
    }
}
