//! What every response tells the browser, and the content security policy against its page.

use std::collections::BTreeMap;

use reqwest::{Client, Method, Response};

use crate::harness::{Browser, Engine, Page, Server, header, on_both};

/// Pages and answers of every kind, of a person who is signed in.
async fn everything(ann: &Browser) -> Vec<Response> {
    let id = ann.conversation().await;
    let mut responses = Vec::new();
    for path in ["/", "/login", "/chat", &format!("/chat/{id}"), "/nowhere"] {
        responses.push(
            ann.get(path)
                .header("Accept", "text/html")
                .send()
                .await
                .unwrap(),
        );
    }
    for path in [
        "/api/session",
        "/api/conversations",
        "/api/nothing",
        "/api/openapi.json",
        "/healthz",
        "/readyz",
        "/rpc/x",
        "/pkg/x",
        "/docs",
    ] {
        responses.push(ann.get(path).send().await.unwrap());
    }
    responses.push(
        ann.get(&format!("/api/conversations/{id}/stream"))
            .send()
            .await
            .unwrap(),
    );
    responses.push(ann.post("/api/auth/login").body("{").send().await.unwrap());
    responses.push(
        ann.request(Method::PUT, "/api/session")
            .send()
            .await
            .unwrap(),
    );
    responses.push(
        ann.http
            .post(format!("{}/api/conversations", ann.base))
            .send()
            .await
            .unwrap(),
    );
    responses
}

on_both! {
    async fn row_53_every_response_carries_the_headers(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for response in everything(&ann).await {
            let path = response.url().path().to_owned();
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(header(&response, name), value, "{name} of {path}");
            }
            assert!(
                header(&response, "permissions-policy").contains("camera=()"),
                "{path}"
            );
            assert!(
                header(&response, "cache-control").contains("no-store"),
                "{path}"
            );
            assert!(!header(&response, "x-request-id").is_empty(), "{path}");
            let csp = header(&response, "content-security-policy");
            for directive in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(csp.contains(directive), "{directive} of {path}: {csp}");
            }
            assert!(
                response
                    .headers()
                    .get("strict-transport-security")
                    .is_none(),
                "{path} over plain http"
            );
            assert!(
                response.headers().get("server").is_none()
                    && response.headers().get("x-powered-by").is_none()
            );
        }
    }
}

on_both! {
    async fn row_53_hsts_is_told_over_https_only(engine: Engine) {
        let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
        let server = Server::start_with(engine, "echo", &settings).await;
        for path in ["/", "/login", "/api/session", "/nowhere"] {
            let request = Client::new()
                .get(format!("{}{path}", server.base))
                .header("Host", "chat.example");
            let response = request.send().await.unwrap();
            let told = header(&response, "strict-transport-security");
            let age = told
                .split(';')
                .find_map(|part| part.trim().strip_prefix("max-age="))
                .unwrap_or("0");
            assert!(
                age.parse::<u64>().unwrap() >= 31_536_000,
                "{path}: “{told}”"
            );
        }
    }
}

on_both! {
    async fn row_23_no_other_origin_is_let_in(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for origin in ["https://evil.example", "null", "http://localhost"] {
            for (method, path) in [
                (Method::GET, "/api/session"),
                (Method::OPTIONS, "/api/conversations"),
                (Method::OPTIONS, "/api/auth/login"),
                (Method::GET, "/"),
                (Method::GET, "/api/openapi.json"),
            ] {
                let request = ann
                    .http
                    .request(method.clone(), format!("{}{path}", ann.base));
                let request = request
                    .header("Origin", origin)
                    .header("Access-Control-Request-Method", "POST")
                    .header("Access-Control-Request-Headers", "content-type");
                let response = request.send().await.unwrap();
                let allowed = response
                    .headers()
                    .keys()
                    .find(|name| name.as_str().starts_with("access-control-"));
                assert!(
                    allowed.is_none(),
                    "{allowed:?} for {method} {path} from {origin}"
                );
            }
        }
    }
}

on_both! {
    async fn row_80_a_request_id_is_taken_over_if_it_is_sane(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let ask = async |id: &str| {
            let response = visitor
                .get("/api/session")
                .header("X-Request-ID", id)
                .send()
                .await
                .unwrap();
            header(&response, "x-request-id").to_owned()
        };
        let longest = "x".repeat(64);
        for id in ["abc", "A.b_c-9", longest.as_str()] {
            assert_eq!(ask(id).await, id);
        }
        let long = "x".repeat(65);
        for id in ["two words", "<script>", "a\"b", "", long.as_str()] {
            let given = ask(id).await;
            assert!(given != id && given.len() == 32, "{id:?} became {given:?}");
        }
        let (one, two) = (visitor.page("/").await, visitor.page("/").await);
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    }
}

