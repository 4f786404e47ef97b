//! A conversation through the forms: sending, reading, stopping, and nothing typed is lost.

use std::time::Duration;

use crate::harness::{Browser, Engine, Form, Page, Server, events::Reply, on_both};

/// Reads the page until no reply runs in it.
pub(super) async fn settled(browser: &Browser, path: &str) -> Page {
    for _ in 0..200 {
        let page = browser.page(path).await;
        assert_eq!(page.status, 200, "{path}");
        if page.count("[data-role=assistant][data-status=streaming]") == 0
            && page.count("form.stop-form") == 0
        {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the reply does not end");
}

pub(super) async fn composer(browser: &Browser, path: &str) -> Form {
    browser.page(path).await.form("form.composer")
}

on_both! {
    async fn a_message_is_sent_and_its_reply_read_without_scripts(engine: Engine) {
        let server = Server::start(engine, "markdown@0").await;
        let ann = server.member("ann").await;
        let form = composer(&ann, "/chat").await;
        let sent = ann.submit(&form.with("persona", "creative_writer").with("text", "Tell me\n<b>all</b> & more")).await;
        let path = sent.location().to_owned();
        assert!(path.starts_with("/chat/") && path.len() > 40, "{path}");
        let page = settled(&ann, &path).await;
        assert_eq!(page.text("[data-role=user] .bubble"), "Tell me\n<b>all</b> & more");
        let prose = "[data-role=assistant] .prose";
        // The page has its own h1, so the reply's headings stand one lower.
        assert_eq!(page.texts(&format!("{prose} h2")), ["A short tour · 简短导览"]);
        assert_eq!(page.texts(&format!("{prose} h3")), ["Why it holds", "In code", "A few values · 几个数值"]);
        assert_eq!(page.count("h1"), 1);
        for (element, least) in [("ol li", 3), ("pre code", 1), ("table tr", 4), ("math", 2), ("blockquote", 1), ("strong", 2)] {
            assert!(page.count(&format!("{prose} {element}")) >= least, "{element}");
        }
        assert_eq!(page.count("meta[http-equiv=refresh]"), 0, "nothing to wait for");
        assert_eq!(page.text("h1.chat-title"), "Tell me <b>all</b> & more");
        // The chosen persona was asked, and the composer is empty again.
        let heard = server.upstream.requests();
        assert!(heard[0].body.to_string().contains("system"), "{:?}", heard[0]);
        assert_eq!(page.form("form.composer").value("text"), Some(""));
    }

    async fn while_a_reply_runs_the_page_refreshes_and_can_stop_it(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        while reply.seq < 5 {
            reply.apply(&events.next().await.unwrap());
        }
        let path = format!("/chat/{id}");
        let page = ann.page(&path).await;
        assert!(page.count("meta[http-equiv=refresh]") == 1, "{}", page.source);
        assert_eq!(page.count("[data-role=assistant][data-status=streaming]"), 1);
        assert!(page.text("[data-status=streaming] .prose").starts_with("w1@"), "what is there is shown");
        let stop = page.form("form.stop-form");
        assert!(page.count("form.stop-form button[type=submit]") == 1, "a button for it");
        assert_eq!(ann.submit(&stop).await.location(), path);
        let page = settled(&ann, &path).await;
        assert_eq!(page.count("[data-role=assistant][data-status=stopped]"), 1);
        assert_eq!(page.count("meta[http-equiv=refresh]"), 0);
        assert!(page.source.contains("You stopped this reply."));
        // Again: nothing more happens.
        assert_eq!(ann.submit(&stop).await.location(), path);
        let frozen = settled(&ann, &path).await;
        assert_eq!(frozen.text("[data-role=assistant] .prose"), page.text("[data-role=assistant] .prose"));
    }

    async fn a_message_that_is_too_large_stands_in_the_composer_again(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let long = format!("\n first line\n\u{201c}好\u{201d} </textarea> {}", "x".repeat(300 * 1024));
        let id = ann.conversation().await;
        // Of a new conversation with who was to reply.
        for path in ["/chat?persona=assistant".to_owned(), format!("/chat/{id}")] {
            let form = composer(&ann, &path).await;
            let answer = ann.submit(&form.clone().with("text", &long)).await;
            assert_eq!(answer.location(), path);
            let page = ann.page(&path).await;
            assert_eq!(page.form("form.composer").value("text"), Some(long.as_str()), "{path}");
            assert!(page.text("[role=alert]").contains("too large"), "{}", page.text("[role=alert]"));
            // Shortened and sent: the draft is gone.
            let sent = ann.submit(&page.form("form.composer").with("text", "short")).await;
            let there = sent.location().to_owned();
            assert_eq!(settled(&ann, &there).await.texts("[data-role=user] .bubble"), ["short"], "{path}");
            assert_eq!(composer(&ann, &path).await.value("text"), Some(""), "{path}");
        }
    }

    async fn a_message_sent_while_a_reply_runs_is_kept_for_later(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let path = format!("/chat/{id}");
        // The form as it stood before another window began a reply.
        let stale = composer(&ann, &path).await.with("text", "my second thought");
        ann.say(&id, "go").await;
        let answer = ann.submit(&stale).await;
        assert_eq!(answer.location(), path);
        let page = ann.page(&path).await;
        assert!(page.text("[role=alert]").contains("still being written"), "{}", page.text("[role=alert]"));
        assert_eq!(page.form("form.composer").value("text"), Some("my second thought"));
        // It is there however often the page refreshes, and after the reply's end.
        assert_eq!(composer(&ann, &path).await.value("text"), Some("my second thought"));
        ann.submit(&page.form("form.stop-form")).await;
        let page = settled(&ann, &path).await;
        assert_eq!(page.form("form.composer").value("text"), Some("my second thought"));
        assert_eq!(page.texts("[data-role=user] .bubble"), ["go"]);
    }

    async fn the_first_message_sent_twice_makes_one_conversation(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let form = composer(&ann, "/chat").await.with("text", "once");
        let answers = futures::future::join_all((0..4).map(|_| ann.submit(&form))).await;
        let path = answers[0].location();
        assert!(answers.iter().all(|answer| answer.location() == path));
        assert_eq!(settled(&ann, path).await.texts("[data-role=user] .bubble"), ["once"]);
        assert_eq!(ann.page("/chat").await.count(".sidebar-list li"), 1);
    }

    async fn somebody_elses_conversation_looks_like_none(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = ann.conversation().await;
        ann.say(&id, "her secret").await;
        let stale = composer(&ann, &format!("/chat/{id}")).await;
        let mut shown = Vec::new();
        for id in [id.clone(), uuid::Uuid::now_v7().to_string(), "nonsense".to_owned(), "%00".to_owned()] {
            let page = bob.page(&format!("/chat/{id}")).await;
            assert_eq!(page.status, 404, "{id}");
            assert!(!page.source.contains("her secret"), "{id}");
            shown.push((page.text("h1"), page.text("title"), page.text("main")));
        }
        shown.dedup();
        assert_eq!(shown.len(), 1, "{shown:?}");
        // Nor can he speak in it.
        let page = bob.submit(&stale.with("text", "hello from bob")).await;
        assert!(page.status == 303 || page.status == 404, "{}", page.status);
        assert!(!ann.open(&id).await.to_string().contains("hello from bob"));
    }
}

#[tokio::test]
async fn an_empty_message_is_told_and_not_sent() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let path = format!("/chat/{}", ann.conversation().await);
    let form = composer(&ann, &path).await;
    let page = ann.go(&form.with("text", " \n ")).await;
    assert_eq!(page.path, path);
    assert!(!page.text("[role=alert]").is_empty());
    assert_eq!(page.count("[data-role=user]"), 0);
}

#[tokio::test]
async fn a_broken_form_gets_a_page_and_no_panic() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let form = composer(&ann, "/chat").await.with("text", "hello");
    for (name, value) in [
        ("conversation_id", "nonsense"),
        ("conversation_id", ""),
        ("client_message_id", "two words"),
        ("client_message_id", ""),
        ("persona", "nobody"),
    ] {
        let answer = ann.submit(&form.clone().with(name, value)).await;
        assert!(
            answer.status == 303 || (400..500).contains(&answer.status),
            "{name}={value}: {}",
            answer.status
        );
    }
    let mut bare = form.clone();
    bare.fields.clear();
    let answer = ann.submit(&bare).await;
    assert!(
        answer.status == 303 || (400..500).contains(&answer.status),
        "{}",
        answer.status
    );
    assert_eq!(ann.page("/chat").await.count(".sidebar-list li"), 0);
    assert!(server.is_well().await);
}

#[tokio::test]
async fn a_suggestion_followed_without_scripts_fills_the_composer() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let page = ann.page("/chat").await;
    let suggestion = page.texts("a.suggestion").remove(0);
    let link = page.attribute("a.suggestion", "href").unwrap();
    assert_eq!(
        composer(&ann, &link).await.value("text"),
        Some(suggestion.as_str())
    );
}

#[tokio::test]
async fn a_reply_that_failed_says_why_on_the_page() {
    let server = Server::start(Engine::Sqlite, "fault-401").await;
    let ann = server.member("ann").await;
    let sent = ann
        .submit(&composer(&ann, "/chat").await.with("text", "hello?"))
        .await;
    let page = settled(&ann, sent.location()).await;
    let told = page.text("[data-status=failed]");
    assert!(
        told.contains("There is no reply.") && told.contains("key"),
        "{told}"
    );
    assert_eq!(page.text("[data-role=user] .bubble"), "hello?");
}
