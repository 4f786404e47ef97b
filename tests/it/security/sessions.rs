//! E2: sessions, and requests that another site makes in a person's name (more of those in `csrf`).

mod rights;
mod tokens;

use reqwest::{
    Method, Response,
    header::{ACCEPT, COOKIE},
};
use serde_json::json;

use super::routes::{credentials, functions};
use crate::harness::{Browser, Engine, Server, header, on_both, page::ACCEPTED, refused};

/// The cookie of the session that an answer sets, whole.
fn cookie(response: &Response) -> String {
    let cookies = response.headers().get_all("set-cookie").iter();
    let mut found = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .filter(|cookie| !cookie.contains("-flash="));
    found.next().expect("a cookie").to_owned()
}

fn pair(cookie: &str) -> &str {
    cookie.split(';').next().unwrap()
}

/// A client that shows exactly this cookie.
async fn with(server: &Server, cookie: &str, path: &str) -> u16 {
    let request = server
        .visitor()
        .get(path)
        .header(COOKIE, cookie)
        .header(ACCEPT, ACCEPTED);
    request.send().await.unwrap().status().as_u16()
}

async fn sign_in(browser: &Browser, name: &str) -> Response {
    let response = browser
        .post("/api/auth/login")
        .json(&credentials(name))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    response
}

on_both! {
    async fn row_14_the_cookie_says_all_that_browsers_need_to_guard_it(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let plain = cookie(&sign_in(&server.visitor(), "ann").await);
        assert!(
            plain.starts_with("parlance=") && !plain.contains("Secure"),
            "{plain}"
        );
        let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
        let safe = Server::start_with(engine, "echo", &settings).await;
        let body =
            json!({ "username": "ann", "email": "ann@example.com", "password": "correct-horse-1" });
        let request = safe
            .visitor()
            .post("/api/auth/register")
            .header("Host", "chat.example");
        let secure = cookie(&request.json(&body).send().await.unwrap());
        assert!(secure.starts_with("__Host-parlance="), "{secure}");
        assert!(secure.split("; ").any(|word| word == "Secure"), "{secure}");
        for cookie in [plain, secure] {
            let words: Vec<_> = cookie.split("; ").collect();
            for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(words.contains(&word), "{word} of {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
            // 256 bits.
            assert!(
                pair(&cookie).split_once('=').unwrap().1.len() >= 43,
                "{cookie}"
            );
        }
    }
}

on_both! {
    async fn row_15_a_session_that_was_there_before_is_not_the_one_after(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        // Set by somebody else before the sign-in: never taken over.
        let planted = format!("parlance={}", "A".repeat(43));
        let request = server.visitor().post("/api/auth/login").header(COOKIE, &planted);
        let first = cookie(&request.json(&credentials("ann")).send().await.unwrap());
        assert_ne!(pair(&first), planted);
        assert_eq!(with(&server, &planted, "/api/session").await, 401);
        // Signing in over a session gives another one.
        let request = server.visitor().post("/api/auth/login").header(COOKIE, pair(&first));
        let second = cookie(&request.json(&credentials("ann")).send().await.unwrap());
        assert_ne!(pair(&first), pair(&second));
        assert_eq!(with(&server, pair(&second), "/api/session").await, 200);
    }

    async fn row_18_an_ended_session_opens_nothing_any_more(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let session = cookie(&sign_in(&ann, "ann").await);
        let session = pair(&session);
        let doors = [
            "/api/session".to_owned(),
            "/api/conversations".to_owned(),
            format!("/api/conversations/{id}"),
            format!("/api/conversations/{id}/stream"),
            "/api/stream".to_owned(),
        ];
        for path in &doors {
            assert_eq!(with(&server, session, path).await, 200, "{path}");
        }
        let out = server.visitor().post("/api/auth/logout").header(COOKIE, session).send().await.unwrap();
        assert_eq!(out.status(), 204);
        assert!(header(&out, "clear-site-data").contains("storage"));
        assert!(cookie(&out).contains("Max-Age=0"));
        for path in &doors {
            assert_eq!(with(&server, session, path).await, 401, "{path}");
        }
        assert_eq!(with(&server, session, "/chat").await, 303);
        let ticket = server.visitor().post("/api/ws/ticket").header(COOKIE, session).send().await.unwrap();
        assert_eq!(refused(ticket, 401).await, "unauthenticated");
    }
}

/// What may stand where a request says where it comes from, when that is another site.
const FOREIGN: [(Option<&str>, Option<&str>); 5] = [
    (Some("cross-site"), Some("https://evil.example")),
    (Some("same-site"), Some("http://sub.127.0.0.1")),
    (None, Some("https://evil.example")),
    (None, Some("null")),
    (None, None),
];

on_both! {
    async fn row_20_cross_site_forms_reach_no_server_function(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for function in functions() {
            let words = format!("{function:?}");
            let ours = ann
                .post(&function.path)
                .form(&[("x", "y")])
                .send()
                .await
                .unwrap();
            if function.is_read {
                assert_eq!(ours.status(), 404, "{words}");
                continue;
            }
            for (site, origin) in FOREIGN {
                for kind in [
                    "application/x-www-form-urlencoded",
                    "text/plain",
                    "multipart/form-data; boundary=x",
                    "application/json",
                ] {
                    let mut request = ann
                        .http
                        .request(Method::POST, format!("{}{}", ann.base, function.path));
                    for (name, value) in [("Sec-Fetch-Site", site), ("Origin", origin)] {
                        if let Some(value) = value {
                            request = request.header(name, value);
                        }
                    }
                    let request = request
                        .header("Content-Type", kind)
                        .body("conversation_id=x&email=a&password=b");
                    let refusal = refused(request.send().await.unwrap(), 403).await;
                    assert_eq!(refusal, "cross_site", "{words} {site:?} {origin:?} {kind}");
                }
            }
        }
        // Some of those that were ours and well formed may have ended the session; that the others did not is csrf's test.
    }
}

on_both! {
    async fn row_20_every_server_function_is_where_it_is_written_down(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        for function in functions() {
            let visitor = server.visitor();
            let (method, form) = if function.is_read {
                (Method::GET, false)
            } else {
                (Method::POST, true)
            };
            let request = visitor.request(method, &function.path);
            let request = if form {
                request.form(&[("x", "y")])
            } else {
                request
            };
            let status = request.send().await.unwrap().status().as_u16();
            assert!(status != 404 && status != 403, "{status} for {function:?}");
        }
    }
}

on_both! {
    async fn row_20_text_that_looks_like_json_is_not_read(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let body = json!({ "content": "buy it", "client_message_id": "a" }).to_string();
        for kind in [
            "text/plain",
            "text/plain;charset=UTF-8",
            "application/x-www-form-urlencoded",
            "",
        ] {
            let path = format!("{}/api/conversations/{id}/messages", ann.base);
            let mut request = ann
                .http
                .post(path)
                .header("Origin", &ann.base)
                .body(body.clone());
            if !kind.is_empty() {
                request = request.header("Content-Type", kind);
            }
            assert_eq!(
                refused(request.send().await.unwrap(), 415).await,
                "unsupported_media_type",
                "{kind}"
            );
        }
        assert_eq!(ann.open(&id).await["messages"], json!([]));
    }
}

on_both! {
    async fn row_21_what_changes_something_answers_no_get(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for function in functions().iter().filter(|function| !function.is_read) {
            for method in [Method::GET, Method::HEAD] {
                let status = ann
                    .request(method, &function.path)
                    .send()
                    .await
                    .unwrap()
                    .status()
                    .as_u16();
                assert!(matches!(status, 404 | 405), "{status} for {function:?}");
            }
        }
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 200);
    }
}

