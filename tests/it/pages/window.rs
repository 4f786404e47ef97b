//! A page of a long conversation away from its end: around a message that the address names.

use std::time::Duration;

use crate::harness::{Browser, Engine, Server, on_both};

const BUBBLES: &str = "[data-role=user] .bubble";

/// A conversation of so many turns, and the ids of its messages, oldest first.
async fn long(browser: &Browser, turns: u32) -> (String, Vec<String>) {
    let id = browser.conversation().await;
    for number in 0..turns {
        browser.say(&id, &format!("number {number}")).await;
        while !browser.open(&id).await["active"].is_null() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let open = browser.open(&id).await;
    let messages = open["messages"].as_array().unwrap();
    let ids = messages
        .iter()
        .map(|message| message["id"].as_str().unwrap().to_owned());
    (format!("/chat/{id}"), ids.collect())
}

on_both! {
    async fn an_address_that_names_a_message_shows_it_with_those_around_it(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (path, ids) = long(&ann, 16).await;
        let page = ann.page(&format!("{path}?m={}", ids[12])).await;
        assert_eq!(page.count("article[data-role]"), 19);
        assert_eq!(page.attribute("[data-marked]", "id"), Some(format!("m-{}", ids[12])));
        assert_eq!(page.count("form.composer"), 1, "this page is alive");
        assert_eq!(page.texts(BUBBLES)[0], "number 2");
        let ways: Vec<String> = [format!("?before={}", ids[4]), format!("?m={0}#m-{0}", ids[22])]
            .map(|way| format!("{path}{way}")).into();
        let html = page.html();
        let link = scraper::Selector::parse(".way:not([hidden]) a").unwrap();
        let found = html.select(&link);
        let found: Vec<String> = found.map(|way| way.attr("href").unwrap().to_owned()).collect();
        assert_eq!(found, ways);

        // Near the end it is the end.
        let page = ann.page(&format!("{path}?m={}", ids[30])).await;
        assert_eq!(page.texts(BUBBLES).last().unwrap(), "number 15");
        assert_eq!(page.count(".way:not([hidden])"), 1);

        // What is not there is no reason to show nothing, and nobody else's page is shown at all.
        for odd in ["nonsense".to_owned(), uuid::Uuid::now_v7().to_string()] {
            let page = ann.page(&format!("{path}?m={odd}")).await;
            assert_eq!((page.status, page.count("form.composer"), page.count("[data-marked]")), (200, 1, 0));
            assert_eq!(page.texts(BUBBLES).last().unwrap(), "number 15");
        }
        let bob = server.member("bob").await;
        assert_eq!(bob.page(&format!("{path}?m={}", ids[12])).await.status, 404);
        let (theirs, _) = long(&bob, 1).await;
        let page = bob.page(&format!("{theirs}?m={}", ids[12])).await;
        assert_eq!(page.count("article[data-role]"), 2, "a message of somebody else's changes nothing");
    }

    async fn a_long_page_is_small(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (path, _) = long(&ann, 12).await;
        // The first page of a browser has the style sheet in it.
        ann.page(&path).await;
        let page = ann.page(&path).await;
        assert_eq!(page.count("article[data-role]"), 8);
        assert!(page.source.len() < 60 * 1024, "{}", page.source.len());
    }
}
