//! Looking for words in a conversation without scripts: the address asks, the page answers.

use crate::harness::{Browser, Engine, Page, Server, events::Reply};

/// A conversation in which this was said and echoed.
async fn said(ann: &Browser, text: &str) -> String {
    let id = ann.conversation().await;
    let mut events = ann.follow(&id, None).await;
    ann.say(&id, text).await;
    events.read_to_final(&mut Reply::default()).await;
    format!("/chat/{id}")
}

fn place(page: &Page) -> String {
    page.text(".find [role=status]").trim().to_owned()
}

#[tokio::test]
async fn the_address_asks_and_the_page_answers_with_links() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let path = said(&ann, "</noscript><b id=evil>Spring tide</b> 大潮").await;
    assert_eq!(ann.page(&path).await.count(".find"), 0);
    let page = ann.page(&format!("{path}?find=")).await;
    assert_eq!((page.count(".find"), place(&page)), (1, String::new()));

    let page = ann.page(&format!("{path}?find=spring+TIDE")).await;
    assert_eq!(place(&page), "2 of 2");
    let links = page.source.matches("&amp;find=spring%20TIDE#m-").count();
    assert_eq!(links, 2, "{}", page.source);
    assert_eq!(page.source.matches("<mark>Spring tide").count(), 3);
    assert!(!page.source.contains("<b id=evil>"), "{}", page.source);
    let back = page.attribute(".find-turn button", "value").unwrap();
    let page = ann.page(&format!("{path}?find=spring+TIDE&m={back}")).await;
    assert_eq!(place(&page), "1 of 2");
    assert_eq!(
        page.attribute("[data-marked]", "id"),
        Some(format!("m-{back}"))
    );
    assert_eq!(
        page.attribute(".find-text", "value").as_deref(),
        Some("spring TIDE")
    );
}

#[tokio::test]
async fn what_is_found_nowhere_is_said_and_spoils_no_page() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let path = said(&ann, "Spring tide").await;
    let long = "x".repeat(5_000);
    for odd in ["neap", &long, "%00", "%3Cscript%3E", "%F0%9F"] {
        let page = ann.page(&format!("{path}?find={odd}")).await;
        assert_eq!(
            (page.status, place(&page).as_str()),
            (200, "No match"),
            "{odd}"
        );
        assert_eq!(page.count("article[data-role]"), 2);
    }
    let bob = server.member("bob").await;
    let page = bob.page(&format!("{path}?find=tide")).await;
    assert_eq!((page.status, page.source.contains("Spring")), (404, false));
}
