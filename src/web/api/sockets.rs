//! The socket among the API's addresses; what is said over it lives in `web::ws`.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Asked, MaybeSigned, Ours},
    state::Edge,
    ws::{self, Entrance, SocketQuery, Upgrade},
};

/// Opens a socket for messages and replies (WebSocket)
///
/// `token` is a ticket of `POST /ws/ticket`; without one the session's cookie counts, if the page is this server's
/// own. Messages in both directions are JSON objects, in ours `type` and `data`; one may have 1 MiB.
///
/// **In**: `{"conversation_id", "message", …}` as in the second form of `POST /chat/send`, bare or as `data` of
/// `"type": "user_message"`. `resume` with `{conversation_id, cursor}`: the events after the cursor. `stop` with
/// `{conversation_id}` or `{generation_id}`. `ping`.
///
/// **Out**: `accepted` with the ids of the turn; then its events as on streams, each with a `conversation_id`, and an
/// `id` where it moves the cursor; the last one (`op: "final"`) bears `user_message_id` and the reply as `message`.
/// `stopped`, `pong`, and `error` with problem details. At most 8 conversations are read at once.
///
/// **`/ws/chat/{session_id}`** is the same for one conversation. In: `{"type": "user_message", "data": {"message",
/// "role_id", "timestamp", "client_message_id"?}}`, `resume` with `{cursor}`, `stop`, `ping`. Out: `{"type":
/// "ai_response", "data": {"message", "role_name", "message_id", "timestamp", "status", "op", "cursor"}}`. While
/// `status` is `streaming`, `message` is a piece: `op: "append"` adds it, `op: "replace"` puts it in the place of what
/// was said. The last frame has the whole text and `status` `completed`, `stopped`, `interrupted`, `failed` or
/// `cancelled`. `after=CURSOR` in the address resumes.
///
/// The server pings; a peer that is silent for two and a half heartbeats is dropped. **Close codes**: 4401 no session
/// or a bad ticket, 4404 not this person's conversation, 4429 too many streams, 1012 come back (the server ends, or
/// rights are checked again), 1013 overloaded, 1009 message too large.
#[utoipa::path(
    get, path = "/chat/ws/chat", tag = "chat", security(("session" = [])),
    params(
        ("token" = Option<String>, Query, description = "A ticket"),
    ),
    responses(
        (status = 101, description = "The socket is open"),
        (status = 401, description = "No socket was asked for, and nobody is signed in"),
        (status = 403, description = "Asked by another site"),
        Refusals,
    )
)]
pub(super) async fn chat_socket(
    State(edge): State<Edge>,
    MaybeSigned(viewer): MaybeSigned,
    Asked(query): Asked<SocketQuery>,
    Ours(origin): Ours,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Fault> {
    let entrance = Entrance {
        edge,
        viewer,
        token: query.token,
        origin,
        headers,
    };
    ws::chat_socket(entrance, upgrade).await
}
