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

        let changed = patch(&anna, &json!({ "time_zone": "Asia/Shanghai" })).await.json::<Value>().await.unwrap();
        assert_eq!(changed["time_zone"], "Asia/Shanghai");
        assert_eq!(settings(&anna).await, changed);

        for bad in [json!({ "time_zone": "../etc" }), json!({ "time_zone": "a b" }), json!({ "theme": "sepia" }), json!({ "wallpaper": 1 }), json!({ "enter_sends": "yes" })] {
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
        for cookie in ["theme=dark", "zone=Asia/Shanghai", "locale=zh-CN", "size=large", "streaming=at-once"] {
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
async fn times_are_told_in_the_zone_that_was_chosen() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let anna = server.member("anna").await;
    let id = anna.conversation().await;
    anna.say(&id, "hello").await;
    let times = async || {
        let page = anna.page(&format!("/chat/{id}")).await;
        let time = |name| page.attribute("[data-role=user] time", name).unwrap();
        (time("datetime"), time("title"), html(&page, "data-zone"))
    };
    let (at, said, zone) = times().await;
    assert!(said.ends_with(" UTC") && zone.is_none(), "{said} {zone:?}");

    let mut form = anna.page("/settings/general").await.form("main form");
    form.fields.push(("zone".to_owned(), String::new()));
    for (chosen, kept) in [
        ("Asia/Kathmandu", json!("Asia/Kathmandu")),
        ("Mars/Olympus", json!("Asia/Kathmandu")),
        ("\"><script>", json!("Asia/Kathmandu")),
        ("auto", Value::Null),
        ("Asia/Kathmandu", json!("Asia/Kathmandu")),
    ] {
        anna.submit(&form.clone().with("zone", chosen)).await;
        assert_eq!(settings(&anna).await["time_zone"], kept, "{chosen}");
    }
    let selected = async || {
        let page = anna.page("/settings/general").await;
        page.attribute("select[name=zone] option[selected]", "value")
    };
    assert_eq!(selected().await.as_deref(), Some("Asia/Kathmandu"));

    // Five hours and three quarters ahead: few other clocks show these minutes.
    let (same, said, zone) = times().await;
    assert_eq!(
        (same, zone.as_deref()),
        (at.clone(), Some("Asia/Kathmandu"))
    );
    let minute: u32 = at[14..16].parse().unwrap();
    let there = format!(":{:02} ", (minute + 45) % 60);
    assert!(
        said.contains(&there) && !said.contains("UTC"),
        "{at}: {said}"
    );

    // One that nobody has heard of, from a newer version perhaps, hides nothing.
    let odd = patch(&anna, &json!({ "time_zone": "Mars/Olympus" })).await;
    assert_eq!(odd.status(), 200);
    assert!(times().await.1.ends_with(" UTC"));
    assert_eq!(selected().await.as_deref(), Some("Mars/Olympus"));
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
