//! What belongs to writing: drafts that scripts keep, the greeting of the hour, and the shortcuts' switches.

use reqwest::StatusCode;

use crate::harness::{Browser, Engine, Form, Page, Server, on_both};

const SAVE_DRAFT: &str = "/rpc/parlance_ui/rpc/drafts/save_draft";

/// As a beacon does: a form's fields, and no wish for a page.
async fn save(browser: &Browser, fields: &[(&str, &str)]) -> StatusCode {
    let response = browser
        .post(SAVE_DRAFT)
        .form(fields)
        .send()
        .await
        .expect("answers");
    response.status()
}

async fn draft(browser: &Browser, path: &str) -> String {
    let form = browser.page(path).await.form("form.composer");
    form.value("text").unwrap_or_default().to_owned()
}

on_both! {
    async fn a_draft_is_kept_for_its_writer_and_its_conversation(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let path = format!("/chat/{id}");
        assert_eq!(save(&ann, &[("text", "half a\nthought 半"), ("conversation_id", &id)]).await, 200);
        assert_eq!(save(&ann, &[("text", "a new one")]).await, 200);
        assert_eq!(draft(&ann, &path).await, "half a\nthought 半");
        assert_eq!(draft(&ann, "/chat").await, "a new one");
        let ben = server.member("ben").await;
        assert_eq!(save(&ben, &[("text", "mine"), ("conversation_id", &id)]).await, 200);
        assert_eq!(draft(&ann, &path).await, "half a\nthought 半", "a draft is its writer's alone");
        // What was sent, and what was emptied, is none.
        ann.say(&id, "half a thought").await;
        assert_eq!(save(&ann, &[("text", ""), ("conversation_id", &id)]).await, 200);
        assert_eq!(draft(&ann, &path).await, "");
    }
}

#[tokio::test]
async fn a_draft_that_became_a_message_is_not_shown_again() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    ann.say(&id, "said already").await;
    // A beacon that was overtaken by the message.
    save(&ann, &[("text", "said already "), ("conversation_id", &id)]).await;
    assert_eq!(draft(&ann, &format!("/chat/{id}")).await, "");
}

#[tokio::test]
async fn drafts_of_visitors_and_monsters_are_refused() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    assert_eq!(save(&server.visitor(), &[("text", "x")]).await, 401);
    let ann = server.member("ann").await;
    let large = "x".repeat(1_100_000);
    assert_eq!(save(&ann, &[("text", &large)]).await, 413);
    assert_eq!(draft(&ann, "/chat").await, "");
}

#[tokio::test]
async fn a_new_conversation_greets_and_has_four_questions() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let page = server.member("ann").await.page("/chat").await;
    // Nothing is known of the browser's clock.
    assert_eq!(page.text("h1.greeting-title"), "What is on your mind?");
    assert_eq!(page.texts(".suggestion").len(), 4);
}

fn switches(page: &Page) -> Form {
    page.form("#shortcuts form")
}

#[tokio::test]
async fn a_shortcut_is_switched_off_without_scripts() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let page = ann.page("/chat").await;
    assert_eq!(
        page.attribute("#shortcuts form", "data-off").as_deref(),
        Some("")
    );
    let mut form = switches(&page);
    assert!(
        form.fields
            .iter()
            .filter(|(name, _)| name == "on[]")
            .count()
            > 10
    );
    form.fields.retain(|(_, value)| value != "new");
    let answer = ann.submit(&form).await;
    assert_eq!(answer.location(), "/chat");
    assert!(
        answer
            .cookies()
            .iter()
            .any(|cookie| cookie.starts_with("keys=new;")),
        "{:?}",
        answer.cookies()
    );
    let page = ann.page("/chat").await;
    assert_eq!(
        page.attribute("#shortcuts form", "data-off").as_deref(),
        Some("new")
    );
    // And on again.
    let mut form = switches(&page);
    form.fields.push(("on[]".to_owned(), "new".to_owned()));
    assert!(
        ann.submit(&form)
            .await
            .cookies()
            .iter()
            .any(|cookie| cookie.starts_with("keys=;"))
    );
}

#[tokio::test]
async fn rubbish_in_the_cookie_of_the_shortcuts_stays_harmless() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    assert_eq!(
        visitor.page("/login").await.count("#shortcuts"),
        0,
        "for members only"
    );
    let ann = server.member("ann").await;
    let form = switches(&ann.page("/chat").await).with("next", "https://evil.test/");
    assert_eq!(ann.submit(&form).await.location(), "/settings/shortcuts");
}
