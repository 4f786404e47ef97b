//! The provider as a client sees it: plain sockets, and HTTP/1.0 so that bodies come unchunked.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::*;

/// Sends a chat request and gives the open socket.
fn call(upstream: &Upstream, model: &str, stream: bool) -> TcpStream {
    let body = json!({
        "model": model, "stream": stream, "stream_options": { "include_usage": true },
        "messages": [{ "role": "system", "content": "s" }, { "role": "user", "content": "hello 世界" }],
    });
    raw(
        upstream,
        "POST /v1/chat/completions",
        "1.0",
        &body.to_string(),
    )
}

fn raw(upstream: &Upstream, line: &str, version: &str, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(upstream.addr).expect("connects");
    let length = body.len();
    write!(
        socket,
        "{line} HTTP/{version}\r\nhost: u\r\nauthorization: Bearer sk-test\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("sends");
    let limit = Some(Duration::from_secs(10));
    socket.set_read_timeout(limit).expect("sets a limit");
    socket
}

/// Everything up to the end, and the error that ended it, if any.
async fn read(mut socket: TcpStream) -> (String, Option<io::ErrorKind>) {
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        let end = socket
            .read_to_end(&mut bytes)
            .err()
            .map(|error| error.kind());
        (String::from_utf8_lossy(&bytes).into_owned(), end)
    });
    reading.await.expect("reads")
}

async fn answer(upstream: &Upstream, model: &str, stream: bool) -> (String, String) {
    let (all, end) = read(call(upstream, model, stream)).await;
    assert_eq!(end, None, "{model}");
    let (head, body) = all.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

/// The chunks of a stream; lines that are no JSON are left out.
fn chunks(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}

fn text(body: &str, field: &str) -> String {
    let chunks = chunks(body);
    let deltas = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]);
    deltas.filter_map(|delta| delta[field].as_str()).collect()
}

