//! Requests that another site makes in a person's name.

use reqwest::{Client, Method, RequestBuilder, Response, header::ACCEPT};
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Form, Server, on_both, page::ACCEPTED, refused};

/// What the headers say about where a request comes from.
struct Origin {
    site: Option<&'static str>,
    origin: Option<String>,
    is_ours: bool,
}

fn origins(base: &str) -> Vec<Origin> {
    let port = base.rsplit(':').next().unwrap();
    let row = |site, origin: Option<&str>, is_ours| Origin {
        site,
        origin: origin.map(str::to_owned),
        is_ours,
    };
    vec![
        row(Some("cross-site"), Some("https://evil.example"), false),
        row(Some("cross-site"), Some(base), false),
        row(Some("cross-site"), None, false),
        row(Some("same-site"), Some(base), false),
        row(Some("same-site"), Some("http://sub.127.0.0.1"), false),
        row(Some("same-site"), None, false),
        row(Some("rubbish"), Some(base), false),
        row(Some(""), Some(base), false),
        row(None, Some("https://evil.example"), false),
        row(None, Some("null"), false),
        row(None, Some("http://127.0.0.1"), false),
        row(None, Some(&format!("https://127.0.0.1:{port}")), false),
        row(None, Some(&format!("http://localhost:{port}")), false),
        row(None, Some(&format!("{base}.evil.example")), false),
        row(None, None, false),
        row(None, Some(base), true),
        row(Some("same-origin"), None, true),
        row(Some("same-origin"), Some(base), true),
        row(Some("none"), None, true),
    ]
}

/// A request with ann's cookies and exactly these words about its origin.
fn from(ann: &Browser, method: Method, path: &str, origin: &Origin) -> RequestBuilder {
    let mut request = ann.http.request(method, format!("{}{path}", ann.base));
    if let Some(site) = origin.site {
        request = request.header("Sec-Fetch-Site", site);
    }
    if let Some(origin) = &origin.origin {
        request = request.header("Origin", origin);
    }
    request
}

async fn count(ann: &Browser) -> usize {
    let list: Value = ann
        .get("/api/conversations?limit=100")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    list["items"].as_array().unwrap().len()
}

on_both! {
    async fn row_20_the_api_changes_nothing_for_other_sites(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let victim = ann.conversation().await;
        for origin in origins(&server.base) {
            let words = format!("{:?} {:?}", origin.site, origin.origin);
            let before = count(&ann).await;
            let post = |path: &str| from(&ann, Method::POST, path, &origin);
            let made = post("/api/conversations")
                .json(&json!({}))
                .send()
                .await
                .unwrap();
            if origin.is_ours {
                assert_eq!(made.status(), 201, "{words}");
                assert_eq!(count(&ann).await, before + 1, "{words}");
                continue;
            }
            assert_eq!(refused(made, 403).await, "cross_site", "{words}");
            // What a form on another site can send without asking first.
            let message = json!({ "content": "buy it", "client_message_id": "evil" }).to_string();
            for (path, kind) in [
                (
                    format!("/api/conversations/{victim}/messages"),
                    "text/plain",
                ),
                (
                    format!("/api/v1/conversations/{victim}/messages"),
                    "application/x-www-form-urlencoded",
                ),
                ("/api/auth/logout".to_owned(), "text/plain"),
                ("/api/auth/login".to_owned(), "text/plain"),
            ] {
                let sent = post(&path)
                    .header("Content-Type", kind)
                    .body(message.clone())
                    .send()
                    .await
                    .unwrap();
                assert_eq!(refused(sent, 403).await, "cross_site", "{path} {words}");
            }
            let path = format!("/api/conversations/{victim}");
            let deleted = from(&ann, Method::DELETE, &path, &origin)
                .send()
                .await
                .unwrap();
            assert_eq!(refused(deleted, 403).await, "cross_site", "{words}");
            assert_eq!(count(&ann).await, before, "{words}");
        }
        assert_eq!(ann.open(&victim).await["messages"], json!([]));
    }
}

/// Every form that the pages hold: sign-in, registration, sending, signing out, stopping.
async fn forms(server: &Server, ann: &Browser) -> Vec<Form> {
    let visitor = server.visitor();
    let id = ann.conversation().await;
    ann.say(&id, "for ever").await;
    let (start, running) = (
        ann.page("/chat").await,
        ann.page(&format!("/chat/{id}")).await,
    );
    vec![
        visitor.page("/login").await.form("main form"),
        visitor.page("/register").await.form("main form"),
        start.form("form.composer"),
        running.form("form.stop-form"),
        start.form("form.sign-out"),
    ]
}

