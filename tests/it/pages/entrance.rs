//! Coming in and going out through the forms.

use crate::harness::{Browser, Engine, Form, Page, Server, browser::PASSWORD, browser::email};

async fn register_form(browser: &Browser, path: &str, name: &str) -> Form {
    let form = browser.page(path).await.form("main form");
    form.with("username", name)
        .with("email", &email(name))
        .with("password", PASSWORD)
        .with("password_confirmation", PASSWORD)
}

async fn login_form(browser: &Browser, path: &str, name: &str, password: &str) -> Form {
    let form = browser.page(path).await.form("main form");
    form.with("email", &email(name)).with("password", password)
}

fn session_cookie(page: &Page) -> Option<&str> {
    page.cookies()
        .into_iter()
        .find(|cookie| cookie.starts_with("parlance="))
}

/// The sentence beside a field, where the field points to it.
fn beside(page: &Page, field: &str) -> String {
    let input = format!("input[name={field}]");
    let ids = page
        .attribute(&input, "aria-describedby")
        .unwrap_or_default();
    let marked = page.attribute(&input, "aria-invalid").as_deref() == Some("true");
    let sentences = ids.split_whitespace().filter(|id| id.ends_with("-error"));
    let sentences: String = sentences.map(|id| page.text(&format!("#{id}"))).collect();
    assert_eq!(marked, !sentences.is_empty(), "{field}");
    sentences
}

#[tokio::test]
async fn the_register_form_opens_an_account_and_leads_inside() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.visitor();
    let form = register_form(&ann, "/register", "张三").await;
    let answer = ann.submit(&form).await;
    assert_eq!(answer.location(), "/chat");
    let cookie = session_cookie(&answer).expect("signed in");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} of {cookie}");
    }
    let page = ann.page("/chat").await;
    assert_eq!(
        (page.status, page.text(".sidebar-person").as_str()),
        (200, "张三")
    );
}

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_and_comes_back() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let id = server.member("ann").await.conversation().await;
    let visitor = server.visitor();
    assert_eq!(
        visitor.page("/chat").await.location(),
        "/login?next=%2Fchat"
    );
    let wanted = format!("/chat/{id}?m=2");
    let sent = visitor.page(&wanted).await.location().to_owned();
    assert!(sent.starts_with("/login?next=%2Fchat%2F"), "{sent}");
    let form = login_form(&visitor, &sent, "ann", PASSWORD).await;
    assert_eq!(form.value("next"), Some(wanted.as_str()));
    // A slip of the finger does not lose the way.
    let slipped = visitor
        .go(&form.clone().with("password", "wrong-password-1"))
        .await;
    assert_eq!(
        slipped.form("main form").value("next"),
        Some(wanted.as_str())
    );
    assert_eq!(visitor.submit(&form).await.location(), wanted);
    assert_eq!(visitor.page(&wanted).await.status, 200);
}

#[tokio::test]
async fn a_refused_registration_comes_back_with_what_was_typed() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let form = visitor.page("/register").await.form("main form");
    let typed = form
        .with("username", "a & \"b\"")
        .with("email", "nope <>")
        .with("password", "secret-1")
        .with("password_confirmation", "secret-2");
    let page = visitor.go(&typed).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/register"));
    let form = page.form("main form");
    assert_eq!(form.value("username"), Some("a & \"b\""));
    assert_eq!(form.value("email"), Some("nope <>"));
    assert_eq!(
        (form.value("password"), form.value("password_confirmation")),
        (Some(""), Some(""))
    );
    assert!(!page.source.contains("secret-1"));
    assert_eq!(beside(&page, "username"), "");
    assert_eq!(
        beside(&page, "email"),
        "This does not look like an e-mail address."
    );
    assert_eq!(beside(&page, "password"), "");
    assert!(!beside(&page, "password_confirmation").is_empty());
    assert_eq!(
        page.text("[role=alert] .notice-text"),
        "A few things need another look."
    );
    // Shown once.
    let again = visitor.page("/register").await;
    assert_eq!(again.form("main form").value("username"), Some(""));
    assert_eq!(again.count("[aria-invalid=true]"), 0);
}