/// Directive to its sources.
fn policy(page: &Page) -> BTreeMap<String, Vec<String>> {
    let directives = page.header("content-security-policy").split(';');
    let words = directives.map(|directive| directive.split_whitespace().map(str::to_owned));
    words
        .filter_map(|mut words| Some((words.next()?, words.collect())))
        .collect()
}

/// The nonce of the policy.
fn nonce(page: &Page) -> String {
    let sources = &policy(page)["script-src"];
    let nonces: Vec<_> = sources
        .iter()
        .filter_map(|word| word.strip_prefix("'nonce-")?.strip_suffix('\''))
        .collect();
    assert_eq!(nonces.len(), 1, "{sources:?}");
    nonces[0].to_owned()
}

/// All kinds of pages that Leptos writes.
async fn pages(server: &Server) -> Vec<Page> {
    let (ann, visitor) = (server.member("ann").await, server.visitor());
    let id = ann.conversation().await;
    ann.say(&id, "hello").await;
    vec![
        visitor.page("/").await,
        visitor.page("/login").await,
        visitor.page("/register?next=/chat").await,
        visitor.page("/nowhere").await,
        ann.page("/").await,
        ann.page("/chat").await,
        ann.page(&format!("/chat/{id}")).await,
        ann.page(&format!("/chat/{}", uuid::Uuid::now_v7())).await,
    ]
}

on_both! {
    async fn row_51_pages_have_the_strict_policy(engine: Engine) {
        let server = Server::start(engine, "markdown@0").await;
        for page in pages(&server).await {
            let policy = policy(&page);
            let nonce = format!("'nonce-{}'", nonce(&page));
            for (directive, sources) in [
                ("default-src", vec!["'none'"]),
                (
                    "script-src",
                    vec!["'self'", &nonce, "'strict-dynamic'", "'wasm-unsafe-eval'"],
                ),
                ("style-src", vec!["'self'", &nonce]),
                ("style-src-attr", vec!["'unsafe-inline'"]),
                ("img-src", vec!["'self'", "blob:", "data:"]),
                ("font-src", vec!["'self'"]),
                ("connect-src", vec!["'self'"]),
                ("worker-src", vec!["'self'"]),
                ("manifest-src", vec!["'self'"]),
                ("base-uri", vec!["'none'"]),
                ("form-action", vec!["'self'"]),
                ("frame-ancestors", vec!["'none'"]),
                ("object-src", vec!["'none'"]),
                ("report-uri", vec!["/api/csp-reports"]),
            ] {
                let told = policy
                    .get(directive)
                    .unwrap_or_else(|| panic!("no {directive} on {}", page.path));
                assert_eq!(*told, sources, "{directive} of {}", page.path);
            }
            assert_eq!(policy.len(), 14, "{}: {policy:?}", page.path);
        }
    }
}

on_both! {
    async fn row_52_a_nonce_is_used_once_and_stands_in_no_other_attribute(engine: Engine) {
        let server = Server::start(engine, "markdown@0").await;
        let mut seen = Vec::new();
        for page in pages(&server).await {
            let nonce = nonce(&page);
            assert!(nonce.len() >= 22, "{nonce} is guessable");
            assert!(!seen.contains(&nonce), "{nonce} came twice");
            for (place, _) in page.source.match_indices(&nonce) {
                let before = &page.source[..place];
                assert!(
                    before.ends_with(" nonce=\"") || before.ends_with(" nonce="),
                    "…{} on {}",
                    &before[before.len().saturating_sub(80)..],
                    page.path
                );
            }
            // Nothing that the policy would stop: each inline script has the nonce, nothing else runs.
            let html = page.html();
            for element in html.tree.values().filter_map(|node| node.as_element()) {
                let name = element.name();
                if matches!(name, "script" | "style") {
                    assert_eq!(
                        element.attr("nonce"),
                        Some(nonce.as_str()),
                        "{name} on {}",
                        page.path
                    );
                }
                for (attribute, value) in element.attrs() {
                    assert!(
                        !attribute.starts_with("on"),
                        "{attribute} of {name} on {}",
                        page.path
                    );
                    assert!(
                        !value.trim_start().to_lowercase().starts_with("javascript:"),
                        "{value}"
                    );
                }
                assert!(
                    !matches!(name, "iframe" | "object" | "embed" | "base"),
                    "{name} on {}",
                    page.path
                );
            }
            seen.push(nonce);
        }
    }
}

on_both! {
    async fn row_73_the_host_in_a_request_leads_nobody_astray(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        for name in ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"] {
            let request = visitor
                .get("/chat")
                .header("Accept", "text/html")
                .header(name, "evil.example");
            let response = request.send().await.unwrap();
            assert_eq!(
                header(&response, "location"),
                "/login?next=%2Fchat",
                "{name}"
            );
            let page = visitor
                .get("/")
                .header(name, "evil.example")
                .send()
                .await
                .unwrap();
            assert!(
                !page.text().await.unwrap().contains("evil.example"),
                "{name}"
            );
        }
    }
}
