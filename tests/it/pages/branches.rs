//! What can be done with a message, through plain forms: another reply, another wording, the way between them, going
//! on, trying again, and reading far back.

use std::time::Duration;

use super::talk::{composer, settled};
use crate::harness::{Browser, Engine, Page, Server, events::Reply, on_both};

const PROSE: &str = "[data-role=assistant] .prose";
const BUBBLES: &str = "[data-role=user] .bubble";
const AGAIN: &str = "[data-role=assistant] button[data-act=regenerate]";
const GO_ON: &str = ".go-on:not([hidden]) button[data-act=continue]";

/// Sends on the page of `path` and waits for the reply.
async fn say(browser: &Browser, path: &str, text: &str) -> Page {
    let form = composer(browser, path).await.with("text", text);
    assert_eq!(browser.submit(&form).await.location(), path);
    settled(browser, path).await
}

/// The way to the version before (0) or after (1), which stand beside each other.
async fn turn(browser: &Browser, page: &Page, role: &str, way: usize) -> Page {
    let scope = format!(
        "[data-role={role}] .versions button:nth-of-type({})",
        way + 1
    );
    let answer = browser.submit(&page.press(&scope)).await;
    browser.page(answer.location()).await
}

on_both! {
    async fn another_reply_stands_beside_the_first(engine: Engine) {
        let server = Server::start(engine, "words-4").await;
        let ann = server.member("ann").await;
        let path = format!("/chat/{}", ann.conversation().await);
        let page = say(&ann, &path, "go").await;
        let first = page.text(PROSE);
        assert_eq!(page.count(".versions"), 0, "there is one only");

        assert_eq!(ann.submit(&page.press(AGAIN)).await.location(), path);
        let page = settled(&ann, &path).await;
        let second = page.text(PROSE);
        assert!(second != first && second.starts_with("w1@"), "{second}");
        assert_eq!(page.text(".versions-place"), "2/2");
        assert_eq!(page.attribute(".versions", "aria-label").as_deref(), Some("Version 2 of 2"));
        assert_eq!(page.texts(BUBBLES), ["go"]);

        let page = turn(&ann, &page, "assistant", 0).await;
        assert_eq!((page.text(PROSE), page.text(".versions-place")), (first.clone(), "1/2".to_owned()));
        // What is said now follows the reply that is read.
        let page = say(&ann, &path, "and then?").await;
        assert_eq!(page.texts(PROSE)[0], first);
        assert_eq!(page.texts(BUBBLES), ["go", "and then?"]);
        let page = turn(&ann, &page, "assistant", 1).await;
        assert_eq!((page.texts(PROSE), page.texts(BUBBLES)), (vec![second], vec!["go".to_owned()]));
        // And back: down to the newest below it.
        let page = turn(&ann, &page, "assistant", 0).await;
        assert_eq!(page.texts(BUBBLES), ["go", "and then?"]);
    }

    async fn another_wording_is_written_in_the_messages_place(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let path = format!("/chat/{}", ann.conversation().await);
        say(&ann, &path, "first <b>one</b>").await;
        let page = say(&ann, &path, "second").await;
        assert_eq!(page.count("[data-role=user] button[data-act=edit][aria-label=Edit]"), 2);
        let html = page.html();
        let edits: Vec<_> = html
            .select(&scraper::Selector::parse("button[name=edit]").unwrap())
            .map(|button| button.attr("value").unwrap().to_owned())
            .collect();

        // The later one has a message before it.
        let edit = ann.page(&format!("{path}?edit={}", edits[1])).await;
        assert_eq!(edit.count("form.edit"), 1);
        assert_eq!(edit.attribute("form.edit a", "href").as_deref(), Some(path.as_str()), "a way out");
        let form = edit.form("form.edit");
        assert_eq!(form.value("text"), Some("second"));
        assert_eq!(ann.submit(&form.with("text", "second, but better")).await.location(), path);
        let page = settled(&ann, &path).await;
        assert_eq!(page.texts(BUBBLES), ["first <b>one</b>", "second, but better"]);
        assert_eq!(page.texts(PROSE), ["first <b>one</b>", "second, but better"]);
        assert_eq!(page.text("[data-role=user] .versions-place"), "2/2");

        // The first has none.
        let edit = ann.page(&format!("{path}?edit={}", edits[0])).await;
        let form = edit.form("form.edit");
        assert_eq!(form.value("text"), Some("first <b>one</b>"));
        ann.submit(&form.with("text", "a fresh start\nover two lines")).await;
        let page = settled(&ann, &path).await;
        assert_eq!(page.texts(BUBBLES), ["a fresh start\nover two lines"]);
        let page = turn(&ann, &page, "user", 0).await;
        assert_eq!(page.texts(BUBBLES), ["first <b>one</b>", "second, but better"]);
        // No such message: the page as ever.
        let odd = ann.page(&format!("{path}?edit=nonsense")).await;
        assert_eq!((odd.status, odd.count("form.edit")), (200, 0));
    }

    async fn a_stopped_reply_goes_on_from_its_end(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let path = format!("/chat/{id}");
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        while reply.seq < 5 {
            reply.apply(&events.next().await.unwrap());
        }
        let page = ann.page(&path).await;
        assert_eq!(page.count(".acts-held:not([disabled])"), 0, "nothing else may begin now");
        assert!(page.attribute(".acts-held", "title").unwrap().contains("still being written"));
        ann.submit(&page.form("form.stop-form")).await;
        let page = settled(&ann, &path).await;
        let stopped = page.text(PROSE);

        assert_eq!(ann.submit(&page.press(GO_ON)).await.location(), path);
        let longer = longer_than(&ann, &path, &stopped).await;
        ann.submit(&longer.form("form.stop-form")).await;
        let page = settled(&ann, &path).await;
        assert!(page.text(PROSE).len() > stopped.len() && page.text(PROSE).starts_with(&stopped));
        assert_eq!(page.text(".versions-place"), "2/2", "the unfinished one stays");
        let page = turn(&ann, &page, "assistant", 0).await;
        assert_eq!(page.text(PROSE), stopped);
        // Only the end of the path goes on.
        assert_eq!(page.count(GO_ON), 1);
    }
}

