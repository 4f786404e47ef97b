//! One turn through any door: a message goes in, the reply comes out as ids, as events, or whole.
//!
//! The reply never depends on the client: it goes on when the client has left. Must not enter: rules about
//! messages, or the form of a particular door.

use std::{future::Future, time::Duration};

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use parlance_core::domain::{
    Accepted, ByeReason, ConversationId, Cursor, Event, GenerationId, GenerationStatus, Message,
    MessageEvent, MessageId, MessageStatus, Parameters, Problem, ProblemCode, lane::FIRST,
};
use parlance_server::{
    port::store::Parent,
    service::{
        self, Viewer,
        generations::{Follow, Following},
        messages::{Send, Sent},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    error::{self, Fault},
    sse,
    state::Edge,
};

/// Between two looks at a turn whose end went by unseen.
const LOOK: Duration = Duration::from_millis(250);
/// Looks after which such a turn is given up.
const LOOKS: usize = 100;

/// A message that was taken in.
#[derive(Serialize, ToSchema)]
pub(super) struct Taken {
    #[serde(flatten)]
    accepted: Accepted,
    /// Whether its turn begins only when the reply that is being written has ended.
    waiting: bool,
}

impl From<Sent> for Taken {
    fn from(sent: Sent) -> Self {
        Self {
            accepted: sent.accepted,
            waiting: sent.waiting,
        }
    }
}

/// How a turn ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// A terminal one.
    pub status: GenerationStatus,
    /// None when no text was written.
    pub message: Option<Box<Message>>,
    pub error: Option<Problem>,
}

/// Whose events a door brings, of a message that several models answer.
#[derive(Clone, Copy)]
pub(super) enum Lanes {
    All,
    /// The door knows of one reply to a message.
    First,
}

/// A message for an existing conversation, at the head of its path. Without an id of the client's it
/// gets one of its own and cannot be repeated.
pub(super) fn message(
    conversation_id: ConversationId,
    content: String,
    client_message_id: Option<String>,
    persona: Option<String>,
) -> Send {
    Send {
        conversation_id,
        create: false,
        content,
        client_message_id: client_message_id.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
        parent: Parent::Head,
        persona,
        model: None,
        parameters: Parameters::default(),
        // These doors show one reply.
        compare_with: Some(Vec::new()),
        inline: None,
    }
}

/// Where a message goes: behind the head if nothing is said, at the root if nothing is named.
pub(super) fn parent(named: Option<Option<MessageId>>) -> Parent {
    match named {
        None => Parent::Head,
        Some(None) => Parent::Root,
        Some(Some(id)) => Parent::Message(id),
    }
}

/// Whether the client asked for the reply as it is written.
pub(super) fn wants_events(headers: &HeaderMap) -> bool {
    error::accepts(headers, "text/event-stream")
}

/// What such a client gets: every reply to its message.
pub(super) fn wanted_events(headers: &HeaderMap) -> Option<Lanes> {
    wants_events(headers).then_some(Lanes::All)
}