on_both! {
    async fn row_20_no_form_of_another_site_reaches_a_server_function(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let ann = server.member("ann").await;
        let forms = forms(&server, &ann).await;
        let before = count(&ann).await;
        for origin in origins(&server.base)
            .iter()
            .filter(|origin| !origin.is_ours)
        {
            for form in &forms {
                let words = format!("{} {:?} {:?}", form.action, origin.site, origin.origin);
                let send = || from(&ann, Method::POST, &form.action, origin).form(&form.fields);
                let page = send().header(ACCEPT, ACCEPTED).send().await.unwrap();
                assert_eq!(page.status(), 403, "{words}");
                assert!(page.headers().get("set-cookie").is_none(), "{words}");
                assert!(
                    page.headers()["content-type"]
                        .to_str()
                        .unwrap()
                        .starts_with("text/html"),
                    "{words}"
                );
                assert_eq!(
                    refused(send().send().await.unwrap(), 403).await,
                    "cross_site",
                    "{words}"
                );
            }
        }
        assert_eq!(
            ann.get("/api/session").send().await.unwrap().status(),
            200,
            "still signed in"
        );
        assert_eq!(count(&ann).await, before);
        assert_eq!(
            server.upstream.stats().active_streams,
            1,
            "nobody stopped the reply"
        );
    }
}

on_both! {
    async fn row_20_our_own_form_passes_by_its_origin_alone(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let visitor = server.visitor();
        let form = visitor.page("/login").await.form("main form");
        let form = form
            .with("email", &crate::harness::browser::email("ann"))
            .with("password", crate::harness::browser::PASSWORD);
        for origin in origins(&server.base).iter().filter(|origin| origin.is_ours) {
            let request = from(&visitor, Method::POST, &form.action, origin).header(ACCEPT, ACCEPTED);
            let answer = request.form(&form.fields).send().await.unwrap();
            assert_eq!(
                answer.status(),
                303,
                "{:?} {:?}",
                origin.site,
                origin.origin
            );
            assert!(answer.headers().contains_key("set-cookie"));
        }
    }
}

on_both! {
    async fn row_21_reading_changes_nothing(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let ann = server.member("ann").await;
        let before = count(&ann).await + 1;
        for form in forms(&server, &ann).await {
            let query: Vec<_> = form
                .fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let response = ann.get(&form.action).query(&query).send().await.unwrap();
            let status = response.status().as_u16();
            assert!(
                matches!(status, 404 | 405),
                "{status} for GET {}",
                form.action
            );
        }
        assert_eq!(
            ann.get("/api/session").send().await.unwrap().status(),
            200,
            "still signed in"
        );
        assert_eq!(count(&ann).await, before);
        assert_eq!(
            server.upstream.stats().active_streams,
            1,
            "nobody stopped the reply"
        );
    }
}

on_both! {
    async fn row_22_no_other_site_may_follow_a_stream(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let path = format!("/api/conversations/{}/stream", ann.conversation().await);
        for (site, status) in [
            (Some("cross-site"), 403),
            (Some("same-site"), 403),
            (Some("same-origin"), 200),
            (Some("none"), 200),
            (None, 200),
        ] {
            let origin = Origin {
                site,
                origin: None,
                is_ours: status == 200,
            };
            let response: Response = from(&ann, Method::GET, &path, &origin)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), status, "{site:?}");
            assert!(
                response
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none()
            );
        }
    }
}

on_both! {
    async fn row_20_behind_a_proxy_the_public_address_is_the_only_origin(engine: Engine) {
        let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example/")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let http = Client::new();
        for (origin, status) in [
            ("https://chat.example", 422),
            ("http://chat.example", 403),
            ("https://chat.example:8443", 403),
            ("https://sub.chat.example", 403),
            (server.base.as_str(), 403),
        ] {
            let request = http
                .post(format!("{}/api/auth/login", server.base))
                .header("Host", "chat.example");
            let response = request
                .header("Origin", origin)
                .json(&json!({}))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), status, "{origin}");
        }
    }
}
