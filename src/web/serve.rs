//! Connections: accepted until the end is asked for, then wound up.
//!
//! Our own loop instead of `axum::serve`, which has no time-out for request headers: a client that
//! sends them a byte a minute would hold its connection for ever.
//! Must not enter: what is said on a connection.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use parlance_server::App;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::shutdown::Shutdown;

/// For the request line and all headers.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Request line and headers together, bytes.
const HEADER_BYTES: usize = 64 * 1024;
/// An idle HTTP/2 connection is asked for a sign of life.
const H2_PING: Duration = Duration::from_secs(30);
/// For answers under way when the end is asked for. Streams say goodbye at once.
const GRACE: Duration = Duration::from_secs(10);
/// What the kernel keeps for a reader that takes nothing, bytes; Linux doubles it. Without a limit it grows to megabytes
/// before any back-pressure is felt, for each stalled viewer.
const SEND_BUFFER: usize = 96 * 1024;
/// A peer that acknowledges nothing for so long is gone; without it that takes a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// After a failed accept (no file descriptors left, most often).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `shutdown`: then accepts nothing more, lets the engine take leave of its viewers, and
/// waits for the answers under way, at most 10 s. Replies being written go on; `Engine::settle` is the
/// caller's.
///
/// A failed accept is logged and tried again.
pub async fn serve(listener: TcpListener, app: App, mut shutdown: Shutdown) {
    let router = super::router(app.clone());
    let builder = builder();
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            () = shutdown.requested() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        attend(&builder, &connections, &router, stream, peer);
    }
    drop(listener);
    app.engine.drain();
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(H2_PING)
        .max_header_list_size(HEADER_BYTES as u32)
        .enable_connect_protocol();
    builder
}

fn attend(
    builder: &auto::Builder<TokioExecutor>,
    connections: &GracefulShutdown,
    router: &Router,
    stream: TcpStream,
    peer: SocketAddr,
) {
    tune(&stream);
    let service = router
        .clone()
        .map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error, "a connection broke");
        }
    });
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
