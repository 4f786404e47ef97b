//! Bodies: broken, of another shape, of another type, too large, and odd ones that are lawful.

use serde_json::json;

use super::{KIB, assert_nothing_was_said, post, start};
use crate::harness::{
    Engine, Server,
    browser::{PASSWORD, email},
    fields, on_both, problem, refused,
};

#[tokio::test]
async fn a_body_that_is_no_json_is_a_bad_request() {
    let (mut server, ann, messages) = start().await;
    let anywhere: [&[u8]; 4] = [
        b"",
        b"{",
        b"content=hello&client_message_id=a",
        b"{'content':'x'}",
    ];
    let here: [&[u8]; 3] = [
        b"{\"content\":",
        b"{\"content\":\"x\",\"client_message_id\":\"a\"} and more",
        b"{\"content\":\"\xff\xfe\",\"client_message_id\":\"a\"}",
    ];
    let elsewhere = ["/api/auth/register", "/api/v1/auth/login"];
    let all = elsewhere
        .iter()
        .flat_map(|path| anywhere.map(|body| (*path, body)));
    let all = all.chain(
        anywhere
            .into_iter()
            .chain(here)
            .map(|body| (messages.as_str(), body)),
    );
    for (path, body) in all {
        let response = post(&ann, path, "application/json", body.to_vec()).await;
        assert_eq!(
            refused(response, 400).await,
            "bad_request",
            "{path} {body:?}"
        );
    }
    let nested = format!(
        "{{\"content\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let response = post(&ann, &messages, "application/json", nested).await;
    assert_eq!(refused(response, 400).await, "bad_request", "too deep");
    // Here a body may be left out, but not be broken.
    let response = post(&ann, "/api/conversations", "application/json", "{").await;
    assert_eq!(refused(response, 400).await, "bad_request");
    assert_nothing_was_said(&ann, &messages).await;
    assert!(server.is_well().await);
}

#[tokio::test]
async fn json_of_another_shape_is_named_by_its_field() {
    let (mut server, ann, messages) = start().await;
    for (path, body, expected) in [
        (
            messages.as_str(),
            r#"{"content":7,"client_message_id":"a"}"#,
            "content malformed",
        ),
        (
            &messages,
            r#"{"content":null,"client_message_id":"a"}"#,
            "content malformed",
        ),
        (
            &messages,
            r#"{"content":["x"],"client_message_id":"a"}"#,
            "content malformed",
        ),
        (
            &messages,
            r#"{"content":"x","client_message_id":{}}"#,
            "client_message_id malformed",
        ),
        (
            &messages,
            r#"{"content":"x","client_message_id":"a","parent_id":"up"}"#,
            "parent_id malformed",
        ),
        (
            &messages,
            r#"{"content":"x","client_message_id":"a","role":"system"}"#,
            "role unknown",
        ),
        (
            &messages,
            r#"{"content":"x","client_message_id":"a","user_id":"1"}"#,
            "user_id unknown",
        ),
        (
            &messages,
            r#"{"content":"x","client_message_id":"a","persona_id":"nobody"}"#,
            "persona_id unknown",
        ),
        ("/api/conversations", r#"{"id":"mine"}"#, "id malformed"),
        (
            "/api/conversations",
            r#"{"title":{"a":1}}"#,
            "title malformed",
        ),
        ("/api/conversations", r#"{"owner":"bob"}"#, "owner unknown"),
        (
            "/api/conversations",
            r#"{"status":"deleted"}"#,
            "status unknown",
        ),
        (
            "/api/auth/register",
            r#"{"username":1,"email":"a@b.cd"}"#,
            "username malformed",
        ),
        (
            "/api/auth/register",
            r#"{"username":"ann","role":"admin"}"#,
            "role unknown",
        ),
        (
            "/api/auth/login",
            r#"{"email":"a@b.cd","password":["x"]}"#,
            "password malformed",
        ),
    ] {
        let problem = problem(
            post(&ann, path, "application/json", body.to_owned()).await,
            422,
        )
        .await;
        let shown: String = body.chars().take(80).collect();
        assert_eq!(problem["code"], "validation", "{path} {shown}");
        assert_eq!(fields(&problem), [expected], "{path} {shown}");
    }
    assert_nothing_was_said(&ann, &messages).await;
    assert!(server.is_well().await);
}

#[tokio::test]
async fn a_body_must_be_an_object() {
    let (_server, ann, messages) = start().await;
    for path in [messages.as_str(), "/api/conversations", "/api/auth/login"] {
        for body in [
            "null",
            "7",
            "\"text\"",
            "true",
            "[]",
            r#"["hello","c1",null,null]"#,
            r#"["a@b.cd","x"]"#,
        ] {
            let response = post(&ann, path, "application/json", body).await;
            assert_eq!(refused(response, 422).await, "validation", "{path} {body}");
        }
    }
    assert_nothing_was_said(&ann, &messages).await;
}

#[tokio::test]
async fn other_content_types_are_not_read() {
    let (_server, ann, messages) = start().await;
    let body = r#"{"content":"x","client_message_id":"a"}"#;
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "rubbish",
    ] {
        for path in [
            messages.as_str(),
            "/api/conversations",
            "/api/auth/register",
        ] {
            let response = post(&ann, path, kind, body).await;
            assert_eq!(
                refused(response, 415).await,
                "unsupported_media_type",
                "{path} {kind}"
            );
        }
    }
    assert_nothing_was_said(&ann, &messages).await;
    let response = post(&ann, &messages, "Application/JSON; charset=UTF-8", body).await;
    assert_eq!(response.status(), 202);
}

#[tokio::test]
async fn a_request_of_two_megabytes_is_too_large() {
    let (mut server, ann, messages) = start().await;
    let body = json!({ "content": "x".repeat(2_000 * KIB), "client_message_id": "a" }).to_string();
    let announced = post(&ann, &messages, "application/json", body.clone()).await;
    assert_eq!(refused(announced, 413).await, "too_large");
    // In pieces, so that nothing tells the length beforehand. Cut off while it is read, so the client
    // may find the connection closed before it has heard why.
    let pieces: Vec<_> = body
        .as_bytes()
        .chunks(64 * KIB)
        .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
        .collect();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    // A client of its own: the connection may be gone afterwards.
    let other = server.visitor();
    let credentials = json!({ "email": email("ann"), "password": PASSWORD });
    other
        .post("/api/auth/login")
        .json(&credentials)
        .send()
        .await
        .unwrap();
    let request = other
        .post(&messages)
        .header("Content-Type", "application/json")
        .body(stream);
    if let Ok(in_pieces) = request.send().await {
        assert_eq!(refused(in_pieces, 413).await, "too_large");
    }
    assert_nothing_was_said(&ann, &messages).await;
    assert!(server.is_well().await);
}

#[tokio::test]
async fn a_message_may_hold_256_kib_and_not_a_byte_more() {
    let (mut server, ann, messages) = start().await;
    let id = messages.split('/').nth(3).unwrap();
    for text in [
        "x".repeat(300 * KIB),
        "x".repeat(256 * KIB + 1),
        "好".repeat(256 * KIB / 3 + 1),
    ] {
        let problem = problem(ann.send(id, &text, "big").await, 422).await;
        assert_eq!(problem["code"], "too_large");
        assert_eq!(fields(&problem), ["content too_large"]);
    }
    assert_nothing_was_said(&ann, &messages).await;
    let longest = format!("{}x", "好".repeat(256 * KIB / 3));
    assert_eq!(longest.len(), 256 * KIB);
    assert_eq!(ann.send(id, &longest, "big").await.status(), 202);
    assert_eq!(ann.open(id).await["messages"][0]["content"], longest);
    assert!(server.is_well().await);
}

#[tokio::test]
async fn an_empty_message_and_an_odd_id_are_refused() {
    let (_server, ann, messages) = start().await;
    let id = messages.split('/').nth(3).unwrap();
    for (content, client_id, expected) in [
        ("", "a", "content required"),
        (" \n\t\u{3000} ", "a", "content required"),
        ("a\u{0}b", "a", "content malformed"),
        ("x", "", "client_message_id required"),
        ("x", &"a".repeat(65), "client_message_id malformed"),
        ("x", "two words", "client_message_id malformed"),
        ("x", "ünïcode", "client_message_id malformed"),
        ("x", "a\u{0}", "client_message_id malformed"),
        ("x", "../../etc", "client_message_id malformed"),
    ] {
        let problem = problem(ann.send(id, content, client_id).await, 422).await;
        assert_eq!(fields(&problem), [expected], "{content:?} {client_id:?}");
    }
    let nothing = problem(post(&ann, &messages, "application/json", "{}").await, 422).await;
    assert!(
        fields(&nothing).contains(&"content required".to_owned()),
        "{nothing}"
    );
    assert_nothing_was_said(&ann, &messages).await;
    assert_eq!(ann.send(id, "x", &"aZ9_-".repeat(12)).await.status(), 202);
}

on_both! {
    async fn odd_but_lawful_text_is_kept_as_it_is(engine: Engine) {
        let mut server = Server::start(engine, "words-1@0").await;
        let ann = server.member("ann").await;
        for text in [
            "'; drop table users; --",
            "\u{202e}right to left\u{202c} and \u{200b}nothing",
            "👨‍👩‍👧‍👦 👍🏽 e\u{301}",
            "\\u0000 \\x00 %00 &lt; <br>",
            "\u{feff}bom\r\nand\ttab\u{7}",
            "\u{10ffff}\u{fffd}",
        ] {
            let id = ann.conversation().await;
            ann.say(&id, text).await;
            assert_eq!(ann.open(&id).await["messages"][0]["content"], text);
        }
        assert!(server.is_well().await);
    }
}
