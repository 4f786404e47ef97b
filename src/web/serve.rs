//! Connections: accepted until the end is asked for, then wound up.
//!
//! Our own loop instead of `axum::serve`, which has no time-out for request headers: a client that
//! sends them a byte a minute would hold its connection for ever.
//! Must not enter: what is said on a connection.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use parlance_server::App;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tower::ServiceExt;

use super::{assets, router::router, state::Edge};
use crate::shutdown::Shutdown;

/// For the request line and all headers.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Request line and headers together, bytes.
const HEADER_BYTES: usize = 64 * 1024;
/// An idle HTTP/2 connection is asked for a sign of life.
const H2_PING: Duration = Duration::from_secs(30);
/// Requests at once on one HTTP/2 connection: a page with its files, and all streams that a person may hold.
const H2_STREAMS: u32 = 128;
/// Streams that the client took back before anybody looked at them (CVE-2023-44487); beyond it the connection ends.
const H2_RESETS: usize = 20;
/// Streams that were reset because the client broke the protocol (RUSTSEC-2024-0003); beyond it the connection ends.
const H2_FAULTS: usize = 128;
/// For answers under way when the end is asked for. Streams say goodbye at once.
const GRACE: Duration = Duration::from_secs(10);
/// What the kernel keeps for a reader that takes nothing, bytes; Linux doubles it. Without a limit it grows to megabytes
/// before any back-pressure is felt, for each stalled viewer.
const SEND_BUFFER: usize = 80 * 1024;
/// A peer that acknowledges nothing for so long is gone; without it that takes a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// Between two looks at the first bytes of a connection, when they came in pieces.
const PEEK_PAUSE: Duration = Duration::from_millis(20);
/// How HTTP/2 begins (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// After a failed accept (no file descriptors left, most often).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `shutdown`: then accepts nothing more, lets the engine take leave of its viewers, and
/// waits for the answers under way, at most 10 s. Replies being written go on; `Engine::settle` is the
/// caller's.
///
/// A failed accept is logged and tried again.
pub async fn serve(listener: TcpListener, app: App, mut shutdown: Shutdown) {
    let edge = Edge::new(app.clone());
    let router = router(edge.clone());
    assets::keep(edge.clone());
    let builders = Arc::new(Builders::new());
    let connections = GracefulShutdown::new();
    let (close, closing) = Shutdown::manual();
    loop {
        let (stream, peer) = tokio::select! {
            () = shutdown.requested() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        attend(
            builders.clone(),
            connections.watcher(),
            &router,
            stream,
            peer,
            closing.clone(),
        );
    }
    drop(listener);
    // First the engine: its viewers are to hear of the end before their connections do.
    app.engine.drain();
    close.pull();
    let ended = async {
        connections.shutdown().await;
        // A WebSocket is no connection of ours any more, but it says goodbye, too.
        edge.streams.gone().await;
        // Nor is a verb whose client has left.
        edge.verbs.close();
        edge.verbs.wait().await;
    };
    if timeout(GRACE, ended).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

/// How to speak with a client. hyper-util's own detection gives the bytes that it read back in front of the rest: with
/// those the read buffer of an HTTP/1 connection grows to twice its size, and stays so for as long as the connection.
struct Builders {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Builders {
    fn new() -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .keep_alive_interval(H2_PING)
            .max_header_list_size(HEADER_BYTES as u32)
            .max_concurrent_streams(H2_STREAMS)
            .max_pending_accept_reset_streams(H2_RESETS)
            .max_local_error_reset_streams(H2_FAULTS)
            .enable_connect_protocol();
        Self { http1, http2 }
    }
}

fn attend(
    builders: Arc<Builders>,
    watcher: Watcher,
    router: &Router,
    stream: TcpStream,
    peer: SocketAddr,
    mut closing: Shutdown,
) {
    tune(&stream);
    let service = router
        .clone()
        .map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
    let service = TowerToHyperService::new(service);
    // This task lives as long as its connection, most of them idle: what it holds is counted in bytes.
    tokio::spawn(async move {
        let first = tokio::select! {
            biased;
            first = timeout(HEADER_TIME, is_http2(&stream)) => first,
            () = closing.requested() => return,
        };
        let Ok(Ok(is_http2)) = first else { return };
        let io = TokioIo::new(stream);
        if is_http2 {
            let connection = builders.http2.serve_connection(io, service);
            // In a box: every task would have room for the larger kind of connection otherwise, and few are of it.
            if let Err(error) = Box::pin(watcher.watch(connection)).await {
                tracing::debug!(%error, "a connection broke");
            }
            return;
        }
        let mut connection = pin!(builders.http1.serve_connection(io, service).with_upgrades());
        let ended = tokio::select! {
            // What was asked before the end is still answered.
            biased;
            ended = connection.as_mut() => ended,
            () = closing.requested() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
        drop(watcher);
    });
}

/// Looks at the first bytes without taking them, until they can be told apart. A peer that leaves before says `false`.
async fn is_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0; PREFACE.len()];
    loop {
        let seen = stream.peek(&mut first).await?;
        if seen == 0 || !PREFACE.starts_with(&first[..seen]) {
            return Ok(false);
        }
        if seen == PREFACE.len() {
            return Ok(true);
        }
        // What was seen once is seen again at once: no waking up for more.
        sleep(PEEK_PAUSE).await;
    }
}

/// Failing at any of it makes a connection slower or dearer, not wrong.
fn tune(stream: &TcpStream) {
    // Small events must leave at once.
    let _ = stream.set_nodelay(true);
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn tells_http2_by_its_first_bytes_and_leaves_them_in_place() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        for (sent, expected) in [
            (&b"POST /api HTTP/1.1\r\n"[..], false),
            (b"PUT / HTTP/1.1\r\n", false),
            (&PREFACE[..], true),
        ] {
            let mut client = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            client.write_all(sent).await.unwrap();
            assert_eq!(is_http2(&server).await.unwrap(), expected, "{sent:?}");
            let mut read = vec![0; sent.len()];
            server.read_exact(&mut read).await.unwrap();
            assert_eq!(read, sent);
        }
    }

    #[tokio::test]
    async fn waits_for_the_rest_of_a_beginning() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (server, _) = listener.accept().await.unwrap();
        client.write_all(&PREFACE[..5]).await.unwrap();
        let early = timeout(PEEK_PAUSE * 3, is_http2(&server)).await;
        assert!(early.is_err(), "it may still become either");
        client.write_all(&PREFACE[5..]).await.unwrap();
        assert!(is_http2(&server).await.unwrap());
    }
}
