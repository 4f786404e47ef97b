//! 3, 6 and 8: another address of one's own, where addresses must be confirmed.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    NEW, REQUIRED,
    enumeration::{of, told, verify},
};
use crate::{
    accounts::{
        account,
        changes::me,
        links::{ask, newcomer, reset, tokens},
        post, register, sign_in,
    },
    audit::count,
    factors,
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        fields,
        intruder::{execute, number},
        on_both, problem, refused,
        smtp::Sink,
        totp,
    },
};

const FREE: &str = "free@example.com";

async fn change(browser: &Browser, address: &str) -> reqwest::Response {
    let body = json!({ "email": address, "current_password": PASSWORD });
    post(browser, "/api/user/me/email", &body).await
}

/// The address that waits.
async fn waiting(browser: &Browser) -> Value {
    let answer = browser
        .get("/api/account/email-change")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    body["waiting"]["email"].clone()
}

async fn start(engine: Engine, sink: &Sink) -> Server {
    let settings = sink.settings();
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    Server::start_with(engine, "echo", &settings).await
}

fn token(link: &str) -> String {
    link.split_once("token=").expect("a token").1.to_owned()
}

/// Somebody with an account whose letter was answered.
async fn member(server: &Server, sink: &Sink, name: &str) -> Browser {
    let browser = server.visitor();
    assert_eq!(register(&browser, &account(name)).await.status(), 202);
    let link = sink.letter(&email(name), "Confirm").await.link();
    assert_eq!(verify(server, &token(&link)).await.status(), 204);
    assert_eq!(
        sign_in(&browser, &email(name), PASSWORD).await.status(),
        200
    );
    browser
}

