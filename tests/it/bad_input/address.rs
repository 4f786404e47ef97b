//! Addresses: ids, queries and methods that lead nowhere.

use reqwest::Method;
use serde_json::json;

use super::start;
use crate::harness::{Engine, Server, fields, header, on_both, problem, refused};

on_both! {
    async fn an_id_that_names_nothing_is_not_found(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for id in [
            "x",
            "0",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "019a0000-0000-7000-8000-00000000000",
            "%00",
            "%ff%fe",
            "..%2f..%2fetc%2fpasswd",
            "'%20or%201=1--",
            "%F0%9F%99%82",
        ] {
            let of_a_conversation = format!("/api/conversations/{id}");
            for (method, path) in [
                (Method::GET, of_a_conversation.clone()),
                (Method::DELETE, of_a_conversation.clone()),
                (Method::GET, format!("{of_a_conversation}/stream")),
                (Method::POST, format!("/api/generations/{id}/stop")),
            ] {
                let response = ann.request(method, &path).send().await.unwrap();
                assert_eq!(refused(response, 404).await, "not_found", "{path}");
            }
            let body = json!({ "content": "x", "client_message_id": "a" });
            let response = ann.post(&format!("{of_a_conversation}/messages")).json(&body).send().await.unwrap();
            assert_eq!(refused(response, 404).await, "not_found", "{of_a_conversation}");
        }
        assert!(server.is_well().await);
    }

    async fn a_garbled_list_cursor_is_named(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        ann.conversation().await;
        let garbled = ["x", "////", "MS4y", "%F0%9F%99%82", "%00", "1:2:3"].map(str::to_owned);
        // Well formed, with the first and the last moment of an i64, which no clock shows.
        let impossible = [
            "LTkyMjMzNzIwMzY4NTQ3NzU4MDguMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw",
            "OTIyMzM3MjAzNjg1NDc3NTgwNy4wMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA",
        ];
        for cursor in garbled {
            let response = ann.get(&format!("/api/conversations?cursor={cursor}")).send().await.unwrap();
            assert_eq!(fields(&problem(response, 422).await), ["cursor malformed"], "{cursor}");
        }
        for cursor in impossible {
            let response = ann.get(&format!("/api/conversations?cursor={cursor}")).send().await.unwrap();
            let status = response.status().as_u16();
            assert!(matches!(status, 200 | 422), "{status} for {cursor}");
        }
        assert!(server.is_well().await);
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let (mut server, ann, messages) = start().await;
    let open = messages.trim_end_matches("/messages");
    for (path, field) in [
        (format!("{open}?since_rev=-1"), "since_rev malformed"),
        (format!("{open}?since_rev=new"), "since_rev malformed"),
        (format!("{open}/stream?pace=fast"), "pace malformed"),
    ] {
        let response = ann.get(&path).send().await.unwrap();
        assert_eq!(fields(&problem(response, 422).await), [field], "{path}");
    }
    let twice = ann
        .get("/api/conversations?limit=1&limit=2")
        .send()
        .await
        .unwrap();
    assert_eq!(refused(twice, 400).await, "bad_request");
    assert!(server.is_well().await);
}

#[tokio::test]
async fn an_address_of_the_api_that_is_not_there_is_a_problem_even_for_browsers() {
    let (_server, ann, _) = start().await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/v1",
        "/api/v2/conversations",
        "/api/conversations/a/b/c",
        "/api/v1/../nothing",
        "/api//conversations",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let request = ann
                .request(method.clone(), path)
                .header("Accept", "text/html");
            let response = request.send().await.unwrap();
            assert_eq!(refused(response, 404).await, "not_found", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_know_is_refused() {
    let (_server, ann, messages) = start().await;
    for (method, path, allowed) in [
        (Method::PUT, "/api/conversations", vec!["GET", "POST"]),
        (Method::PATCH, "/api/v1/conversations", vec!["GET", "POST"]),
        (Method::DELETE, "/api/session", vec!["GET"]),
        (Method::GET, "/api/auth/login", vec!["POST"]),
        (Method::GET, "/api/auth/logout", vec!["POST"]),
        (Method::PUT, messages.as_str(), vec!["GET", "POST"]),
        (Method::POST, "/api/openapi.json", vec!["GET"]),
        (Method::POST, "/healthz", vec!["GET"]),
    ] {
        let response = ann.request(method.clone(), path).send().await.unwrap();
        let told = header(&response, "allow").to_owned();
        assert_eq!(
            refused(response, 405).await,
            "method_not_allowed",
            "{method} {path}"
        );
        for one in allowed {
            assert!(
                told.split(',').any(|word| word.trim() == one),
                "{one} of “{told}” for {method} {path}"
            );
        }
    }
}
