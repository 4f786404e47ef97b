//! E5, 51 to 56, as far as headers and forms go; what pages make of text is `markup`'s, the policy itself `headers`'.

use serde_json::{Value, json};

use super::routes::{functions, operations};
use crate::harness::{Browser, Engine, Server, browser::PASSWORD, header, on_both};

const EVIL: &str = "<img src=x onerror=alert(1)>\"'></script><script>alert(2)</script>";

/// Answers of every kind to one person.
async fn answers(server: &Server, ann: &Browser) -> Vec<reqwest::Response> {
    let id = ann.conversation().await;
    let mut all = Vec::new();
    for path in [
        "/",
        "/login",
        "/register",
        "/chat",
        "/settings",
        "/profile",
        "/nowhere",
        "/forgot",
        "/reset?token=x",
        "/verify?token=x",
        &format!("/chat/{id}"),
    ] {
        for browser in [ann, &server.visitor()] {
            all.push(
                browser
                    .get(path)
                    .header("Accept", "text/html")
                    .send()
                    .await
                    .unwrap(),
            );
        }
    }
    for operation in operations(ann).await {
        if operation.method == reqwest::Method::GET {
            let path = format!("/api/v1{}", operation.path.replace("{id}", &id));
            all.push(ann.get(&path).send().await.unwrap());
        }
    }
    for function in functions() {
        let browser = server.visitor();
        let request = if function.is_read {
            browser.get(&function.path)
        } else {
            browser.post(&function.path).form(&[("x", "y")])
        };
        all.push(request.send().await.unwrap());
    }
    all
}

on_both! {
    async fn row_53_every_door_tells_browsers_to_be_careful(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for response in answers(&server, &ann).await {
            let path = response.url().path().to_owned();
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(header(&response, name), value, "{name} of {path}");
            }
            let referrer = header(&response, "referrer-policy");
            assert!(
                ["same-origin", "no-referrer", "strict-origin"].contains(&referrer),
                "{referrer} of {path}"
            );
            assert!(
                header(&response, "permissions-policy").contains("camera=()"),
                "{path}"
            );
            // Nothing that is somebody's is kept: neither by the browser nor on the way.
            assert!(
                header(&response, "cache-control").contains("no-store"),
                "{path}"
            );
            assert!(
                header(&response, "content-security-policy").contains("default-src 'none'"),
                "{path}"
            );
            assert!(
                response
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none(),
                "{path}"
            );
        }
    }
}

on_both! {
    async fn row_51_a_broken_policy_is_reported_to_the_log(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let page = visitor.page("/login").await;
        let policy = page.header("content-security-policy").to_owned();
        let address = policy
            .split("report-uri ")
            .nth(1)
            .and_then(|rest| rest.split(';').next())
            .expect("a place for reports");
        let report = json!({ "csp-report": {
            "document-uri": format!("{}/login?next=canary-address", server.base),
            "effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/?q=canary-address",
            "script-sample": "canary-sample",
        }});
        let send = |kind: &str, body: String| {
            visitor
                .post(address.trim())
                .header("Content-Type", kind)
                .body(body)
                .send()
        };
        assert_eq!(
            send("application/csp-report", report.to_string())
                .await
                .unwrap()
                .status(),
            204
        );
        assert_eq!(
            send("text/plain", report.to_string())
                .await
                .unwrap()
                .status(),
            415
        );
        assert_eq!(
            send("application/csp-report", "{".to_owned())
                .await
                .unwrap()
                .status(),
            400
        );
        assert_eq!(
            send("application/csp-report", "[]".to_owned())
                .await
                .unwrap()
                .status(),
            400
        );
        let log = server.log();
        let line = log
            .lines()
            .find(|line| line.contains("a page broke its policy"))
            .expect("a line");
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["directive"], &line["blocked"], &line["page"]),
            (
                &json!("script-src-elem"),
                &json!("https://evil.example"),
                &json!("/login")
            )
        );
        assert!(!log.contains("canary"));
    }
}

on_both! {
    async fn row_55_no_name_of_anybody_comes_to_life_on_any_page(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        let name: String = EVIL.chars().take(50).collect();
        let body = json!({ "username": name, "email": "ann@example.com", "password": PASSWORD });
        assert_eq!(
            ann.post("/api/auth/register")
                .json(&body)
                .send()
                .await
                .unwrap()
                .status(),
            201
        );
        let made: Value = ann
            .post("/api/conversations")
            .json(&json!({ "title": EVIL }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let id = made["id"].as_str().unwrap();
        ann.post("/api/auth/login")
            .header("User-Agent", EVIL)
            .json(&json!({ "email": "ann@example.com", "password": PASSWORD }))
            .send()
            .await
            .unwrap();
        let key = json!({ "name": EVIL, "current_password": PASSWORD });
        let made = ann.post("/api/account/keys").json(&key).send().await;
        assert_eq!(made.unwrap().status(), 201);
        let mut shown = 0;
        for path in [
            "/",
            "/chat",
            "/history",
            "/settings/general",
            "/settings/appearance",
            "/settings/chat",
            "/profile",
            "/profile/password",
            "/profile/devices",
            "/profile/factor",
            "/profile/keys",
            "/profile/data",
            &format!("/chat/{id}"),
        ] {
            let page = ann.page(path).await;
            assert_eq!(page.status, 200, "{path}");
            shown += page.html().root_element().text().filter(|text| text.contains("onerror=alert(1)")).count();
            let html = scraper::Html::parse_document(&page.source);
            for element in html.tree.values().filter_map(|node| node.as_element()) {
                assert!(
                    element
                        .attrs()
                        .all(|(attribute, _)| !attribute.starts_with("on")),
                    "{element:?} on {path}"
                );
                assert!(
                    element.name() != "img" || element.attr("src") != Some("x"),
                    "{element:?} on {path}"
                );
                let is_ours = element.name() != "script" || element.attr("nonce").is_some();
                assert!(is_ours, "{element:?} on {path}");
            }
        }
        assert!(shown > 10, "names and titles stand there as text: {shown}");
    }
}

on_both! {
    async fn row_56_what_pages_carry_for_the_script_stays_in_its_place(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let title = "</script><script>alert(1)</script><!--<script>\u{2028}\u{2029}";
        let made: Value = ann
            .post("/api/conversations")
            .json(&json!({ "title": title }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let page = ann
            .page(&format!("/chat/{}", made["id"].as_str().unwrap()))
            .await;
        assert_eq!(page.status, 200);
        for script in page.source.split("<script").skip(1) {
            let inside = script.split("</script>").next().unwrap();
            assert!(
                !inside.contains("alert(1)</") && !inside.contains("<!--<script"),
                "{inside}"
            );
            assert!(!inside.contains('\u{2028}'), "{inside}");
        }
        assert!(!page.source.contains(title));
    }
}
