//! Code in replies: coloured in the first HTML, and on request for what is written while the page is open.

use scraper::Selector;
use serde_json::Value;

use crate::harness::{Browser, Engine, Server, events::Reply};

const DOOR: &str = "/rpc/parlance_ui/rpc/highlight/highlight";

async fn answered(ann: &Browser, text: &str) -> String {
    let id = ann.conversation().await;
    let mut events = ann.follow(&id, None).await;
    ann.say(&id, text).await;
    events.read_to_final(&mut Reply::default()).await;
    format!("/chat/{id}")
}

async fn ask(who: &Browser, blocks: &[(&str, &str)]) -> (u16, Value) {
    let mut form = Vec::new();
    for (place, (language, code)) in blocks.iter().enumerate() {
        form.push((format!("languages[{place}]"), (*language).to_owned()));
        form.push((format!("codes[{place}]"), (*code).to_owned()));
    }
    let response = who.post(DOOR).form(&form).send().await.unwrap();
    (
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    )
}

#[tokio::test]
async fn code_is_coloured_in_the_first_html_and_its_text_is_untouched() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let code = "// </code><script>alert(1)</script>\nfn a<'b>(c: &'b str) -> u8 { 7 }\n";
    let path = answered(
        &ann,
        &format!("Look:\n\n```rust\n{code}```\n\n```\nplain\n```\n"),
    )
    .await;
    let page = ann.page(&path).await;
    let html = page.html();
    let select = |selector: &str| {
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector)
            .map(|element| element.text().collect::<String>())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        select("[data-role=assistant] .code[data-hl] pre code"),
        [code]
    );
    assert_eq!(select(".code .fn")[0], "a");
    assert!(select(".code .kw").contains(&"fn".to_owned()));
    assert_eq!(select(".code .num"), ["7"]);
    assert_eq!(select(".code:not([data-lang]) pre code"), ["plain\n"]);
    assert_eq!(page.count("[data-role=assistant] script"), 0);
}

#[tokio::test]
async fn colours_are_given_to_members_only_and_in_measure() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let rust = ("rust", "fn a() -> u8 { 1 < 2 }\n");
    assert_eq!(ask(&server.visitor(), &[rust]).await.0, 401);

    let (status, found) = ask(&ann, &[rust, ("klingon", "a < b"), ("js", "let a")]).await;
    assert_eq!(status, 200);
    let html = found[0].as_str().unwrap();
    assert!(
        html.contains("<span class=\"kw\">fn</span>") && html.contains("</span> &lt; <span"),
        "{html}"
    );
    assert_eq!(found[1], "a &lt; b", "an unknown language stays plain");
    assert_eq!(found[2], "<span class=\"kw\">let</span> a");
    assert_eq!(ask(&ann, &[]).await, (200, serde_json::json!([])));

    assert_eq!(ask(&ann, &[("rust", "a"); 33]).await.0, 422);
    let large = "a\n".repeat(150_000);
    assert_eq!(ask(&ann, &[("rust", large.as_str())]).await.0, 422);
    let lopsided = [("languages[0]", "rust")];
    let refused = ann.post(DOOR).form(&lopsided).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let elsewhere = ann
        .http
        .post(format!("{}{DOOR}", ann.base))
        .header("Sec-Fetch-Site", "cross-site")
        .form(&[("languages[0]", "rust"), ("codes[0]", "fn")]);
    assert_eq!(elsewhere.send().await.unwrap().status(), 403);
}

/// What nobody would write: it comes back as text, and the next request is answered as fast as ever.
#[tokio::test]
async fn hostile_code_comes_to_an_end() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for (language, piece) in [
        ("js", "`${"),
        ("php", "<?php \"{$a["),
        ("bash", "$(("),
        ("markdown", "*a _b **"),
        ("html", "<script><!--"),
        ("perl", "s{(((((a*)*)*)*)*"),
        ("ruby", "<<~A + <<~B\n"),
    ] {
        let code = piece.repeat(1_500 / piece.len());
        let (status, found) = ask(&ann, &[(language, code.as_str())]).await;
        assert_eq!(status, 200, "{language}");
        assert!(
            found[0].is_string() || found[0].is_null(),
            "{language}: {found}"
        );
    }
}