on_both! {
    async fn row_3_wanting_an_address_says_the_same_whoever_has_it(engine: Engine) {
        let sink = Sink::start().await;
        let server = start(engine, &sink).await;
        let (ann, bob) = (member(&server, &sink, "ann").await, member(&server, &sink, "bob").await);
        let cleo = member(&server, &sink, "cleo").await;
        let free = told(change(&ann, FREE).await).await;
        let taken = told(change(&bob, &email("CLEO")).await).await;
        assert_eq!(free.0, 202);
        assert_eq!(free, taken);
        sink.letter(FREE, "Confirm").await;
        let letter = sink.letter(&email("cleo"), "has an account already").await;
        assert!(letter.text.contains(&format!("{}/login", server.base)), "{}", letter.text);
        assert!(!letter.text.contains("token="), "{}", letter.text);

        // Nor is it told by what can be seen and done afterwards.
        assert_eq!((waiting(&ann).await, waiting(&bob).await), (json!(FREE), json!(email("CLEO"))));
        assert_eq!(waiting(&cleo).await, Value::Null);
        let mut pages = Vec::new();
        for (person, name, address) in [(&ann, "ann", FREE), (&bob, "bob", &email("CLEO"))] {
            assert_eq!(me(person).await["email"], email(name));
            assert_eq!(refused(sign_in(person, address, "another-horse-9").await, 401).await, "invalid_credentials");
            let again = post(person, "/api/account/email-change/letter", &json!({})).await;
            assert_eq!(again.status(), 204);
            let page = person.page("/profile").await;
            pages.push(page.text(".profile-unverified .notice-text").replace(address, "ADDRESS"));
        }
        assert_eq!(pages[0], pages[1]);
        assert!(pages[0].starts_with("Waiting for confirmation: ADDRESS"), "{}", pages[0]);
        // The form answers alike too, with scripts and without.
        for is_form in [false, true] {
            let mut answers = Vec::new();
            for (person, address) in [(&ann, "other@example.com"), (&bob, "cleo@EXAMPLE.com")] {
                let form = person.page("/profile").await.form("form[action$=save_email]");
                let form = form.with("email", address).with("current_password", PASSWORD);
                if is_form {
                    let answer = person.submit(&form).await;
                    answers.push((answer.location().to_owned(), answer.cookies().len()));
                } else {
                    let answer = told(person.post(&form.action).form(&form.fields).send().await.unwrap()).await;
                    answers.push((format!("{answer:?}"), 0));
                }
            }
            assert_eq!(answers[0], answers[1]);
            assert!(answers[0].0.contains("/profile?done=letter"), "{answers:?}");
        }
    }

    async fn row_8_an_account_moves_when_its_letter_is_answered(engine: Engine) {
        let sink = Sink::start().await;
        let server = start(engine, &sink).await;
        let ann = member(&server, &sink, "ann").await;
        let (secret, _) = factors::enrol(&ann).await;
        ask(&server.visitor(), &email("ann")).await;
        let old = token(&sink.letter(&email("ann"), "password").await.link());
        assert_eq!(change(&ann, "New@example.com").await.status(), 202);
        let link = sink.letter("New@example.com", "Confirm").await.link();
        let page = server.visitor().page(&link[server.base.len()..]).await;
        assert!(page.source.contains("Confirm the address") && !page.source.contains("type=\"password\""), "{}", page.source);
        let before = me(&ann).await;
        assert_eq!((&before["email"], &before["email_verified"]), (&json!(email("ann")), &json!(true)));
        let told = |sink: &Sink| sink.letters().iter().filter(|one| one.subject.contains("e-mail address of your account")).count();
        let letters = told(&sink);

        // Whoever reads the mail need not be signed in.
        assert_eq!(verify(&server, &token(&link)).await.status(), 204);
        assert_eq!(refused(verify(&server, &token(&link)).await, 400).await, "token_invalid", "once");
        sink.letter(&email("ann"), "e-mail address of your account was changed").await;
        assert_eq!(told(&sink), letters + 1);
        let after = me(&ann).await;
        assert_eq!((&after["email"], &after["email_verified"]), (&json!("New@example.com"), &json!(true)));
        assert_eq!(waiting(&ann).await, Value::Null);
        assert_eq!(refused(reset(&server.visitor(), &old, NEW).await, 400).await, "token_invalid");
        let visitor = server.visitor();
        assert_eq!(refused(sign_in(&visitor, &email("ann"), PASSWORD).await, 401).await, "invalid_credentials");
        let step = problem(sign_in(&visitor, "new@example.com", PASSWORD).await, 401).await;
        assert_eq!(step["code"], "factor_required");

        // The address is proven, so a reset is no way around the factor that is older than it.
        ask(&visitor, "new@example.com").await;
        let link = sink.letter("New@example.com", "password").await.link();
        assert_eq!(reset(&visitor, &token(&link), NEW).await.status(), 204);
        let step = problem(sign_in(&visitor, "new@example.com", NEW).await, 401).await;
        assert_eq!(step["code"], "factor_required");
        let body = json!({ "challenge": step["challenge"], "code": totp::next_code(&secret) });
        assert_eq!(post(&visitor, "/api/auth/factor", &body).await.status(), 200);
        assert_eq!((count(&server, "email_change_asked").await, count(&server, "email_changed").await), (1, 1));
    }

    async fn row_8_an_address_that_is_only_wanted_is_kept_from_nobody(engine: Engine) {
        let server = Server::start_with(engine, "echo", &REQUIRED).await;
        let ann = newcomer(&server, "ann").await;
        let (_, secret) = crate::accounts::keys::make(&ann, "k").await;
        assert_eq!(change(&ann, FREE).await.status(), 202);
        let letter = tokens(&server, "verify", 2).await.pop().unwrap();
        let owner = server.visitor();
        assert_eq!(register(&owner, &of("owner", FREE)).await.status(), 202);
        let own = tokens(&server, "verify", 3).await.pop().unwrap();
        assert_eq!(verify(&server, &own).await.status(), 204);
        assert_eq!(sign_in(&owner, FREE, PASSWORD).await.status(), 200);
        assert_eq!(factors::state(&owner).await, (false, 0));

        // Too late, and nothing is half done.
        for _ in 0..2 {
            let late = problem(verify(&server, &letter).await, 409).await;
            assert_eq!(fields(&late), ["email taken"], "the link stays good");
        }
        let page = server.visitor().page(&format!("/verify?token={letter}")).await;
        let answer = server.visitor().go(&page.form("main form")).await;
        assert!(answer.source.contains("Another account has got this address"), "{}", answer.source);
        let before = me(&ann).await;
        assert_eq!((&before["email"], &before["email_verified"]), (&json!(email("ann")), &json!(true)));
        assert_eq!(waiting(&ann).await, json!(FREE));
        assert_eq!(crate::accounts::keys::with(&server, "X-API-Key", &secret, Method::GET, "/api/session").await.status(), 200);
        assert_eq!(count(&server, "email_changed").await, 0);
    }

    async fn row_6_whoever_changes_their_mind_or_their_password_stays_where_they_are(engine: Engine) {
        let server = Server::start_with(engine, "echo", &REQUIRED).await;
        let ann = newcomer(&server, "ann").await;
        for (number, address) in ["one@example.com", "two@example.com"].into_iter().enumerate() {
            assert_eq!(change(&ann, address).await.status(), 202);
            assert_eq!(tokens(&server, "verify", number + 2).await.len(), number + 2);
        }
        let sent = tokens(&server, "verify", 3).await;
        assert_eq!(refused(verify(&server, &sent[1]).await, 400).await, "token_invalid", "wanted no more");
        let cancel = async || {
            let request = ann.request(Method::DELETE, "/api/account/email-change");
            request.send().await.unwrap().status()
        };
        assert_eq!((cancel().await, cancel().await), (204.try_into().unwrap(), 204.try_into().unwrap()));
        assert_eq!(waiting(&ann).await, Value::Null);
        assert_eq!(refused(verify(&server, &sent[2]).await, 400).await, "token_invalid");
        let again = post(&ann, "/api/account/email-change/letter", &json!({})).await;
        assert_eq!(refused(again, 404).await, "not_found");

        // Whoever stole the password and asked for another address does not get the account once the password is new.
        assert_eq!(change(&ann, "thief@example.com").await.status(), 202);
        let thief = tokens(&server, "verify", 4).await.pop().unwrap();
        let body = json!({ "current_password": PASSWORD, "password": NEW });
        assert_eq!(post(&ann, "/api/user/me/password", &body).await.status(), 200);
        assert_eq!(refused(verify(&server, &thief).await, 400).await, "token_invalid");
        assert_eq!(me(&ann).await["email"], email("ann"));

        // Scripts or not: the page has both ways.
        let body = json!({ "email": FREE, "current_password": NEW });
        assert_eq!(post(&ann, "/api/user/me/email", &body).await.status(), 202);
        let page = ann.page("/profile").await;
        let more = ann.go(&page.press(".profile-unverified button:not([formaction])")).await;
        assert!(more.source.contains("The letter is on its way."), "{}", more.source);
        assert_eq!(tokens(&server, "verify", 6).await.len(), 6);
        let kept = ann.go(&page.press(".profile-unverified button[formaction]")).await;
        assert!(kept.source.contains("Your e-mail address stays as it is."), "{}", kept.source);
        assert_eq!(kept.count(".profile-unverified"), 0);
    }

    async fn row_8_an_account_is_sent_a_few_letters_to_other_addresses(engine: Engine) {
        let server = Server::start_with(engine, "echo", &REQUIRED).await;
        let ann = newcomer(&server, "ann").await;
        for number in 0..5 {
            assert_eq!(change(&ann, &format!("other{number}@example.com")).await.status(), 202);
            assert_eq!(tokens(&server, "verify", number + 2).await.len(), number + 2);
        }
        let more = change(&ann, "other5@example.com").await;
        assert_eq!(refused(more, 429).await, "rate_limited", "which nobody would be waited for at");
        assert_eq!(waiting(&ann).await, json!("other4@example.com"));
        let again = post(&ann, "/api/account/email-change/letter", &json!({})).await;
        assert_eq!(again.status(), 204, "and nobody is told");
        assert_eq!(tokens(&server, "verify", 6).await.len(), 6);
        let kept = number(&server, "select count(*) from account_links where purpose = 'change'").await;
        assert_eq!(kept, 5);
        let last = tokens(&server, "verify", 6).await.pop().unwrap();
        assert_eq!(verify(&server, &last).await.status(), 204);
        assert_eq!(me(&ann).await["email"], "other4@example.com");
        assert_eq!(change(&ann, "other4@example.com").await.status(), 200, "there already");
    }
}

