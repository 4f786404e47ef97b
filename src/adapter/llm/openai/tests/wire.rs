//! Addresses where nobody answers, and answers that no honest provider gives, byte by byte.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

#[tokio::test]
async fn nobody_at_the_address_is_a_connect_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    for base in [
        format!("http://me:hidden-word@{address}/v1"),
        "http://no-such-host.invalid/v1".to_owned(),
    ] {
        let error = Outcome::of(&adapter(base, "m"))
            .await
            .error
            .expect("an error");
        assert_eq!(error.code, ProblemCode::UpstreamConnect, "{}", error.detail);
        assert!(!error.detail.contains("hidden-word"), "{}", error.detail);
    }
}

/// What comes of a provider that answers every request with these bytes and closes.
async fn of_bytes(response: &'static str) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 16 * 1024];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(response.as_bytes()).await;
        }
    });
    let outcome = Outcome::of(&adapter(format!("http://{address}/v1"), "m")).await;
    server.abort();
    outcome
}

#[tokio::test]
async fn lies_are_told_from_answers() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    for body in [
        "content-type: text/html\r\n\r\n<html>Please sign in</html>",
        "content-type: text/event-stream\r\n\r\n<html>Please sign in</html>\n\n",
        "content-type: application/json\r\n\r\n{\"hello\":1}",
        "content-type: text/event-stream\r\n\r\ndata: nonsense\n\ndata: [DONE]\n\n",
    ] {
        let response: &'static str = format!("{HEAD}{body}").leak();
        let outcome = of_bytes(response).await;
        assert_eq!(
            outcome.code(),
            Some(ProblemCode::UpstreamInvalid),
            "{body}: {:?}",
            outcome.error
        );
    }
    assert_eq!(
        of_bytes("SSH-2.0-OpenSSH\r\n").await.code(),
        Some(ProblemCode::UpstreamInvalid)
    );
    let moved = "HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    assert_eq!(
        of_bytes(moved).await.code(),
        Some(ProblemCode::UpstreamInvalid)
    );
}

#[tokio::test]
async fn an_answer_in_one_piece_and_a_bare_end_mark_count_too() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
        {\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"All at once\"},\"finish_reason\":\"stop\"}]}";
    let outcome = of_bytes(whole).await;
    assert_eq!(
        (outcome.text.as_str(), outcome.finish.as_deref()),
        ("All at once", Some("stop"))
    );
    let bare = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\
        event: execute\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n";
    let outcome = of_bytes(bare).await;
    assert_eq!(
        (outcome.text.as_str(), outcome.finish.as_deref()),
        ("hi", Some("stop"))
    );
}
