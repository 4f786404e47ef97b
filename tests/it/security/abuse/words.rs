//! What the log and the refusals say: 80, 83 and 85.

use reqwest::Method;
use serde_json::{Value, json};

use super::own;
use crate::{
    harness::{Engine, Server, on_both},
    security::routes::{credentials, operations},
};

on_both! {
    async fn row_80_what_is_sent_writes_no_lines_of_its_own_in_text_either(engine: Engine) {
        let settings = [("PARLANCE_LOG_FORMAT", "text"), ("PARLANCE_LOG", "debug")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let ann = server.member("ann").await;
        let forged = "x\n2026-01-01T00:00:00Z  INFO forged: line\r\n\u{1b}[2Jforged";
        ann.get("/api/x%0a2026%20INFO%20forged%1b[2J")
            .header("User-Agent", "a\tforged")
            .send()
            .await
            .unwrap();
        ann.get("/api/session")
            .header("X-Request-ID", "forged INFO line")
            .send()
            .await
            .unwrap();
        ann.get("/api/session")
            .header("X-Forwarded-For", "forged INFO line")
            .send()
            .await
            .unwrap();
        let body = json!({ "title": forged });
        ann.post("/api/conversations")
            .json(&body)
            .send()
            .await
            .unwrap();
        let body =
            json!({ "username": forged, "email": format!("{forged}@example.com"), "password": forged });
        server
            .visitor()
            .post("/api/auth/register")
            .json(&body)
            .send()
            .await
            .unwrap();
        let report = json!({ "csp-report": { "effective-directive": forged, "blocked-uri": forged, "document-uri": format!("https://x/{forged}") }});
        let report = ann
            .post("/api/csp-reports")
            .header("Content-Type", "application/csp-report")
            .body(report.to_string());
        assert_eq!(report.send().await.unwrap().status(), 204);
        let log = server.log();
        assert!(log.contains("a page broke its policy"));
        for line in log.lines() {
            assert!(
                !line.starts_with("forged") && !line.starts_with("2026-01-01T00:00:00Z  INFO forged"),
                "{line}"
            );
            let odd = line
                .chars()
                .find(|c| c.is_control() && *c != '\t' && *c != '\u{1b}');
            assert!(odd.is_none(), "{odd:?} in {line:?}");
            assert!(!line.contains("\u{1b}[2J"), "{line:?}");
        }
    }
}

on_both! {
    async fn row_80_tokens_in_addresses_stay_out_of_the_log(engine: Engine) {
        let server = Server::start(engine, "words-1@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let ticket: Value = ann
            .post("/api/ws/ticket")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let ticket = ticket["token"].as_str().unwrap();
        let secret = "canary-0123456789-0123456789-0123456789-0123456789";
        for path in [
            format!("/ws/chat/{id}?token={ticket}"),
            format!("/api/chat/ws/chat?token={ticket}"),
            format!("/reset?token={secret}"),
            format!("/verify/{secret}"),
            format!("/s/{secret}"),
            format!("/login?next=/reset/{secret}"),
        ] {
            ann.get(&path).send().await.unwrap();
        }
        let log = server.log();
        assert!(
            log.contains("/verify/*"),
            "the address is there, without its secret"
        );
        for word in [ticket, secret, "token="] {
            assert!(!log.contains(word), "{word}");
        }
    }
}

on_both! {
    async fn row_83_refusals_tell_nothing_of_what_is_behind(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let own = own(&ann).await;
        for operation in operations(&ann).await {
            if operation.is_stream || operation.path.contains("logout") {
                continue;
            }
            for odd in [
                "'",
                "\0",
                "../../etc/passwd",
                "\u{202e}",
                "9999999999999999999999",
                "${7*7}",
                "{{7*7}}",
            ] {
                // What needs no id is only read: it might do what it is for.
                let bare = (operation.method == Method::GET).then_some(None);
                for slot in operation.slots.iter().map(Some).chain(bare) {
                    let escaped: String = odd.bytes().map(|byte| format!("%{byte:02X}")).collect();
                    let other = slot.map(|slot| (slot, escaped.as_str()));
                    let request = operation
                        .request(&ann, &own, other)
                        .header("Cookie", format!("parlance-flash={odd}").replace('\0', ""));
                    let Ok(request) = request.build() else {
                        continue;
                    };
                    let response = ann.http.execute(request).await.unwrap();
                    let status = response.status().as_u16();
                    let text = response.text().await.unwrap();
                    assert!(status < 500, "{status} for {}: {text}", operation.words());
                    for word in [
                        "sqlx",
                        "panicked",
                        "src/",
                        "/home/",
                        "SELECT ",
                        "select ",
                        "backtrace",
                        "constraint",
                        ".rs:",
                    ] {
                        assert!(
                            status < 400 || !text.contains(word),
                            "{word} in {}: {text}",
                            operation.words()
                        );
                    }
                }
                if operation.slots.is_empty() {
                    break;
                }
            }
            if !ann
                .get("/api/session")
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
            {
                ann.post("/api/auth/login")
                    .json(&credentials("ann"))
                    .send()
                    .await
                    .unwrap();
            }
        }
        assert!(server.is_well().await);
    }
}

on_both! {
    async fn row_85_strangers_learn_that_it_runs_and_no_more(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        assert_eq!(
            visitor
                .get("/healthz")
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
            "ok\n"
        );
        // Who comes through a proxy, listed or not.
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"] {
            let ready = visitor.get("/readyz").header(header, "203.0.113.7");
            let ready = ready.send().await.unwrap().text().await.unwrap();
            assert_eq!(ready, "ready\n", "{header}");
        }
        // And who comes through one on this machine that adds nothing, by the name that it passes on.
        for (host, is_here) in [
            ("chat.example", false),
            ("localhost.chat.example", false),
            ("10.0.0.1", false),
            ("localhost:3000", true),
            ("127.0.0.1", true),
        ] {
            let ready = visitor.get("/readyz").header("Host", host);
            let ready = ready.send().await.unwrap().text().await.unwrap();
            assert_eq!(ready.contains("durability"), is_here, "{host}: {ready}");
        }
        for path in [
            "/metrics",
            "/health",
            "/healthz/detail",
            "/api/metrics",
            "/api/health",
            "/version",
            "/api/admin/users",
        ] {
            let status = visitor.get(path).send().await.unwrap().status().as_u16();
            assert!(matches!(status, 401 | 403 | 404), "{status} for {path}");
        }
    }
}
