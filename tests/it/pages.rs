//! The pages without scripts: what a plain browser reads, and what its forms do.

mod branches;
mod code;
mod entrance;
mod files;
mod find;
mod talk;
mod typing;
mod window;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE};

use crate::harness::{Engine, Server, page::ACCEPTED};

#[tokio::test]
async fn a_visitor_reads_what_this_is_and_how_to_start() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let page = server.visitor().page("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    assert_eq!(page.text("title"), "Parlance");
    assert_eq!(page.text("h1"), "Think on paper, with company.");
    for way in ["/register", "/login"] {
        assert!(page.count(&format!("main a[href='{way}']")) > 0, "{way}");
    }
    assert_eq!(page.count("main#content"), 1, "the skip link has a target");
    for path in ["/login", "/register"] {
        assert_eq!(server.visitor().page(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_member_finds_a_new_conversation_and_the_list() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    ann.say(&id, "the first words").await;
    for path in ["/", "/chat"] {
        let page = ann.page(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.text(".sidebar-person"), "ann");
        assert_eq!(
            page.text(&format!(".sidebar-list a[href='/chat/{id}']")),
            "the first words"
        );
        let choices = page.html();
        let slugs: Vec<_> = choices
            .select(&scraper::Selector::parse("input[name=persona]").unwrap())
            .map(|choice| choice.attr("value").unwrap())
            .collect();
        assert_eq!(
            slugs,
            ["assistant", "creative_writer", "tech_expert", "casual_chat"],
            "{path}"
        );
        assert_eq!(
            page.form("form.composer").value("persona"),
            Some("assistant"),
            "{path}"
        );
    }
    for path in ["/login", "/register"] {
        assert_eq!(ann.page(path).await.location(), "/chat", "{path}");
    }
}

#[tokio::test]
async fn an_address_without_a_page_says_so() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    for browser in [server.visitor(), server.member("ann").await] {
        for path in [
            "/nowhere",
            "/nowhere/deeper",
            "/chat/a/b",
            "/settings",
            "/index.php",
            "/%00",
            "/%ff",
        ] {
            let page = browser.page(path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(
                page.header("content-type").starts_with("text/html"),
                "{path}"
            );
            assert_eq!(page.text("h1"), "Nothing is written here", "{path}");
            assert!(page.count("main a") > 0, "{path} leads back");
        }
    }
    let moved = server.visitor().page("/login/?next=/chat").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, "/login?next=/chat")
    );
    let outside = server.visitor().page("//evil.example/").await;
    assert_eq!((outside.status, outside.header("location")), (404, ""));
}

#[tokio::test]
async fn the_pages_speak_the_readers_language() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    for (accepted, cookie, lang, title) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN", "欢迎回来"),
        ("en-GB", "", "en", "Welcome back"),
        ("fr", "", "en", "Welcome back"),
        ("en", "locale=zh-CN", "zh-CN", "欢迎回来"),
        ("zh", "locale=en", "en", "Welcome back"),
    ] {
        let request = visitor
            .get("/login")
            .header(ACCEPT, ACCEPTED)
            .header(ACCEPT_LANGUAGE, accepted);
        let source = request
            .header(COOKIE, cookie)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            source.contains(&format!("lang=\"{lang}\"")),
            "{accepted} {cookie}"
        );
        assert!(source.contains(title), "{accepted} {cookie}");
    }
    // Errors too, both those of the app and those of the edge.
    let request = visitor
        .get("/nowhere")
        .header(ACCEPT, ACCEPTED)
        .header(ACCEPT_LANGUAGE, "zh-CN");
    assert!(
        request
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("这一页是空白的")
    );
    let request = visitor
        .get("/rpc/nothing")
        .header(ACCEPT, ACCEPTED)
        .header(ACCEPT_LANGUAGE, "zh-CN");
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 404);
    assert!(refused.text().await.unwrap().contains("没有找到"));
}
