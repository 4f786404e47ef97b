//! The log: one JSON line for each request, and nothing in it that people wrote or that opens doors.

use serde_json::{Value, json};

use crate::harness::{
    Engine, Server, browser::PASSWORD, browser::email, events::Reply, header, on_both,
};

/// Every line, each of which must be an object.
fn lines(server: &Server) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}

/// The one line that the request with this id left.
fn line(server: &Server, request_id: &str) -> Value {
    let found: Vec<_> = lines(server)
        .into_iter()
        .filter(|line| line["message"] == "request" && line["request_id"] == request_id)
        .collect();
    assert_eq!(found.len(), 1, "{request_id}: {found:?}");
    found[0].clone()
}

on_both! {
    async fn row_80_each_request_leaves_one_line_that_says_who_where_and_how_long(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session: Value = ann
            .get("/api/session")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (id, path, status) in [
            ("one", "/api/conversations", 200),
            ("two", "/chat", 200),
            ("three", "/api/nothing", 404),
            ("four", "/nowhere", 404),
        ] {
            let request = ann
                .get(&format!("{path}?q=canary-query"))
                .header("X-Request-ID", id);
            let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
            let response = request.header("Accept", "text/html").send().await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            let line = line(&server, id);
            assert_eq!(line["method"], "GET");
            assert_eq!(line["path"], path, "without what was asked");
            assert_eq!(line["status"], status);
            assert_eq!(line["client_ip"], "127.0.0.1");
            assert_eq!(line["trace_id"], trace);
            assert_eq!(line["user_id"], session["user"]["id"], "{path}");
            assert!(
                line["duration_ms"]
                    .as_f64()
                    .is_some_and(|duration| duration > 0.0),
                "{line}"
            );
            assert!(
                line["timestamp"].is_string() && line["level"].is_string(),
                "{line}"
            );
        }
        let visitor = server.visitor().get("/api/session").send().await.unwrap();
        let line = line(&server, header(&visitor, "x-request-id"));
        assert!(line["user_id"].is_null(), "{line}");
        assert_eq!(line["trace_id"].as_str().map(str::len), Some(32), "{line}");
        assert!(!server.log().contains("canary-query"));
    }
}

on_both! {
    async fn row_46_secrets_and_texts_stay_out_of_the_log(engine: Engine) {
        // As talkative as an operator can make our own code.
        let talkative = "info,parlance=trace,parlance_server=trace,parlance_adapter=trace,parlance_ui=trace,sqlx=debug,leptos_axum=trace";
        let server = Server::start_with(engine, "echo", &[("PARLANCE_LOG", talkative)]).await;
        let ann = server.visitor();
        let body = json!({ "username": "ann", "email": email("ann"), "password": PASSWORD });
        let registered = ann
            .post("/api/auth/register")
            .json(&body)
            .send()
            .await
            .unwrap();
        let cookie = header(&registered, "set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let token = cookie.split_once('=').unwrap().1.to_owned();
        let wrong = json!({ "email": email("ann"), "password": "canary-wrong-1" });
        ann.post("/api/auth/login")
            .json(&wrong)
            .send()
            .await
            .unwrap();
        let login = server.visitor();
        let form = login
            .page("/login?next=/chat?m=canary-next")
            .await
            .form("main form");
        login
            .submit(
                &form
                    .with("email", &email("ann"))
                    .with("password", "canary-form-1"),
            )
            .await;

        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "canary-message").await;
        let mut reply = Reply::default();
        events.read_to_final(&mut reply).await;
        assert_eq!(reply.text, "canary-message", "the reply holds it too");
        ann.page(&format!("/chat/{id}?q=canary-query")).await;
        let form = ann.page(&format!("/chat/{id}")).await.form("form.composer");
        ann.submit(&form.with("text", "canary-form-text")).await;
        // Refused, in every way that looks into the body.
        for body in [
            "{\"content\":\"canary-broken",
            "{\"canary-name\":1}",
            "{\"content\":[\"canary-shape\"]}",
        ] {
            let request = ann
                .post(&format!("/api/conversations/{id}/messages"))
                .body(body);
            request
                .header("Content-Type", "application/json")
                .send()
                .await
                .unwrap();
        }
        ann.get(&format!(
            "/api/conversations/{id}/stream?after=canary-cursor&once=1"
        ))
        .send()
        .await
        .unwrap();

        let log = server.log();
        assert!(lines(&server).len() > 10);
        for secret in [PASSWORD, "canary", token.as_str(), "argon2"] {
            let line = log.lines().find(|line| line.contains(secret));
            assert!(
                line.is_none(),
                "{secret} is in the log: {}",
                line.unwrap_or_default()
            );
        }
    }
}

on_both! {
    async fn row_67_an_address_is_believed_from_listed_proxies_only(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let behind = [("PARLANCE_TRUSTED_PROXIES", "10.0.0.1, 127.0.0.1")];
        let proxied = Server::start_with(engine, "echo", &behind).await;
        for (server, seen) in [(&server, "127.0.0.1"), (&proxied, "203.0.113.7")] {
            let request = server
                .visitor()
                .get("/api/session")
                .header("X-Request-ID", "forwarded");
            request
                .header("X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.0.0.1")
                .send()
                .await
                .unwrap();
            assert_eq!(line(server, "forwarded")["client_ip"], seen);
        }
    }
}

on_both! {
    async fn row_80_what_a_client_sends_cannot_write_lines_of_its_own(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let request = visitor.get("/api/x%0a%7b%22message%22:%22forged%22%7d%0a");
        let request = request
            .header("X-Request-ID", "{\"message\":\"forged\"}")
            .header("User-Agent", "a\"}\tforged");
        request.send().await.unwrap();
        let body = json!({ "username": "a\n{\"message\":\"forged\"}", "email": "x", "password": "y" });
        visitor
            .post("/api/auth/register")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(
            lines(&server)
                .iter()
                .all(|line| line["message"] != "forged")
        );
    }
}
