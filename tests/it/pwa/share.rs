//! What other apps share.

use reqwest::{Response, header::CONTENT_TYPE};

use crate::harness::{Browser, Engine, Server, browser::PASSWORD, header};

/// Posts as a browser does when another app shares: a form without an origin but the person.
async fn share(browser: &Browser, site: &str, parts: &[(&str, &str)]) -> Response {
    let mut body = String::new();
    for (name, text) in parts {
        body.push_str(&format!(
            "--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str("--cut--\r\n");
    browser
        .http
        .post(format!("{}/share-in", browser.base))
        .header("Sec-Fetch-Site", site)
        .header("Origin", "null")
        .header("Accept", "text/html")
        .header(CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .body(body)
        .send()
        .await
        .unwrap()
}

async fn draft(browser: &Browser) -> String {
    let page = browser.page("/chat").await;
    page.form("form.composer").value("text").unwrap().to_owned()
}

#[tokio::test]
async fn what_is_shared_becomes_the_draft_of_a_new_conversation() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let parts = [
        ("title", "A mill"),
        ("text", "水车 & <b>"),
        ("url", "https://a.example/?x=1"),
        ("other", "left out"),
    ];
    let answer = share(&ann, "none", &parts).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "location")),
        (303, "/chat")
    );
    let first = "A mill\n水车 & <b>\nhttps://a.example/?x=1";
    assert_eq!(draft(&ann).await, first);
    // What was typed before is not lost.
    share(&ann, "none", &[("text", "and this")]).await;
    assert_eq!(draft(&ann).await, format!("{first}\n\nand this"));
    assert_eq!(share(&ann, "none", &[]).await.status(), 303);
    assert_eq!(draft(&ann).await, format!("{first}\n\nand this"));
}

#[tokio::test]
async fn another_site_shares_nothing() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for site in ["cross-site", "same-site"] {
        let refused = share(&ann, site, &[("text", "buy this")]).await;
        assert_eq!(refused.status(), 403, "{site}");
    }
    assert_eq!(draft(&ann).await, "");
    let asked = ann.get("/share-in?text=buy").send().await.unwrap();
    assert_eq!(asked.status(), 405);
}

#[tokio::test]
async fn whoever_has_to_sign_in_first_finds_it_afterwards() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let answer = share(&visitor, "none", &[("text", "a & b 水")]).await;
    let login = header(&answer, "location").to_owned();
    assert!(login.starts_with("/login?next="), "{login}");
    server.member("ann").await;
    let form = visitor.page(&login).await.form("main form");
    let form = form
        .with("email", "ann@example.com")
        .with("password", PASSWORD);
    let chat = visitor.go(&form).await;
    assert_eq!(chat.form("form.composer").value("text"), Some("a & b 水"));
}

#[tokio::test]
async fn what_is_no_share_is_refused() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let bad = ann.post("/share-in").body("x").send().await.unwrap();
    assert!(bad.status().is_client_error(), "{}", bad.status());
    let large = "x".repeat(2 * 1024 * 1024);
    let refused = share(&ann, "none", &[("text", &large)]).await;
    assert_eq!(refused.status(), 413);
}