#[tokio::test]
async fn every_empty_field_of_a_form_has_its_sentence() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let page = visitor
        .go(&visitor.page("/register").await.form("main form"))
        .await;
    for field in ["username", "email", "password"] {
        assert!(!beside(&page, field).is_empty(), "{field}");
    }
    let page = visitor
        .go(&visitor.page("/login").await.form("main form"))
        .await;
    for field in ["email", "password"] {
        assert!(!beside(&page, field).is_empty(), "{field}");
    }
}

#[tokio::test]
async fn a_taken_name_is_told_beside_the_name() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let visitor = server.visitor();
    let form = register_form(&visitor, "/register", "ANN")
        .await
        .with("email", "other@example.com");
    let page = visitor.go(&form).await;
    assert!(!beside(&page, "username").is_empty());
    assert_eq!(beside(&page, "email"), "");
    let form = register_form(&visitor, "/register", "other")
        .await
        .with("email", &email("ann"));
    assert!(!beside(&visitor.go(&form).await, "email").is_empty());
}

#[tokio::test]
async fn a_refused_sign_in_tells_nothing_about_who_has_an_account() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let visitor = server.visitor();
    let mut sentences = Vec::new();
    for (name, password) in [("ann", "wrong-password-1"), ("nobody", PASSWORD)] {
        let answer = visitor
            .submit(&login_form(&visitor, "/login", name, password).await)
            .await;
        assert_eq!(answer.location(), "/login");
        assert!(session_cookie(&answer).is_none());
        let page = visitor.page("/login").await;
        assert_eq!(
            page.form("main form").value("email"),
            Some(email(name).as_str())
        );
        assert_eq!(page.form("main form").value("password"), Some(""));
        sentences.push(page.text("[role=alert] .notice-text"));
    }
    assert_eq!(
        sentences[0],
        "E-mail and password do not fit together. Check both and try again."
    );
    assert_eq!(sentences[0], sentences[1]);
}

#[tokio::test]
async fn closed_registration_is_told_on_the_page() {
    let settings = [("PARLANCE_REGISTRATION", "closed")];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    let visitor = server.visitor();
    let page = visitor
        .go(&register_form(&visitor, "/register", "ann").await)
        .await;
    let told = page.text("[role=alert] .notice-text");
    assert_eq!(
        told,
        "This server takes no new accounts. Ask whoever runs it."
    );
}

#[tokio::test]
async fn the_way_onward_never_leaves_this_site() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "evil",
        "\\/evil.example",
    ] {
        let visitor = server.visitor();
        let query = next.replace('\\', "%5C").replace(':', "%3A");
        let form = login_form(&visitor, &format!("/login?next={query}"), "ann", PASSWORD).await;
        assert_eq!(form.value("next"), None, "{next}");
        // Forged past the page.
        let mut forged = form.clone();
        forged
            .fields
            .push(("next".to_owned(), next.replace("%09", "\t")));
        assert_eq!(visitor.submit(&forged).await.location(), "/chat", "{next}");
        assert_eq!(visitor.submit(&form).await.location(), "/chat", "{next}");
    }
}

#[tokio::test]
async fn the_sign_out_form_ends_the_session_on_the_server() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.visitor();
    let entered = ann
        .submit(&register_form(&ann, "/register", "ann").await)
        .await;
    let cookie = session_cookie(&entered)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let left = ann
        .submit(&ann.page("/chat").await.form("form.sign-out"))
        .await;
    assert_eq!(left.location(), "/");
    assert!(session_cookie(&left).is_some_and(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(ann.page("/chat").await.location(), "/login?next=%2Fchat");
    let replay = server
        .visitor()
        .get("/api/session")
        .header("Cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(replay.status(), 401);
}