/// Begins a turn and answers with its ids, or with its events.
pub(super) async fn begin(
    edge: &Edge,
    viewer: &Viewer,
    streamed: Option<Lanes>,
    begin: impl Future<Output = Result<Sent, service::Error>>,
) -> Result<Response, Fault> {
    // Before anything is stored: a refused stream must not leave a message behind.
    let place = streamed
        .map(|lanes| Ok::<_, Fault>((edge.streams.enter(viewer.user.id)?, lanes)))
        .transpose()?;
    let sent = begin.await?;
    let Some((place, lanes)) = place else {
        let status = if sent.repeated {
            StatusCode::OK
        } else {
            StatusCode::ACCEPTED
        };
        return Ok((status, Json(Taken::from(sent))).into_response());
    };
    Ok(match events(edge, viewer, &sent, None, lanes).await? {
        Some(events) => sse::response(events, place),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// The events of a turn from its first to its last; `None` when nothing is left to say. `cursor` is that of its
/// beginning unless one is given.
pub(super) async fn events(
    edge: &Edge,
    viewer: &Viewer,
    sent: &Sent,
    cursor: Option<String>,
    lanes: Lanes,
) -> Result<Option<Following>, Fault> {
    let follow = Follow {
        cursor: Some(cursor.unwrap_or_else(|| sent.whole_turn.clone())),
        // The next end is that of another turn while this one waits.
        once: !sent.waiting,
        pace_ms: None,
    };
    let accepted = &sent.accepted;
    let following = edge
        .app
        .generations
        .follow(viewer, accepted.conversation_id, follow)
        .await?;
    Ok(following.map(|events| until_the_end(events, accepted, lanes)))
}

/// Begins a turn and waits for its end.
pub(super) async fn whole(
    edge: &Edge,
    viewer: &Viewer,
    begin: impl Future<Output = Result<Sent, service::Error>>,
) -> Result<(Accepted, Ended), Fault> {
    let _place = edge.streams.enter(viewer.user.id)?;
    let sent = begin.await?;
    let mut cursor = sent.whole_turn.clone();
    for _ in 0..LOOKS {
        let events = events(edge, viewer, &sent, Some(cursor.clone()), Lanes::First).await?;
        if let Some(mut events) = events
            && let Some(ended) = watch(&mut events, &sent.accepted, &mut cursor).await?
        {
            return Ok((sent.accepted, ended));
        }
        if let Some(ended) = look(edge, viewer, &sent).await? {
            return Ok((sent.accepted, ended));
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(Fault::new(ProblemCode::Internal))
}

/// The end of this turn, if an event is it.
pub(super) fn end_of(event: &Event, generation: GenerationId, reply: MessageId) -> Option<Ended> {
    match event {
        Event::Message(MessageEvent::Final {
            generation_id,
            status,
            message,
            error,
            ..
        }) if *generation_id == generation => Some(Ended {
            status: *status,
            message: message.clone(),
            error: error.clone(),
        }),
        // Stored before the reader came, and another turn has begun since.
        Event::Message(MessageEvent::Upsert { message }) if message.id == reply => {
            stored(message.as_ref().clone())
        }
        _ => None,
    }
}

fn stored(message: Message) -> Option<Ended> {
    let status = match message.status {
        MessageStatus::Streaming => return None,
        MessageStatus::Completed => GenerationStatus::Completed,
        MessageStatus::Stopped => GenerationStatus::Stopped,
        MessageStatus::Interrupted => GenerationStatus::Interrupted,
    };
    Some(Ended {
        status,
        error: message.error.clone(),
        message: Some(Box::new(message)),
    })
}

/// The events up to and including the one that ends this turn, in the last of the lanes.
fn until_the_end(events: Following, accepted: &Accepted, lanes: Lanes) -> Following {
    let mut replies = vec![(accepted.generation_id, accepted.reply_message_id)];
    let events = match lanes {
        Lanes::First => in_first_lane(events),
        Lanes::All => {
            let beside = accepted.beside.iter();
            replies.extend(beside.map(|one| (one.generation_id, one.reply_message_id)));
            events
        }
    };
    stream::unfold((events, replies), |(mut events, mut replies)| async move {
        if replies.is_empty() {
            return None;
        }
        let sent = events.next().await?;
        replies.retain(|(generation, reply)| end_of(&sent.event, *generation, *reply).is_none());
        Some((sent, (events, replies)))
    })
    .boxed()
}

/// Only what is about the reply in the first lane: for doors that know of no other.
pub(super) fn in_first_lane(events: Following) -> Following {
    let events = events.filter(|sent| std::future::ready(sent.event.lane() == FIRST));
    events.boxed()
}

/// Reads on to the end of the turn; `None` when the stream ended first and may be opened again.
async fn watch(
    events: &mut Following,
    accepted: &Accepted,
    cursor: &mut String,
) -> Result<Option<Ended>, Fault> {
    while let Some(sent) = events.next().await {
        if let Some(position) = sent.id {
            *cursor = position.to_string();
        }
        let ended = end_of(
            &sent.event,
            accepted.generation_id,
            accepted.reply_message_id,
        );
        if ended.is_some() {
            return Ok(ended);
        }
        if let Event::Bye(bye) = sent.event {
            return match bye.reason {
                ByeReason::Rotate => Ok(None),
                ByeReason::Drain | ByeReason::Overload => Err(Fault::new(ProblemCode::Draining)),
                ByeReason::Revoked => Err(Fault::new(ProblemCode::Unauthenticated)),
                ByeReason::Gone => Err(Fault::new(ProblemCode::NotFound)),
            };
        }
    }
    Ok(None)
}

/// How the turn ended as far as the store can tell.
async fn look(edge: &Edge, viewer: &Viewer, sent: &Sent) -> Result<Option<Ended>, Fault> {
    let accepted = &sent.accepted;
    let since = sent
        .whole_turn
        .parse::<Cursor>()
        .map_or(0, |cursor| cursor.rev);
    let open = edge
        .app
        .conversations
        .open(viewer, accepted.conversation_id, Some(since))
        .await?;
    let message = open
        .messages
        .into_iter()
        .find(|message| message.id == accepted.reply_message_id);
    let failure = open
        .failure
        .filter(|failure| failure.generation_id == accepted.generation_id);
    Ok(message.and_then(stored).or_else(|| {
        failure.map(|failure| Ended {
            status: failure.status,
            message: None,
            error: failure.error,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlance_core::domain::event::Ping;
    use parlance_server::engine::follow;

    fn accepted() -> Accepted {
        Accepted {
            conversation_id: ConversationId(Uuid::from_u128(1)),
            message_id: MessageId(Uuid::from_u128(2)),
            reply_message_id: MessageId(Uuid::from_u128(3)),
            generation_id: GenerationId(Uuid::from_u128(4)),
            beside: Vec::new(),
            cursor: String::new(),
        }
    }

    fn sent(event: Event) -> follow::Sent {
        follow::Sent {
            about: None,
            id: None,
            event,
        }
    }

    fn end(generation: u128) -> follow::Sent {
        sent(Event::Message(MessageEvent::Final {
            generation_id: GenerationId(Uuid::from_u128(generation)),
            g: String::new(),
            user_message_id: MessageId(Uuid::from_u128(2)),
            lane: 0,
            status: GenerationStatus::Failed,
            message: None,
            error: None,
            text_len: 0,
            text_sha256: String::new(),
        }))
    }

    #[tokio::test]
    async fn a_turn_that_waits_is_read_past_the_end_of_another() {
        let events = vec![end(9), end(4), sent(Event::Ping(Ping { t: 1 }))];
        let events = stream::iter(events).chain(stream::pending()).boxed();
        let read: Vec<_> = until_the_end(events, &accepted(), Lanes::First)
            .collect()
            .await;
        assert_eq!(read.len(), 2);
        assert_eq!(read[1], end(4));
    }

    #[tokio::test]
    async fn a_stream_that_is_renewed_is_no_end() {
        let bye = |reason| {
            let bye = parlance_core::domain::Bye {
                reason,
                retry_ms: 1,
            };
            stream::iter([sent(Event::Bye(bye))]).boxed()
        };
        let mut cursor = String::new();
        let renewed = watch(&mut bye(ByeReason::Rotate), &accepted(), &mut cursor).await;
        assert!(renewed.unwrap().is_none());
        let drained = watch(&mut bye(ByeReason::Drain), &accepted(), &mut cursor).await;
        assert_eq!(
            drained.unwrap_err().into_problem().code,
            ProblemCode::Draining
        );
    }

    #[test]
    fn an_absent_parent_is_the_head_and_none_is_the_root() {
        let id = MessageId(Uuid::from_u128(7));
        assert_eq!(parent(None), Parent::Head);
        assert_eq!(parent(Some(None)), Parent::Root);
        assert_eq!(parent(Some(Some(id))), Parent::Message(id));
    }
}
