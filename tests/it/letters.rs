//! Letters, against a mail server on a socket.

use std::time::Duration;

use serde_json::json;

use crate::harness::{
    Engine, Server,
    browser::{PASSWORD, email},
    smtp::{self, Sink},
};

async fn start(sink: &Sink, more: &[(&str, &str)]) -> Server {
    let settings = sink.settings();
    let mut all: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    all.push(("PARLANCE_EMAIL_VERIFICATION", "off"));
    all.extend(more);
    Server::start_with(Engine::Sqlite, "echo", &all).await
}

/// Something that a letter is sent for.
async fn ask_reset(server: &Server, name: &str, language: &str) {
    let request = server
        .visitor()
        .post("/api/v1/auth/reset")
        .header("Accept-Language", language);
    let answer = request
        .json(&json!({ "email": email(name) }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

async fn sent(server: &Server, word: &str, count: usize) {
    for _ in 0..1_000 {
        if server.log().matches(word).count() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("“{word}” never came {count} times");
}

#[tokio::test]
async fn a_letter_comes_as_text_and_page_in_the_readers_language() {
    let sink = Sink::start().await;
    let server = start(&sink, &[]).await;
    server.member("ann").await;
    for (language, subject, word) in [
        (
            "en-GB",
            "Parlance: Set a new password",
            "The link works once, for 30 minutes.",
        ),
        (
            "zh-CN,zh;q=0.9",
            "Parlance: 设置新密码",
            "此链接仅可使用一次，30 分钟内有效。",
        ),
    ] {
        ask_reset(&server, "ann", language).await;
        let letter = sink.letter(&email("ann"), subject).await;
        assert_eq!(letter.from, "parlance@example.com");
        assert_eq!(letter.to, [email("ann")]);
        assert_eq!(letter.subject, subject);
        assert!(letter.text.contains(word), "{}", letter.text);
        assert!(letter.html.contains(word), "{}", letter.html);
        let link = letter.link();
        assert!(link.starts_with(&server.base), "{link}");
        assert!(
            letter
                .html
                .contains(&format!("href=\"{}\"", link.replace('&', "&amp;")))
        );
        assert!(!letter.html.contains("<img") && !letter.html.contains("<script"));

        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        assert_eq!(letter.header("X-Auto-Response-Suppress"), "All");
        assert!(
            language.starts_with(&letter.header("Content-Language")),
            "{language}"
        );
        assert!(letter.header("From").contains("Parlance 会话"));
        assert!(
            letter
                .header("Content-Type")
                .starts_with("multipart/alternative")
        );
        assert!(letter.header("Message-ID").ends_with("@example.com>"));
        assert!(!letter.header("Date").is_empty());
        assert!(
            letter.header("List-Unsubscribe").is_empty(),
            "nobody can subscribe"
        );
    }
    assert!(
        sink.said()
            .iter()
            .any(|line| line.starts_with("AUTH PLAIN"))
    );
    let log = server.log();
    for secret in [smtp::PASSWORD, "canary", "smtp%2F", &email("ann")] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[tokio::test]
async fn a_letter_that_is_put_off_arrives_once() {
    let sink = Sink::refusing(&["451 greylisted", "421 busy"]).await;
    let server = start(&sink, &[]).await;
    server.member("ann").await;
    ask_reset(&server, "ann", "en").await;
    sink.letter(&email("ann"), "password").await;
    sent(&server, "a letter was sent", 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((sink.letters().len(), sink.tries()), (1, 3));
    assert_eq!(server.log().matches("is tried again later").count(), 2);
}

#[tokio::test]
async fn a_letter_that_is_refused_is_not_sent_again() {
    let sink = Sink::refusing(&["550 canary-mailbox unknown"]).await;
    let server = start(&sink, &[]).await;
    server.member("ann").await;
    ask_reset(&server, "ann", "en").await;
    sent(&server, "a letter is lost", 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((sink.letters().len(), sink.tries()), (0, 1));
    let log = server.log();
    assert!(
        log.contains("status 550") && !log.contains("canary"),
        "only the code is ours"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_the_process_ends_gets_one_more_chance() {
    let sink = Sink::refusing(&["451 later"]).await;
    let mut server = start(&sink, &[("PARLANCE_MAIL_RETRY_MS", "3600000")]).await;
    server.member("ann").await;
    ask_reset(&server, "ann", "en").await;
    sent(&server, "is tried again later", 1).await;
    assert!(server.terminate().await.success());
    assert_eq!((sink.letters().len(), sink.tries()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_does_not_wait_for_a_mail_server_that_is_silent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let settings = [
        ("PARLANCE_SMTP_URL", url.as_str()),
        ("PARLANCE_MAIL_FROM", "parlance@example.com"),
        ("PARLANCE_EMAIL_VERIFICATION", "off"),
        ("PARLANCE_DRAIN_MS", "500"),
    ];
    let mut server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    server.member("ann").await;
    ask_reset(&server, "ann", "en").await;
    sent(&server, "reset_asked", 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = std::time::Instant::now();
    assert!(server.terminate().await.success());
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    assert!(server.log().contains("letters are lost"));
}

#[tokio::test]
async fn without_a_mail_server_links_stand_in_the_log_of_a_developer_alone() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    ask_reset(&server, "ann", "en").await;
    sent(&server, "the letter's link stands here", 1).await;
    let log = server.log();
    let line = log
        .lines()
        .find(|line| line.contains("link stands here"))
        .unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert!(line["link"].as_str().unwrap().starts_with("http"), "{line}");

    let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    let visitor = server.visitor();
    let body = json!({ "username": "ann", "email": email("ann"), "password": PASSWORD });
    let request = visitor
        .post("/api/auth/register")
        .header("Host", "chat.example");
    assert_eq!(request.json(&body).send().await.unwrap().status(), 201);
    let request = visitor
        .post("/api/v1/auth/reset")
        .header("Host", "chat.example");
    let answer = request
        .json(&json!({ "email": email("ann") }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    sent(&server, "this letter is not sent", 1).await;
    assert!(!server.log().contains("token="), "{}", server.log());
}