fn numbers(words: &str) -> Vec<usize> {
    let number = |word: &str| word.strip_prefix('w')?.split_once('@')?.0.parse().ok();
    words.split_whitespace().filter_map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_thoughts_then_words_then_usage_then_done() {
    let upstream = Upstream::start().await;
    let (head, body) = answer(&upstream, "think-2+words-5@100", true).await;
    assert!(head.contains("200 OK") && head.contains("text/event-stream"));
    assert_eq!(text(&body, "reasoning_content"), "r1 r2 ");
    assert_eq!(numbers(&text(&body, "content")), [1, 2, 3, 4, 5]);
    let chunks = chunks(&body);
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(chunks[0]["object"], "chat.completion.chunk");
    let [.., finish, usage] = chunks.as_slice() else {
        panic!("too short: {body}")
    };
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!(usage["usage"]["completion_tokens"], 7);
    assert_eq!(usage["choices"], json!([]));
    assert!(body.ends_with("data: [DONE]\n\n"));
    let stats = upstream.stats();
    assert_eq!((stats.requests, stats.completed, stats.aborted), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_one_piece_when_not_asked_to_stream() {
    let upstream = Upstream::start().await;
    let (_, body) = answer(&upstream, "think-1+echo", false).await;
    let reply: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(reply["object"], "chat.completion");
    let message = &reply["choices"][0]["message"];
    assert_eq!(message["content"], "hello 世界");
    assert_eq!(message["reasoning_content"], "r1 ");
    assert!(reply["usage"]["total_tokens"].as_u64() > Some(0));
    let (_, body) = answer(&upstream, "fault-eof", false).await;
    assert!(serde_json::from_str::<Value>(&body).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_rate() {
    let upstream = Upstream::start().await;
    let started = Instant::now();
    answer(&upstream, "words-41@100", true).await;
    let taken = started.elapsed().as_millis();
    assert!((400..3000).contains(&taken), "{taken} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_at_once_that_a_client_left() {
    let upstream = Upstream::start().await;
    let limit = Duration::from_secs(2);
    for (number, (model, stream)) in [
        ("words-100@1", true),
        ("fault-stall@1", true),
        ("fault-stall-before", true),
        ("words-100@1", false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut socket = call(&upstream, model, stream);
        upstream
            .wait_for(limit, |stats| stats.active_streams == 1)
            .await
            .expect("starts");
        if stream && model != "fault-stall-before" {
            socket.read_exact(&mut [0; 64]).expect("begins");
        }
        drop(socket);
        let left = Instant::now();
        let wanted = u64::try_from(number).expect("small") + 1;
        let gone = upstream
            .wait_for(limit, |stats| stats.aborted == wanted)
            .await;
        let gone = gone.expect("notices");
        let late = left.elapsed();
        assert!(late < Duration::from_millis(500), "{model}: {late:?}");
        assert_eq!(gone.active_streams, 0);
        assert!(gone.last_aborted_ms.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_a_client_that_speaks_http_1_1() {
    let upstream = Upstream::start().await;
    let limit = Duration::from_secs(2);
    let body = json!({ "model": "words-9@1", "stream": true, "messages": [{ "role": "user", "content": "x" }] });
    let line = "POST /v1/chat/completions";
    let mut socket = raw(&upstream, line, "1.1", &body.to_string());
    socket.read_exact(&mut [0; 64]).expect("begins");
    drop(socket);
    let left = Instant::now();
    let gone = upstream.wait_for(limit, |stats| stats.aborted == 1).await;
    gone.expect("notices");
    assert!(left.elapsed() < Duration::from_millis(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_the_connection_after_its_tokens() {
    let upstream = Upstream::start().await;
    let (all, end) = read(call(&upstream, "fault-reset@4", true)).await;
    assert_eq!(end, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(numbers(&text(&all, "content")), [1, 2, 3, 4]);
    let (all, end) = read(call(&upstream, "fault-reset-early", true)).await;
    assert_eq!(
        (all.as_str(), end),
        ("", Some(io::ErrorKind::ConnectionReset))
    );
    assert_eq!(upstream.stats().aborted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_in_every_shape() {
    let upstream = Upstream::start().await;
    for (model, status, part) in [
        ("fault-401", "401", "invalid_api_key"),
        ("fault-404", "404", "model_not_found"),
        ("fault-429@7", "429", "rate_limit_exceeded"),
        ("fault-429-date@9", "429", "rate_limit_exceeded"),
        ("fault-500", "500", "server_error"),
        ("fault-502-html", "502", "<h1>"),
        ("fault-200-json", "200", "overloaded"),
        ("fault-400-text", "400", r#"{"error":""#),
        ("fault-key-echo", "401", "Bearer sk-test"),
        ("gpt-4o", "404", "model_not_found"),
    ] {
        let (head, body) = answer(&upstream, model, true).await;
        assert!(
            head.contains(status) && body.contains(part),
            "{model}: {head} {body}"
        );
        assert_eq!(head.contains("retry-after: 7"), model == "fault-429@7");
    }
    assert_eq!(upstream.stats().refused, 10);
    let nonsense = raw(&upstream, "POST /v1/chat/completions", "1.0", "{");
    assert!(read(nonsense).await.0.contains("400 Bad Request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn flaky_models_recover() {
    let upstream = Upstream::start().await;
    for status in ["503", "503", "200"] {
        let (head, _) = answer(&upstream, "fault-flaky@2", true).await;
        assert!(head.contains(status), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_model_says_when_to_come_back() {
    let upstream = Upstream::start().await;
    let (head, _) = answer(&upstream, "fault-busy-date@90", true).await;
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        httpdate::parse_http_date(line.expect(name).trim()).expect("a date")
    };
    let wait = field("retry-after:").duration_since(field("date:"));
    assert_eq!(wait.expect("later"), Duration::from_secs(90));
    let (head, _) = answer(&upstream, "fault-busy-date@90", true).await;
    assert!(head.contains("200 OK"), "{head}");
    let (_, end) = read(call(&upstream, "fault-reset-first@1", true)).await;
    assert_eq!(end, Some(io::ErrorKind::ConnectionReset));
    answer(&upstream, "fault-reset-first@1", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn does_as_it_is_said() {
    let upstream = Upstream::start().await;
    let body = json!({ "model": "as-said", "stream": true, "messages": [{ "role": "user", "content": "words-4 go" }] });
    let line = "POST /v1/chat/completions";
    let (all, _) = read(raw(&upstream, line, "1.0", &body.to_string())).await;
    assert_eq!(numbers(&text(&all, "content")), [1, 2, 3, 4]);
    let visit = upstream.visits().pop().expect("a visit");
    assert_eq!(
        (visit.model.as_str(), visit.end),
        ("words-4", Some(End::Completed))
    );
    assert!(visit.closed_ms >= Some(visit.at_ms));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_body_holds_the_whole_reply() {
    let upstream = Upstream::start().await;
    let mut socket = call(&upstream, "words-9+fault-gzip", true);
    let mut all = Vec::new();
    socket.read_to_end(&mut all).expect("reads");
    let end = all.windows(4).position(|four| four == b"\r\n\r\n");
    let mut body = String::new();
    flate2::read::GzDecoder::new(&all[end.expect("a head") + 4..])
        .read_to_string(&mut body)
        .expect("unpacks");
    assert_eq!(
        numbers(&text(&body, "content")),
        (1..=9).collect::<Vec<_>>()
    );
    assert!(body.ends_with("data: [DONE]\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_text_survives_odd_framing() {
    let upstream = Upstream::start().await;
    for kind in [
        "crlf",
        "comments",
        "no-space",
        "empty-deltas",
        "bad-chunk",
        "invalid-utf8",
    ] {
        let (_, body) = answer(&upstream, &format!("words-9+fault-{kind}@3"), true).await;
        let expected: Vec<_> = (1..=9).collect();
        assert_eq!(numbers(&text(&body, "content")), expected, "{kind}");
    }
    for model in ["fault-split-utf8", "polyglot+fault-split-sse"] {
        let (_, body) = answer(&upstream, model, true).await;
        assert_eq!(text(&body, "content"), POLYGLOT, "{model}");
    }
    let (_, body) = answer(&upstream, "fault-slow-loris", true).await;
    assert_eq!(numbers(&text(&body, "content")), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_are_missing_as_asked() {
    let upstream = Upstream::start().await;
    let ends = |body: &str| {
        (
            body.contains(r#""finish_reason":"stop""#),
            body.contains("[DONE]"),
        )
    };
    for (model, expected) in [
        ("fault-eof@3", (false, false)),
        ("fault-error-in-stream@3", (false, false)),
        ("fault-done-missing", (true, false)),
        ("fault-length", (false, true)),
        ("fault-duplicate-finish", (true, true)),
    ] {
        let (_, body) = answer(&upstream, model, true).await;
        assert_eq!(ends(&body), expected, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_tests_what_it_saw() {
    let upstream = Upstream::start().await;
    let get = |path: &str| read(raw(&upstream, &format!("GET {path}"), "1.0", ""));
    assert!(get("/v1/models").await.0.contains("words-200@50"));
    answer(&upstream, "history", true).await;
    let seen = upstream.requests();
    assert_eq!(seen[0].body["messages"][1]["content"], "hello 世界");
    assert_eq!(seen[0].authorization.as_deref(), Some("Bearer sk-test"));
    assert!(get("/stats").await.0.contains(r#""models":{"history":1}"#));
    assert!(get("/requests").await.0.contains("Bearer sk-test"));
    read(raw(&upstream, "POST /reset", "1.0", "")).await;
    assert_eq!(upstream.stats(), Stats::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_it_breaks_replies_off_and_frees_the_port() {
    let upstream = Upstream::start().await;
    let addr = upstream.addr;
    let socket = call(&upstream, "fault-stall@1", true);
    upstream
        .wait_for(Duration::from_secs(2), |stats| stats.active_streams == 1)
        .await
        .expect("starts");
    drop(upstream);
    let (all, _) = read(socket).await;
    assert!(!all.contains("[DONE]"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(addr).is_err());
}