on_both! {
    async fn row_22_no_token_in_an_address_opens_a_stream(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = cookie(&sign_in(&ann, "ann").await);
        let token = pair(&session).split_once('=').unwrap().1;
        let path = format!("/api/conversations/{}/stream", ann.conversation().await);
        for name in ["token", "access_token", "session", "parlance", "key"] {
            for path in [path.as_str(), "/api/stream", "/api/session"] {
                let answer = server
                    .visitor()
                    .get(&format!("{path}?{name}={token}"))
                    .send()
                    .await
                    .unwrap();
                assert_eq!(
                    refused(answer, 401).await,
                    "unauthenticated",
                    "{path} {name}"
                );
            }
        }
        assert!(!server.log().contains(token), "an address reached the log");
    }
}

on_both! {
    async fn row_23_a_preflight_is_allowed_nothing(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let mut forms: Vec<String> = functions()
            .into_iter()
            .map(|function| function.path)
            .collect();
        forms.extend(
            [
                "/api/conversations",
                "/api/auth/login",
                "/api/chat",
                "/",
                "/chat",
            ]
            .map(str::to_owned),
        );
        for path in forms {
            for origin in ["https://evil.example", "null", ann.base.as_str()] {
                let request = ann
                    .http
                    .request(Method::OPTIONS, format!("{}{path}", ann.base))
                    .header("Origin", origin);
                let answer = request
                    .header("Access-Control-Request-Method", "POST")
                    .send()
                    .await
                    .unwrap();
                let told = answer
                    .headers()
                    .keys()
                    .find(|name| name.as_str().starts_with("access-control-"));
                assert!(told.is_none(), "{told:?} for {path} from {origin}");
            }
        }
    }
}