/// Reads the page until the one reply shows more than `text`, which it begins with all the time.
async fn longer_than(browser: &Browser, path: &str, text: &str) -> Page {
    for _ in 0..200 {
        let page = browser.page(path).await;
        let shown = page.texts(PROSE);
        assert_eq!(shown.len(), 1, "{}", page.source);
        if shown[0].len() > text.len() {
            assert!(
                shown[0].starts_with(text),
                "{} does not begin with {text}",
                shown[0]
            );
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the reply does not go on");
}

#[tokio::test]
async fn a_turn_that_failed_can_be_tried_again() {
    let settings = [("PARLANCE_TITLES", "off")];
    let server = Server::start_with(Engine::Sqlite, "fault-flaky-401@1", &settings).await;
    let ann = server.member("ann").await;
    let path = format!("/chat/{}", ann.conversation().await);
    let page = say(&ann, &path, "hello?").await;
    assert!(
        page.text("[data-status=failed]")
            .contains("There is no reply.")
    );
    let retry = page.press("[data-status=failed] button[data-act=retry]");
    assert_eq!(ann.submit(&retry).await.location(), path);
    let page = settled(&ann, &path).await;
    assert_eq!(page.count("[data-status=failed]"), 0);
    assert!(page.text(PROSE).starts_with("w1@"));
    assert_eq!(page.texts(BUBBLES), ["hello?"], "asked once");
    assert_eq!(page.count(".versions"), 0, "there was no other reply");
}

#[tokio::test]
async fn a_long_conversation_is_read_stretch_by_stretch() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let path = format!("/chat/{id}");
    for number in 0..7 {
        ann.say(&id, &format!("number {number}")).await;
        while !ann.open(&id).await["active"].is_null() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let page = ann.page(&path).await;
    assert_eq!(page.count("article[data-role]"), 8);
    assert_eq!(page.texts(BUBBLES)[0], "number 3");
    let way = page.attribute(".way:not([hidden]) a", "href").unwrap();
    let earlier = ann.page(&way).await;
    assert_eq!(earlier.texts(BUBBLES), ["number 0", "number 1", "number 2"]);
    assert_eq!(
        earlier.count("form.composer"),
        0,
        "nothing is written in the middle"
    );
    assert_eq!(
        earlier.attribute(".way-back a", "href").as_deref(),
        Some(path.as_str())
    );
    assert_eq!(
        earlier.count(".way:not(.way-back):not([hidden])"),
        0,
        "that was all"
    );
    // Another reply to what stands there is written at the end of a path of its own.
    assert_eq!(ann.submit(&earlier.press(AGAIN)).await.location(), path);
    assert_eq!(settled(&ann, &path).await.texts(BUBBLES), ["number 0"]);

    let bob = server.member("bob").await;
    assert_eq!(bob.page(&way).await.status, 404);
    let odd = ann.page(&format!("{path}?before=nonsense")).await;
    assert_eq!((odd.status, odd.count("form.composer")), (200, 1));
    let unknown = format!("{path}?before={}", uuid::Uuid::now_v7());
    assert_eq!(ann.page(&unknown).await.status, 404);
}

#[tokio::test]
async fn nobody_elses_forms_do_anything() {
    let server = Server::start(Engine::Sqlite, "words-100000@50").await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let id = ann.conversation().await;
    let path = format!("/chat/{id}");
    ann.say(&id, "go").await;
    ann.submit(&ann.page(&path).await.form("form.stop-form"))
        .await;
    let page = settled(&ann, &path).await;
    let before = ann.open(&id).await;
    let forms = if page.count(GO_ON) > 0 {
        vec![page.press(AGAIN), page.press(GO_ON)]
    } else {
        vec![page.press("[data-status] button[data-act=retry]")]
    };
    for form in forms {
        let answer = bob.submit(&form).await;
        assert!(
            answer.status == 303 || answer.status == 404,
            "{}",
            answer.status
        );
    }
    assert_eq!(ann.open(&id).await, before);
}
