//! What changes something runs to its end, even when whoever asked for it goes away.
//!
//! The server drops the future of a request whose connection is gone. A verb of several steps (a new address, the letter
//! to the old one, the entry in the log) would then stop between two of them. Must not enter: anything about one verb.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// Middleware: gives a request that may change something a task of its own, which the end of the process waits for. A
/// panic in it is a panic here.
pub(super) async fn to_the_end(
    State(verbs): State<TaskTracker>,
    request: Request,
    next: Next,
) -> Response {
    // Reading leaves nothing half done, and a page or a stream that nobody waits for shall end.
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match verbs.spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        // Nobody cancels the task, so it has panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, body::Body, http::Method, middleware, routing::any};
    use tokio::sync::{Notify, mpsc};
    use tower::ServiceExt;

    use super::*;

    /// Asks with this method, goes away in the middle of the handler, and tells whether the handler came to its end.
    async fn finishes_without_its_client(method: Method) -> bool {
        let (go_on, (done, mut ended)) = (Arc::new(Notify::new()), mpsc::unbounded_channel());
        let (begun, mut has_begun) = mpsc::unbounded_channel();
        let until = go_on.clone();
        let handler = async move || {
            begun.send(()).unwrap();
            until.notified().await;
            done.send(()).unwrap();
        };
        let router = Router::new()
            .route("/", any(handler))
            .layer(middleware::from_fn_with_state(
                TaskTracker::new(),
                to_the_end,
            ));
        let request = Request::builder().method(method).body(Body::empty());
        let asking = router.oneshot(request.unwrap());
        tokio::select! {
            answer = asking => panic!("answered too early: {answer:?}"),
            _ = has_begun.recv() => {}
        }
        go_on.notify_one();
        // The channel closes when the handler is dropped.
        ended.recv().await.is_some()
    }

    #[tokio::test]
    async fn a_verb_goes_on_without_its_client_and_a_page_does_not() {
        assert!(finishes_without_its_client(Method::POST).await);
        assert!(finishes_without_its_client(Method::DELETE).await);
        assert!(!finishes_without_its_client(Method::GET).await);
    }

    #[tokio::test]
    #[should_panic(expected = "in the middle")]
    async fn a_panic_is_passed_on() {
        let handler = async || -> () { panic!("in the middle") };
        let router = Router::new()
            .route("/", any(handler))
            .layer(middleware::from_fn_with_state(
                TaskTracker::new(),
                to_the_end,
            ));
        let request = Request::builder().method(Method::POST).body(Body::empty());
        let _ = router.oneshot(request.unwrap()).await;
    }
}
