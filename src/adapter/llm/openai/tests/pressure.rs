//! What a reader that pauses or leaves does to the provider.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::{Instant, sleep},
};

use super::*;
use crate::llm::{
    openai::chunk::Chunk,
    wire::{chunk::Chunk as _, feed::Feed},
};

/// Letters in a chunk.
const SIZE: usize = 8 * 1024;

#[tokio::test]
async fn dropping_the_answer_closes_the_socket_at_once() {
    let upstream = Upstream::start().await;
    // Slow enough to be silent most of the time: the close must not wait for the next token.
    for model in ["words-50@2", "words-5000@1000"] {
        let aborted = upstream.stats().aborted;
        let mut pieces = adapter(upstream.base_url(), model)
            .ask(prompt())
            .await
            .expect("an answer");
        while !matches!(pieces.next().await, Some(Ok(Piece::Text { .. }))) {}
        let start = Instant::now();
        drop(pieces);
        let closed = upstream
            .wait_for(Duration::from_secs(5), |stats| stats.aborted > aborted)
            .await;
        closed.expect("the provider sees it");
        // What is required is 200 ms; the machine may be busy.
        assert!(
            start.elapsed() < Duration::from_millis(400),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn giving_up_before_the_first_byte_closes_the_socket_at_once() {
    let upstream = Upstream::start().await;
    let mut patient = adapter(upstream.base_url(), "fault-stall-before");
    patient.timeouts.first_byte = Duration::from_secs(60);
    let asking = tokio::spawn(async move { patient.ask(prompt()).await.is_ok() });
    let asked = upstream
        .wait_for(Duration::from_secs(5), |stats| stats.requests > 0)
        .await;
    asked.expect("the provider is asked");
    let start = Instant::now();
    asking.abort();
    let closed = upstream
        .wait_for(Duration::from_secs(5), |stats| stats.aborted > 0)
        .await;
    closed.expect("the provider sees it");
    assert!(
        start.elapsed() < Duration::from_millis(400),
        "{:?}",
        start.elapsed()
    );
}

/// Writes one answer as fast as it is taken, and counts the bytes that are gone.
async fn pour(listener: TcpListener, chunks: usize, written: Arc<AtomicUsize>) -> io::Result<()> {
    let (mut socket, _) = listener.accept().await?;
    let mut request = [0; 16 * 1024];
    let _ = socket.read(&mut request).await?;
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    socket.write_all(head).await?;
    let chunk = json!({ "choices": [{ "delta": { "content": "x".repeat(SIZE) } }] });
    let event = format!("data: {chunk}\n\n");
    for _ in 0..chunks {
        socket.write_all(event.as_bytes()).await?;
        written.fetch_add(event.len(), Ordering::SeqCst);
    }
    socket.write_all(b"data: [DONE]\n\n").await
}

#[tokio::test]
async fn a_reader_that_pauses_holds_the_provider_back_and_loses_nothing() {
    const CHUNKS: usize = 4096;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let written = Arc::new(AtomicUsize::new(0));
    let provider = tokio::spawn(pour(listener, CHUNKS, Arc::clone(&written)));
    let asked = adapter(base_url, "m").ask(prompt()).await;
    let mut pieces = asked.expect("an answer");
    let first = pieces.next().await;
    assert!(matches!(first, Some(Ok(Piece::Text { .. }))));
    // The kernel's buffers fill, and then nothing moves any more.
    let mut before = 0;
    while written.load(Ordering::SeqCst) > before {
        before = written.load(Ordering::SeqCst);
        sleep(Duration::from_millis(300)).await;
    }
    assert!(before < CHUNKS * SIZE / 2, "{before} bytes were taken");
    // Longer than the gap allowed: silence that the reader causes is not the provider's.
    sleep(Duration::from_millis(500)).await;
    let mut outcome = Outcome::default();
    outcome.gather(pieces).await;
    assert_eq!(outcome.code(), None, "{:?}", outcome.error);
    assert_eq!(outcome.text.len(), (CHUNKS - 1) * SIZE);
    assert_eq!(outcome.finish.as_deref(), Some("stop"));
    provider.await.expect("no panic").expect("all was taken");
}

#[tokio::test]
async fn no_more_than_one_read_is_ever_pending() {
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"word \"}}]}\n\n";
    let block = event.repeat(100);
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pulled);
    let size = block.len();
    let body = futures::stream::repeat_with(move || {
        count.fetch_add(size, Ordering::SeqCst);
        Ok(block.clone())
    });
    let first = Box::pin(sleep(Duration::from_secs(9)));
    let mut feed = Feed::<_, Chunk>::new(body.boxed(), first, Timeouts::default(), Mask::default());
    for taken in 1..=10_000 {
        let chunk = feed.next().await.expect("a chunk");
        assert!(chunk.speaks());
        let pending = pulled.load(Ordering::SeqCst) - taken * event.len();
        assert!(pending < size, "{pending} bytes after {taken} events");
    }
}
