//! WebSockets (RFC 6455): who may open one, how it ends, and the two doors that speak over it.
//!
//! A socket is one more reader of the engine. Nothing is queued for it: the next event is taken when the last one
//! has been written, and the next message is read when the last one has been dealt with.
//! Must not enter: rules about messages.

mod chat;
mod feeds;
mod frame;
mod line;
mod session;
mod told;

use axum::{
    Router,
    extract::{
        Path, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::any,
};
use parlance_core::domain::{ByeReason, ConversationId, ProblemCode, limits};
use parlance_server::service::{self, Viewer};
use serde::Deserialize;

use super::{
    csrf,
    error::Fault,
    extract::{Asked, MaybeSigned, Ours},
    limits::{Full, Place},
    state::Edge,
};
use line::Line;

/// A request to open one, or what it lacks to be one.
pub(super) type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// What an address of a socket may carry.
#[derive(Deserialize)]
pub(super) struct SocketQuery {
    /// A ticket.
    pub token: Option<String>,
    /// A cursor to go on from.
    pub after: Option<String>,
}

/// Why we close; the number is the code on the wire, those from 4000 are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// No session, a bad ticket, or signed out.
    Unauthenticated,
    /// Not this person's conversation, or gone.
    NotFound,
    StreamLimit,
    /// Come back: the server ends, or rights are to be checked again.
    Restart(&'static str),
    Overload,
    Malformed,
    TooLarge,
    Internal,
}

impl Close {
    fn code(self) -> u16 {
        match self {
            Self::Unauthenticated => 4401,
            Self::NotFound => 4404,
            Self::StreamLimit => 4429,
            Self::Restart(_) => 1012,
            Self::Overload => 1013,
            Self::Malformed => 1002,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::NotFound => "not_found",
            Self::StreamLimit => "stream_limit",
            Self::Restart(word) => word,
            Self::Overload => "overload",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Internal => "internal",
        }
    }
}

impl From<ByeReason> for Close {
    fn from(reason: ByeReason) -> Self {
        match reason {
            ByeReason::Rotate => Self::Restart("rotate"),
            ByeReason::Drain => Self::Restart("drain"),
            ByeReason::Revoked => Self::Unauthenticated,
            ByeReason::Overload => Self::Overload,
            ByeReason::Gone => Self::NotFound,
        }
    }
}

impl From<service::Error> for Close {
    fn from(error: service::Error) -> Self {
        match Fault::from(error).into_problem().code {
            ProblemCode::Unauthenticated => Self::Unauthenticated,
            ProblemCode::NotFound => Self::NotFound,
            ProblemCode::Draining => Self::Restart("drain"),
            ProblemCode::StorageUnavailable => Self::Overload,
            _ => Self::Internal,
        }
    }
}

/// The socket that lies outside of the API. Any method: over HTTP/2 it is opened by CONNECT.
pub(super) fn router() -> Router<Edge> {
    Router::new().route("/ws/chat/{session_id}", any(session_socket))
}

async fn session_socket(
    State(edge): State<Edge>,
    MaybeSigned(viewer): MaybeSigned,
    Path(session_id): Path<String>,
    Asked(query): Asked<SocketQuery>,
    Ours(origin): Ours,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let entrance = Entrance {
        edge,
        viewer,
        token: query.token,
        origin,
        headers,
    };
    let answer = entrance.admit(upgrade, move |guest| async move {
        match session_id.parse::<ConversationId>() {
            Ok(conversation) => session::run(guest, conversation, query.after).await,
            // What is no id names nothing.
            Err(_) => guest.line.close(Close::NotFound).await,
        }
    });
    answer.await.unwrap_or_else(IntoResponse::into_response)
}

/// The socket of the API: messages for any conversation.
pub(super) async fn chat_socket(entrance: Entrance, upgrade: Upgrade) -> Result<Response, Fault> {
    entrance.admit(upgrade, chat::run).await
}

/// A request before it is let in.
pub(super) struct Entrance {
    pub edge: Edge,
    /// By the cookie.
    pub viewer: Option<Viewer>,
    pub token: Option<String>,
    /// Our own.
    pub origin: String,
    pub headers: HeaderMap,
}

/// Somebody who was let in.
struct Guest {
    edge: Edge,
    viewer: Viewer,
    line: Line,
    _place: Place,
}

impl Entrance {
    /// Opens the socket. Browsers do not tell pages why one was not opened, only how it closed; so who may not stay is
    /// let in and shown out with a code. Other sites are not let in at all.
    async fn admit<F, R>(self, upgrade: Upgrade, attend: F) -> Result<Response, Fault>
    where
        F: FnOnce(Guest) -> R + Send + 'static,
        R: Future<Output = ()> + Send,
    {
        let by_ticket = self.token.is_some();
        csrf::may_open(&self.headers, &self.origin, by_ticket)?;
        let upgrade = match upgrade {
            Ok(upgrade) => upgrade,
            Err(_) if self.viewer.is_none() => {
                return Err(Fault::new(ProblemCode::Unauthenticated));
            }
            Err(_) => {
                return Err(Fault::new(ProblemCode::BadRequest)
                    .detail("This address is opened as a WebSocket."));
            }
        };
        let Self {
            edge,
            viewer,
            token,
            ..
        } = self;
        let viewer = match token {
            Some(token) => edge.app.accounts.redeem(&token).await?,
            None => viewer,
        };
        let seat = viewer.ok_or(Close::Unauthenticated).and_then(|viewer| {
            match edge.streams.enter(viewer.user.id) {
                Ok(place) => Ok((viewer, place)),
                Err(Full::Person) => Err(Close::StreamLimit),
                Err(Full::Process) => Err(Close::Overload),
            }
        });
        let heartbeat = edge.app.config.times.stream_heartbeat;
        let upgrade = upgrade
            .max_message_size(limits::BODY_BYTES)
            .max_frame_size(limits::BODY_BYTES);
        Ok(upgrade.on_upgrade(move |socket| async move {
            let line = Line::new(socket, heartbeat);
            match seat {
                Ok((viewer, place)) => {
                    attend(Guest {
                        edge,
                        viewer,
                        line,
                        _place: place,
                    })
                    .await;
                }
                Err(close) => line.close(close).await,
            }
        }))
    }
}
