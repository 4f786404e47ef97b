//! What is shown once, on its way to the page that shows it: a copy of the cookie is worth nothing to others.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    accounts::{self, account, register, sign_in},
    harness::{
        Engine, Server,
        browser::{PASSWORD, email},
        on_both,
        page::Page,
    },
};

const FACTOR: &str = "/profile/factor";

/// The cookie that an answer sets for the next page, as `name=value`.
fn cookie(page: &Page) -> String {
    let cookies = page.cookies();
    let once = cookies.iter().find(|one| one.starts_with("parlance-once="));
    let once = once.expect("something is shown on the next page");
    assert!(
        once.contains("HttpOnly") && once.contains("Max-Age=60"),
        "{once}"
    );
    once.split(';').next().unwrap().to_owned()
}

/// The page as it is for who has this session and that copy of the cookie.
async fn seen(server: &Server, session: &str, copy: &str) -> String {
    let cookies = format!("{session}; {copy}");
    let request = server.visitor().get(FACTOR).header("Cookie", cookies);
    request.send().await.unwrap().text().await.unwrap()
}

fn secret(page: &Page) -> String {
    page.texts(".profile-secret").concat().replace(' ', "")
}

on_both! {
    async fn what_is_shown_once_is_sealed_for_the_session_that_made_it(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        let (session, _) = accounts::cookie(&register(&ann, &account("ann")).await);
        let form = ann.page(FACTOR).await.form("main form").with("current_password", PASSWORD);
        let begun = ann.submit(&form).await;
        let copy = cookie(&begun);
        // Another process opens it, also after a restart.
        server.kill();
        server.restart();
        let ann = ann.at(&server.base);
        let shown = ann.page(begun.location()).await;
        let secret = secret(&shown);
        assert_eq!(secret.len(), 32, "{secret}");
        assert!(shown.cookies().iter().any(|one| one.starts_with("parlance-once=;") && one.contains("Max-Age=0")));

        let value = copy.split_once('=').unwrap().1;
        let bytes = URL_SAFE_NO_PAD.decode(value).unwrap();
        for text in [secret.as_str(), "otpauth", "secret"] {
            let is_there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_there && !value.contains(text), "the cookie holds {text}");
        }
        // Another session of the same person, another person, nobody.
        let visitor = server.visitor();
        let (elsewhere, _) = accounts::cookie(&sign_in(&visitor, &email("ann"), PASSWORD).await);
        let (bob, _) = accounts::cookie(&register(&visitor, &account("bob")).await);
        for other in [elsewhere.as_str(), &bob, "parlance="] {
            let page = seen(&server, other, &copy).await;
            assert!(!page.contains("class=\"profile-secret\""), "{page}");
        }
        assert!(seen(&server, &session, &copy).await.contains("class=\"profile-secret\""), "it is that session's");
        // What was changed on its way is nothing.
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        for rubbish in [URL_SAFE_NO_PAD.encode(changed), "e30".to_owned(), "%%%".to_owned(), String::new()] {
            let page = seen(&server, &session, &format!("parlance-once={rubbish}")).await;
            assert!(!page.contains("class=\"profile-secret\""), "{rubbish}");
        }
    }

    async fn codes_are_shown_to_the_session_that_takes_the_old_ones_place(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let form = ann.page(FACTOR).await.form("main form").with("current_password", PASSWORD);
        let scan = ann.go(&form).await;
        let secret = secret(&scan);
        let wrong = ann.go(&scan.form("main form").with("code", "000000")).await;
        assert_eq!(self::secret(&wrong), secret, "a slip costs nothing");
        let code = crate::harness::totp::code(&secret);
        let on = ann.submit(&wrong.form("main form").with("code", &code)).await;
        let copy = cookie(&on);
        let codes = ann.page(on.location()).await.texts(".profile-codes code");
        assert_eq!(codes.len(), 10);
        let bytes = URL_SAFE_NO_PAD.decode(copy.split_once('=').unwrap().1).unwrap();
        for code in &codes {
            assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()));
        }
        assert_eq!(ann.page(FACTOR).await.count(".profile-codes"), 0, "once");
    }

    async fn a_key_that_was_just_made_is_shown_once_and_sealed(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let form = ann.page("/profile/keys").await.form("main form");
        let form = form.with("name", "a program").with("current_password", PASSWORD);
        let made = ann.submit(&form).await;
        let copy = cookie(&made);
        let key = secret(&ann.page(made.location()).await);
        assert!(key.starts_with("plk_"), "{key}");
        let bytes = URL_SAFE_NO_PAD.decode(copy.split_once('=').unwrap().1).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"plk_"));
        assert_eq!(ann.page("/profile/keys").await.count(".profile-secret"), 0, "once");
    }
}
