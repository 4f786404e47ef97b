//! The description of the API: what is served is what was agreed, and people find it.

use std::{collections::BTreeSet, process::Command};

use scraper::{Html, Selector};
use serde_json::Value;

use crate::harness::{Engine, Server, header};

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/openapi.json");

async fn served(server: &Server, path: &str) -> Value {
    let response = server.visitor().get(path).send().await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            header(&response, "content-type")
        ),
        (200, "application/json")
    );
    response.json().await.unwrap()
}

/// A change of the API shows in the diff of the snapshot; `UPDATE_SNAPSHOTS=1` writes it anew.
#[tokio::test]
async fn the_description_is_the_agreed_one() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let api = served(&server, "/api/openapi.json").await;
    let pretty = format!("{}\n", serde_json::to_string_pretty(&api).unwrap());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
        std::fs::write(SNAPSHOT, &pretty).unwrap();
    }
    let agreed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    let line = pretty
        .lines()
        .zip(agreed.lines())
        .find(|(now, then)| now != then);
    assert!(
        pretty == agreed,
        "the API differs from tests/it/openapi.json, first here: {line:?}. If that is meant: UPDATE_SNAPSHOTS=1"
    );
    assert_eq!(served(&server, "/api/v1/openapi.json").await, api);
    let printed = Command::new(env!("CARGO_BIN_EXE_parlance"))
        .arg("openapi")
        .output()
        .unwrap();
    assert!(printed.status.success());
    assert_eq!(
        serde_json::from_slice::<Value>(&printed.stdout).unwrap(),
        api
    );
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_answers() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let api = served(&server, "/api/openapi.json").await;
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(api["servers"][0]["url"], "/api/v1");
    let mut names = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let words = format!("{method} {path}");
            let name = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{words} has no name"));
            assert!(names.insert(name.to_owned()), "{name} twice");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{words}"
            );
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                // A socket is opened by 101.
                responses
                    .keys()
                    .any(|status| status.starts_with('2') || status == "101"),
                "{words}"
            );
            assert!(
                responses["default"]["content"]["application/problem+json"].is_object(),
                "{words}"
            );
            for (status, response) in responses {
                assert!(
                    response["description"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty()),
                    "{words} {status}"
                );
            }
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for name in path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
            {
                assert!(
                    parameters
                        .iter()
                        .any(|one| one["name"] == name && one["in"] == "path"),
                    "{name} of {words}"
                );
            }
            if matches!(method.as_str(), "get" | "delete") {
                assert!(operation.get("requestBody").is_none(), "{words}");
            }
        }
    }
    for agreed in [
        "/auth/register",
        "/auth/login",
        "/auth/logout",
        "/session",
        "/conversations",
        "/conversations/{id}",
        "/conversations/{id}/messages",
        "/conversations/{id}/stream",
        "/messages/{id}/regenerate",
        "/messages/{id}/continue",
        "/messages/{id}/keep",
        "/messages/{id}/select",
        "/generations/{id}/stop",
        "/conversations/{id}/stop",
        "/stream",
        "/ws/ticket",
        "/roles",
        "/chat",
        "/chat/send",
        "/chat/history",
        "/chat/ws/chat",
        "/conversation/generate_title",
    ] {
        assert!(api["paths"][agreed].is_object(), "{agreed}");
    }
}

#[tokio::test]
async fn the_problem_codes_of_the_description_are_those_of_the_product() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let api = served(&server, "/api/openapi.json").await;
    let codes = api["components"]["schemas"]["ProblemCode"]["enum"]
        .as_array()
        .unwrap();
    for code in [
        "unauthenticated",
        "cross_site",
        "validation",
        "too_large",
        "generation_active",
        "upstream_5xx",
    ] {
        assert!(codes.iter().any(|one| one == code), "{code}");
    }
    for name in [
        "User",
        "Conversation",
        "OpenConversation",
        "Message",
        "Taken",
        "MessagePage",
        "Stopped",
        "Event",
        "Problem",
    ] {
        assert!(api["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn the_documentation_page_has_all_it_needs_and_a_policy_of_its_own() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let first = visitor.get("/api/docs").send().await.unwrap();
    let page = match header(&first, "location") {
        "" => first,
        location => {
            assert!(
                location.ends_with("/api/docs/") && first.status().is_redirection(),
                "{location}"
            );
            visitor.get("/api/docs/").send().await.unwrap()
        }
    };
    assert_eq!(page.status(), 200);
    let policy = header(&page, "content-security-policy").to_owned();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(
            policy.split(';').any(|one| one.trim() == directive),
            "{directive}: {policy}"
        );
    }
    let source = page.text().await.unwrap();
    let html = Html::parse_document(&source);
    let needed = Selector::parse("script, link[rel=stylesheet]").unwrap();
    let mut read = String::new();
    for element in html.select(&needed) {
        let address = element
            .attr("src")
            .or(element.attr("href"))
            .expect("the policy stops inline scripts");
        let address = address.trim_start_matches("./");
        assert!(!address.contains("//"), "{address} is another server's");
        let path = if address.starts_with('/') {
            address.to_owned()
        } else {
            format!("/api/docs/{address}")
        };
        let file = visitor.get(&path).send().await.unwrap();
        assert_eq!(file.status(), 200, "{path}");
        let kind = header(&file, "content-type").to_owned();
        assert!(
            kind.contains("javascript") || kind.contains("css"),
            "{path} is {kind}"
        );
        read.push_str(&file.text().await.unwrap());
    }
    assert!(
        read.contains("/api/openapi.json"),
        "the page knows where the description is"
    );
}

#[tokio::test]
async fn whoever_guesses_is_led_to_it() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    for (path, target) in [
        ("/docs", "/api/docs"),
        ("/openapi.json", "/api/openapi.json"),
        ("/api/v1/docs", "/api/docs"),
    ] {
        let response = server.visitor().get(path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "location")),
            (308, target),
            "{path}"
        );
    }
}