#[tokio::test]
async fn row_3_wanting_an_address_takes_the_same_time_whoever_has_it() {
    let mut settings = REQUIRED.to_vec();
    settings.extend(
        [
            "PARLANCE_TRIES_ACCOUNT",
            "PARLANCE_TRIES_ADDRESS",
            "PARLANCE_TRIES_SUBNET",
        ]
        .map(|key| (key, "1000000")),
    );
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    let ann = newcomer(&server, "ann").await;
    newcomer(&server, "bob").await;
    let took = async |address: String| {
        // Each is the first letter.
        execute(&server, "delete from account_links").await.unwrap();
        let begun = Instant::now();
        assert_eq!(change(&ann, &address).await.status(), 202);
        begun.elapsed()
    };
    // One quiet round is enough, as in registering.
    let mut last = (Duration::ZERO, Duration::ZERO);
    for round in 0..3 {
        let (mut free, mut taken) = (Vec::new(), Vec::new());
        for number in 0..30 {
            let other = format!("free{round}x{number}@example.com");
            if number % 2 == 0 {
                free.push(took(other).await);
                taken.push(took(email("bob")).await);
            } else {
                taken.push(took(email("bob")).await);
                free.push(took(other).await);
            }
        }
        free.sort_unstable();
        taken.sort_unstable();
        last = (free[15], taken[15]);
        if last.0.abs_diff(last.1) < last.0.mul_f64(0.1) {
            return;
        }
    }
    panic!("the answers tell by their time who has an account: {last:?}");
}
