//! Bodies: how long one may take to arrive.
//!
//! How large one may be is asked beside it; what is in it, where it is taken apart.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Frame, SizeHint};
use parlance_core::domain::ProblemCode;
use tokio::time::{Sleep, sleep};

use crate::web::{error::Fault, state::Edge};

/// Middleware: a body that dribbles is cut off, whoever reads it, and the answer is 408.
pub(in crate::web) async fn in_time(
    State(edge): State<Edge>,
    request: Request,
    next: Next,
) -> Response {
    let has_body = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    ) && !request.body().is_end_stream();
    if !has_body {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let patience = edge.app.config.rates.body;
    let request = request.map(|body| Body::new(Timed::new(body, patience, late.clone())));
    let response = next.run(request).await;
    if late.load(Ordering::Relaxed) {
        // Whatever the reader made of a body that broke off.
        return Fault::new(ProblemCode::TooSlow).into_response();
    }
    response
}

/// A body that breaks off when its time is over.
struct Timed {
    inner: Body,
    over: Pin<Box<Sleep>>,
    late: Arc<AtomicBool>,
}

impl Timed {
    fn new(inner: Body, patience: Duration, late: Arc<AtomicBool>) -> Self {
        Self {
            inner,
            over: Box::pin(sleep(patience)),
            late,
        }
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let ready @ Poll::Ready(_) = Pin::new(&mut self.inner).poll_frame(cx) {
            return ready;
        }
        if self.over.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.late.store(true, Ordering::Relaxed);
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        Poll::Ready(Some(Err(axum::Error::new(late))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_breaks_off_when_its_time_is_over() {
        let late = Arc::new(AtomicBool::new(false));
        let pieces = futures::stream::unfold((), |()| async {
            sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
        });
        let body = Timed::new(
            Body::from_stream(pieces),
            Duration::from_millis(3_500),
            late.clone(),
        );
        let read = axum::body::to_bytes(Body::new(body), usize::MAX).await;
        assert!(read.is_err() && late.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_in_time_is_whole() {
        let late = Arc::new(AtomicBool::new(false));
        let body = Timed::new(Body::from("hello"), Duration::from_secs(1), late.clone());
        let read = axum::body::to_bytes(Body::new(body), usize::MAX).await;
        assert_eq!(read.unwrap(), "hello");
        assert!(!late.load(Ordering::Relaxed));
    }
}
