//! Whose name a request bears, and names that are no names: 73 and 74.

use reqwest::header::ACCEPT;

use crate::{
    harness::{Engine, Form, Server, header, on_both, page::ACCEPTED},
    security::routes::functions,
};

on_both! {
    async fn row_73_a_host_that_is_not_ours_gets_nothing(engine: Engine) {
        let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        for host in [
            "evil.example",
            "chat.example.evil.example",
            "127.0.0.1",
            "localhost",
            "chat.example:8443",
            "CHAT.EXAMPLE@evil.example",
            "sub.chat.example",
        ] {
            for path in [
                "/",
                "/login",
                "/chat",
                "/api/session",
                "/api/openapi.json",
                "/sw.js",
                "/rpc/parlance_ui/rpc/accounts/login",
            ] {
                let request = http
                    .get(format!("{}{path}", server.base))
                    .header("Host", host);
                let response = request
                    .header("X-Forwarded-Host", "chat.example")
                    .send()
                    .await
                    .unwrap();
                assert_eq!(response.status(), 400, "{host} {path}");
                assert!(
                    !response.text().await.unwrap().contains("evil.example"),
                    "{host} {path}"
                );
            }
            // Load balancers ask by address.
            for path in ["/healthz", "/readyz"] {
                let request = http
                    .get(format!("{}{path}", server.base))
                    .header("Host", host);
                let status = request.send().await.unwrap().status();
                assert!(
                    status == 200 || host.contains('@'),
                    "{status} for {host} {path}"
                );
            }
        }
        for host in ["chat.example", "CHAT.example", "chat.example:443"] {
            let request = http
                .get(format!("{}/login", server.base))
                .header("Host", host);
            let response = request
                .header("X-Forwarded-Host", "evil.example")
                .send()
                .await
                .unwrap();
            if host.ends_with(":443") {
                continue;
            }
            assert_eq!(response.status(), 200, "{host}");
            assert!(!response.text().await.unwrap().contains("evil.example"));
        }
    }
}

on_both! {
    async fn row_74_an_order_is_one_of_the_known_words(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        ann.conversation().await;
        for sort in [
            "updated; drop table users",
            "1",
            "title desc",
            "(select 1)",
            "updated'--",
            "password_hash",
            "updated,created",
        ] {
            let answer = ann
                .get("/api/conversations")
                .query(&[("sort", sort)])
                .send()
                .await
                .unwrap();
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            assert!(matches!(status, 400 | 422), "{status} for {sort}: {text}");
            assert!(
                !text.to_lowercase().contains("sqlite") && !text.contains("syntax"),
                "{text}"
            );
        }
        assert_eq!(
            ann.get("/api/conversations?sort=title")
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
}

on_both! {
    async fn row_73_signing_in_leads_to_paths_of_our_own_only(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        for next in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "http:evil.example",
            "/%09/evil.example",
            "evil.example",
            "@evil.example",
            "/..//evil.example",
        ] {
            for path in ["/login", "/register"] {
                let visitor = server.visitor();
                let address = format!(
                    "{path}?next={}",
                    next.replace('\\', "%5C").replace('\t', "%09")
                );
                let form = visitor.page(&address).await.form("main form");
                if path == "/register" {
                    continue;
                }
                let form = Form {
                    fields: put(form.fields, "next", next),
                    ..form
                };
                let form = form
                    .with("email", "ann@example.com")
                    .with("password", "correct-horse-1");
                let answer = visitor
                    .post(&form.action)
                    .header(ACCEPT, ACCEPTED)
                    .header("Referer", "https://evil.example/x");
                let answer = answer.form(&form.fields).send().await.unwrap();
                let location = header(&answer, "location");
                let is_own = location.starts_with('/')
                    && !location.starts_with("//")
                    && !location.contains('\\');
                let resolved = reqwest::Url::parse(&visitor.base)
                    .unwrap()
                    .join(location)
                    .unwrap();
                assert!(
                    is_own
                        && visitor
                            .base
                            .ends_with(&format!(":{}", resolved.port().unwrap())),
                    "{next} led to {location}"
                );
                assert_eq!(
                    resolved.host_str(),
                    Some("127.0.0.1"),
                    "{next} led to {location}"
                );
            }
        }
    }
}

fn put(mut fields: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

on_both! {
    async fn row_73_a_failed_form_leads_back_to_its_page_whatever_the_referer(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        for function in functions().iter().filter(|function| !function.is_read) {
            let visitor = server.visitor();
            let request = visitor
                .post(&function.path)
                .header(ACCEPT, ACCEPTED)
                .header("Referer", "https://evil.example/x");
            let answer = request.form(&[
                ("next", "https://evil.example"),
                ("back", "//evil.example"),
                ("page", "//evil.example"),
            ]);
            let answer = answer.send().await.unwrap();
            let location = header(&answer, "location").to_owned();
            assert!(!location.starts_with("//"), "{location} of {function:?}");
            assert!(
                location.is_empty() || location.starts_with('/') || location.starts_with(&visitor.base),
                "{location} of {function:?}"
            );
        }
    }
}
