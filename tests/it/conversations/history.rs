//! The page where past conversations are managed and the sidebar, without scripts.

use serde_json::json;

use super::{create, read};
use crate::harness::{Browser, Engine, Form, Page, Server, on_both};

async fn titled(browser: &Browser, title: &str) -> String {
    let made = create(browser, &json!({ "title": title })).await;
    let made: serde_json::Value = made.json().await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

/// The form of the row of `id`.
fn form(page: &Page, id: &str, class: &str) -> Form {
    page.form(&format!(".history-row:has(a[href='/chat/{id}']) {class} form, .history-row:has(a[href='/chat/{id}']) form{class}"))
}

fn titles(page: &Page) -> Vec<String> {
    page.texts(".history-title")
}

on_both! {
    async fn a_conversation_is_renamed_and_deleted_and_comes_back_by_forms(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (tea, rice) = (titled(&ann, "茶 & <tea>").await, titled(&ann, "Rice").await);
        let page = ann.page("/history").await;
        assert_eq!((page.status, titles(&page)), (200, vec!["Rice".to_owned(), "茶 & <tea>".to_owned()]));

        let page = ann.go(&form(&page, &tea, ".history-rename").with("title", "Only tea")).await;
        assert_eq!(titles(&page), ["Rice", "Only tea"], "no other order");
        let page = ann.go(&form(&page, &tea, ".history-rename").with("title", "  ")).await;
        assert_eq!(page.count(".notice-error"), 1);
        assert_eq!(titles(&page), ["Rice", "Only tea"]);

        let page = ann.go(&form(&page, &rice, ".history-delete")).await;
        assert_eq!(titles(&page), ["Only tea"]);
        let undone = ann.submit(&page.form(".history-news form")).await;
        assert_eq!(undone.location(), format!("/chat/{rice}"));
        assert_eq!(titles(&ann.page("/history").await), ["Rice", "Only tea"]);
    }

    async fn several_are_deleted_at_once_and_all_of_them_by_a_typed_word(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let theirs = titled(&bob, "theirs").await;
        let mut made = Vec::new();
        for title in ["one", "two", "three", "four"] {
            made.push(titled(&ann, title).await);
        }
        let page = ann.page("/history").await;
        let mut chosen = page.form("form#chosen");
        chosen.fields = [&made[0], &made[2], &theirs].map(|id| ("ids[]".to_owned(), id.clone())).to_vec();
        let page = ann.go(&chosen).await;
        assert_eq!(titles(&page), ["four", "two"]);
        let page = ann.go(&page.form(".history-news form")).await;
        assert_eq!(titles(&page), ["four", "three", "two", "one"]);
        let nothing = Form { fields: Vec::new(), ..page.form("form#chosen") };
        assert_eq!(titles(&ann.go(&nothing).await), ["four", "three", "two", "one"]);

        let all = page.form("form.history-all");
        let page = ann.go(&all.clone().with("word", "yes")).await;
        assert_eq!((page.count(".notice-error"), titles(&page).len()), (1, 4));
        let page = ann.go(&all.with("word", " Delete ")).await;
        assert_eq!((page.count(".notice"), titles(&page).len()), (1, 0));
        assert_eq!(read(&bob, "/api/conversations").await["items"][0]["id"], theirs);
    }

    async fn the_button_of_a_row_leads_to_its_forms(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = titled(&ann, "Mine").await;
        titled(&ann, "Other").await;
        let start = ann.page("/chat").await;
        let (name, form) = ("button.sidebar-act[value]", "form#row-acts");
        assert_eq!(start.attribute(name, "form").as_deref(), Some("row-acts"));
        assert_eq!(start.attribute(form, "action").as_deref(), Some("/history"));
        let page = ann.page(&format!("/history?row={id}")).await;
        assert_eq!(page.text(".history-row:has(details[open]) .history-title"), "Mine");
        assert_eq!(page.texts(".history-title"), ["Mine", "Other"]);
        for row in [id.as_str(), "nonsense", ""] {
            let page = bob.page(&format!("/history?row={row}")).await;
            assert_eq!((page.status, page.count(".history-row")), (200, 0), "{row}");
        }
    }
}

#[tokio::test]
async fn the_page_and_the_sidebar_are_paged() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for number in 0..52 {
        titled(&ann, &format!("No {number}")).await;
    }
    let page = ann.page("/history").await;
    assert_eq!(page.count(".history-row"), 50);
    assert_eq!(page.count("a.sidebar-row"), 50);
    assert_eq!(page.texts(".sidebar-day"), ["Today"]);
    let older = page
        .attribute(".history-turn a[rel~=next]", "href")
        .unwrap();
    let page = ann.page(&older).await;
    assert_eq!(titles(&page), ["No 1", "No 0"]);
    // A form of this page leads back to it.
    let rename = page.form(".history-rename form").with("title", "Another");
    assert_eq!(ann.submit(&rename).await.location(), older);
    let more = page.attribute("a.sidebar-more", "href").unwrap();
    assert_eq!(
        ann.page(&format!("/chat{more}"))
            .await
            .count("a.sidebar-row"),
        2
    );
}

#[tokio::test]
async fn the_sidebar_stays_as_it_was_left() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let page = ann.page("/history").await;
    assert_eq!(page.attribute(".frame", "data-sidebar"), None);
    let toggle = page.attribute("#sidebar-toggle", "value").unwrap();
    assert_eq!(toggle, "false");
    let mut form = page.form("form.sidebar-fold");
    form.fields = vec![("open".to_owned(), toggle)];
    let closed = ann.submit(&form).await;
    assert_eq!(closed.location(), "/history");
    let page = ann.page("/chat").await;
    assert_eq!(
        page.attribute(".frame", "data-sidebar").as_deref(),
        Some("closed")
    );
    assert_eq!(
        page.attribute("#sidebar-toggle", "aria-expanded")
            .as_deref(),
        Some("false")
    );
    let mut form = page.form("form.sidebar-fold");
    form.fields = vec![("open".to_owned(), "true".to_owned())];
    assert_eq!(ann.submit(&form).await.location(), "/chat");
    assert_eq!(
        ann.page("/chat").await.attribute(".frame", "data-sidebar"),
        None
    );
}

#[tokio::test]
async fn a_visitor_is_asked_to_sign_in_first() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let page = server.visitor().page("/history").await;
    assert_eq!(page.location(), "/login?next=%2Fhistory");
}
