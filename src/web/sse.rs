//! Events on the wire: server-sent events (WHATWG HTML §9.2), each `data:` one line of JSON.
//!
//! No `event:` field, so that every event reaches `onmessage`. No comments as heartbeat either: pages
//! cannot see them. Must not enter: which events there are, and when; that is the engine's.

use std::{convert::Infallible, ops::RangeInclusive, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event as Block, Sse},
    },
};
use futures::{
    Stream,
    stream::{self, StreamExt},
};
use parlance_core::domain::{Bye, ByeReason, Event};
use parlance_server::service::{self, generations::Following};
use uuid::Uuid;

use super::{
    error::Fault,
    limits::{Full, Place},
};

/// Milliseconds until a browser reconnects.
const RETRY_MS: RangeInclusive<u64> = 1_000..=3_000;
/// The same where there is no place at the moment.
const OVERLOAD_RETRY_MS: RangeInclusive<u64> = 5_000..=15_000;

/// The response that carries what `follow` finds; where this process has no place for one more stream, a farewell alone:
/// `EventSource` would take any other refusal as the end for good.
pub(super) async fn serve(
    place: Result<Place, Full>,
    follow: impl Future<Output = Result<Option<Following>, service::Error>>,
) -> Result<Response, Fault> {
    let place = match place {
        Ok(place) => place,
        Err(Full::Process) => return Ok(respond(stream::iter([farewell()]))),
        Err(full) => return Err(full.into()),
    };
    Ok(match follow.await? {
        Some(following) => response(following, place),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

fn farewell() -> Result<Block, Infallible> {
    let retry_ms = spread(OVERLOAD_RETRY_MS);
    let bye = Event::Bye(Bye {
        reason: ByeReason::Overload,
        retry_ms,
    });
    let block = Block::default().retry(Duration::from_millis(retry_ms));
    Ok(block.data(bye.to_json(None)))
}

/// The response that carries these events; the place is given back when it ends.
pub(super) fn response(following: Following, place: Place) -> Response {
    let mut retry = Some(spread(RETRY_MS));
    let blocks = following.map(move |sent| {
        // Held until the stream is dropped, whichever side ends it.
        let _ = &place;
        let mut block = Block::default();
        if let Some(cursor) = sent.id {
            block = block.id(cursor.to_string());
        }
        // The first block brings the delay for an unforeseen end, the farewell its own.
        let delay = match &sent.event {
            Event::Bye(bye) => Some(bye.retry_ms),
            _ => retry.take(),
        };
        if let Some(milliseconds) = delay {
            block = block.retry(Duration::from_millis(milliseconds));
        }
        Ok::<_, Infallible>(block.data(sent.event.to_json(sent.about)))
    });
    respond(blocks)
}

fn respond(blocks: impl Stream<Item = Result<Block, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(blocks).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    // nginx buffers responses unless it is told not to.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

/// Somewhere in the range, so that many do not come back at once.
fn spread(range: RangeInclusive<u64>) -> u64 {
    let span = range.end() - range.start() + 1;
    let random = Uuid::new_v4().as_u64_pair().1;
    range.start() + random % span
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Streams;
    use futures::stream;
    use parlance_core::domain::{
        Bye, ByeReason, Cursor, Hello, MessageEvent, Part, UserId,
        event::{Ping, Resume},
    };
    use parlance_server::engine::follow::Sent;

    fn events() -> Vec<Sent> {
        let hello = Hello {
            protocol: 1,
            rev: 17,
            resume: Resume::Exact,
            heartbeat_ms: 10_000,
            server_time: 1_763_664_000_123,
        };
        let delta = MessageEvent::Delta {
            g: "k7f2m9qd3x".into(),
            prev: 39,
            seq: 42,
            lane: 0,
            part: Part::Text,
            text: "two\r\nlines".into(),
        };
        vec![
            Sent {
                about: None,
                id: None,
                event: Event::Hello(hello),
            },
            Sent {
                about: None,
                id: Some(Cursor::idle(17).into()),
                event: Event::Message(delta),
            },
            Sent {
                about: None,
                id: None,
                event: Event::Ping(Ping { t: 5 }),
            },
            Sent {
                about: None,
                id: None,
                event: Event::Bye(Bye {
                    reason: ByeReason::Drain,
                    retry_ms: 4_321,
                }),
            },
        ]
    }

    #[tokio::test]
    async fn writes_retry_then_ids_then_the_farewells_own_delay() {
        let streams = Streams::new(1, 1);
        let place = streams.enter(UserId(Uuid::nil())).unwrap();
        let response = response(stream::iter(events()).boxed(), place);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(
            response.headers()["cache-control"],
            "no-store, no-transform"
        );
        assert_eq!(response.headers()["vary"], "cookie");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let blocks: Vec<&str> = text.trim_end().split("\n\n").collect();
        assert_eq!(blocks.len(), 4, "{text}");
        assert!(
            blocks[0].lines().any(|line| line.starts_with("retry: ")),
            "{text}"
        );
        assert!(
            blocks[0].contains(r#"data: {"type":"hello","data":{"protocol":1"#),
            "{text}"
        );
        assert!(blocks[1].contains("id: 17::0"), "{text}");
        assert!(blocks[1].contains(r#""text":"two\r\nlines""#), "{text}");
        assert!(
            !blocks[2].contains("id:") && !blocks[2].contains("retry:"),
            "{text}"
        );
        assert!(blocks[3].contains("retry: 4321"), "{text}");
    }

    #[test]
    fn delays_stay_in_their_range() {
        assert!((0..1_000).all(|_| RETRY_MS.contains(&spread(RETRY_MS))));
    }
}
