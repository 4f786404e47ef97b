//! Settings through the API and through the forms, and what the page makes of them.

use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Page, Server, on_both, refused};

async fn settings(browser: &Browser) -> Value {
    let response = browser.get("/api/v1/preferences").send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

async fn patch(browser: &Browser, change: &Value) -> reqwest::Response {
    browser
        .request(reqwest::Method::PATCH, "/api/v1/preferences")
        .json(change)
        .send()
        .await
        .unwrap()
}

fn html(page: &Page, name: &str) -> Option<String> {
    page.attribute("html", name)
}

/// `name=value` of every cookie that the answer sets.
fn cookies(page: &Page) -> Vec<String> {
    page.cookies()
        .into_iter()
        .map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
        .collect()
}

on_both! {
    async fn settings_are_kept_with_the_account_on_every_device(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let anna = server.member("anna").await;
        let berta = server.member("berta").await;
        let visitor = server.visitor();
        assert_eq!(refused(visitor.get("/api/v1/preferences").send().await.unwrap(), 401).await, "unauthenticated");

        let defaults = settings(&anna).await;
        assert_eq!(defaults["theme"], "system");
        assert_eq!(defaults["locale"], Value::Null);
        assert_eq!(defaults["enter_sends"], true);
        let changed = patch(&anna, &json!({ "theme": "dark", "locale": "zh-CN", "text_size": "large" })).await;
        assert_eq!(changed.status(), 200);
        let changed = patch(&anna, &json!({ "streaming": "at-once" })).await.json::<Value>().await.unwrap();
        assert_eq!(changed["theme"], "dark");
        assert_eq!(settings(&anna).await, changed);
        assert_eq!(settings(&berta).await, defaults);

        for bad in [json!({ "theme": "sepia" }), json!({ "wallpaper": 1 }), json!({ "enter_sends": "yes" })] {
            assert_eq!(refused(patch(&anna, &bad).await, 422).await, "validation", "{bad}");
        }
        assert_eq!(settings(&anna).await, changed);

        // This browser never saw a settings form; the cookies are there for when the person has gone.
        let page = anna.page("/chat").await;
        assert_eq!(html(&page, "lang").as_deref(), Some("zh-CN"));
        assert_eq!(html(&page, "data-theme").as_deref(), Some("dark"));
        assert_eq!(html(&page, "data-size").as_deref(), Some("large"));
        assert_eq!(html(&page, "data-streaming").as_deref(), Some("at-once"));
        assert_eq!(html(&page, "data-density"), None);
        let kept = cookies(&page);
        for cookie in ["theme=dark", "locale=zh-CN", "size=large", "streaming=at-once"] {
            assert!(kept.iter().any(|one| one == cookie), "{cookie} of {kept:?}");
        }
        assert_eq!(cookies(&anna.page("/chat").await), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_form_saves_its_page_and_nothing_else() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let anna = server.member("anna").await;
    let form = anna.page("/settings/appearance").await.form("main form");
    let answer = anna
        .submit(&form.with("theme", "dark").with("accent", "pine"))
        .await;
    assert_eq!(answer.location(), "/settings/appearance?saved=1");
    let page = anna.page(answer.location()).await;
    assert_eq!(html(&page, "data-theme").as_deref(), Some("dark"));
    assert_eq!(html(&page, "data-accent").as_deref(), Some("pine"));
    assert_eq!(page.text("main .notice").trim(), "Saved");
    assert_eq!(
        page.attribute("input[name=theme][checked]", "value")
            .as_deref(),
        Some("dark")
    );

    // An unchecked box is sent as nothing at all.
    let mut form = anna.page("/settings/chat").await.form("main form");
    form.fields.retain(|(name, _)| name != "shortcuts");
    anna.submit(&form.with("enter", "newline")).await;
    let kept = settings(&anna).await;
    assert_eq!(
        (&kept["shortcuts_off"], &kept["enter_sends"], &kept["theme"]),
        (&json!(true), &json!(false), &json!("dark"))
    );

    let form = anna.page("/settings/general").await.form("main form");
    let page = anna.go(&form.with("locale", "zh-CN")).await;
    assert_eq!(html(&page, "lang").as_deref(), Some("zh-CN"));
    assert_eq!(page.text("h1"), "通用");
    assert_eq!(settings(&anna).await["shortcuts_off"], true);
}

#[tokio::test]
async fn a_visitors_choice_is_kept_in_the_browser_and_taken_along() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let anna = server.visitor();
    let mut form = anna.page("/login?next=/chat").await.form("nav form");
    form.fields = vec![("theme".to_owned(), "dark".to_owned())];
    let answer = anna.submit(&form).await;
    assert_eq!(answer.location(), "/login?next=/chat");
    assert!(cookies(&answer).contains(&"theme=dark".to_owned()));
    assert_eq!(
        html(&anna.page("/").await, "data-theme").as_deref(),
        Some("dark")
    );

    anna.register("anna").await;
    // The first thing that an account keeps takes the browser's choices along.
    let form = anna.page("/settings/general").await.form("main form");
    let page = anna.go(&form.with("locale", "zh-CN")).await;
    assert_eq!(html(&page, "data-theme").as_deref(), Some("dark"));
    assert_eq!(settings(&anna).await["theme"], "dark");
}

#[tokio::test]
async fn a_settings_form_never_leads_away() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let anna = server.member("anna").await;
    let form = anna.page("/settings/general").await.form("main form");
    for page in [
        "//evil.test",
        "\\\\evil.test",
        "../..//evil.test",
        "a\r\nSet-Cookie: x=y",
    ] {
        let answer = anna.submit(&form.clone().with("page", page)).await;
        assert!(
            answer.location().starts_with("/settings/") || answer.location() == "/",
            "{}",
            answer.location()
        );
    }
    for word in ["\"><script>", "sepia", "dark; Path=/"] {
        let mut form = form.clone();
        form.fields.push(("theme".to_owned(), word.to_owned()));
        let answer = anna.submit(&form).await;
        assert_eq!(answer.status, 303, "{word}");
    }
    assert_eq!(settings(&anna).await["theme"], "system");
    assert_eq!(anna.page("/settings/nothing").await.status, 404);
}
