//! 3 and 8: where addresses must be confirmed, nobody is told whether one has an account.

use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};

use super::{DEFAULTS, HERE, REQUIRED, THERE};
use crate::{
    accounts::{
        account, cookie,
        links::{newcomer, tokens},
        post, register, session_status, sign_in,
    },
    harness::{
        Engine, Server,
        browser::{PASSWORD, email},
        fields, header,
        intruder::execute,
        on_both, problem, refused,
        smtp::Sink,
    },
};

pub(super) async fn verify(server: &Server, token: &str) -> Response {
    verify_with(server, token, PASSWORD).await
}

async fn verify_with(server: &Server, token: &str, password: &str) -> Response {
    let body = json!({ "token": token, "password": password });
    post(&server.visitor(), "/api/auth/verify", &body).await
}

pub(super) fn of(name: &str, email: &str) -> Value {
    json!({ "username": name, "email": email, "password": PASSWORD })
}

/// All of an answer that somebody could tell two by.
pub(super) async fn told(answer: Response) -> (u16, Vec<String>, String) {
    let status = answer.status().as_u16();
    let mut headers: Vec<_> = answer
        .headers()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id" | "traceparent"))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    (status, headers, answer.text().await.unwrap())
}

on_both! {
    async fn row_3_an_account_is_made_by_whoever_reads_its_mail(engine: Engine) {
        let server = Server::start_with(engine, "echo", &REQUIRED).await;
        let ann = server.visitor();
        let answer = register(&ann, &account("ann")).await;
        assert!(header(&answer, "set-cookie").is_empty(), "nobody is signed in by it");
        assert_eq!(answer.status(), 202);
        let body: Value = answer.json().await.unwrap();
        assert_eq!((&body["success"], body["message"].is_string()), (&json!(true), true));
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        assert_eq!(refused(sign_in(&ann, &email("ann"), PASSWORD).await, 401).await, "invalid_credentials");

        let token = tokens(&server, "verify", 1).await.remove(0);
        let done = verify(&server, &token).await;
        assert!(header(&done, "set-cookie").is_empty(), "a letter signs nobody in");
        assert_eq!(done.status(), 204);
        assert_eq!(refused(verify(&server, &token).await, 400).await, "token_invalid", "once");
        let entered = sign_in(&ann, &email("ann"), PASSWORD).await;
        assert_eq!(entered.status(), 200);
        let (pair, _) = cookie(&entered);
        assert_eq!(session_status(&server, &pair).await, 200);
        let body: Value = entered.json().await.unwrap();
        assert_eq!((&body["user"]["username"], &body["user"]["email_verified"]), (&json!("ann"), &json!(true)));
    }

    async fn row_3_a_letter_that_a_stranger_asked_for_does_not_let_the_stranger_in(engine: Engine) {
        let sink = Sink::start().await;
        let settings = sink.settings();
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let server = Server::start_with(engine, "echo", &settings).await;
        let (stranger, address) = (server.visitor(), email("ann"));
        // As many as the address is sent: the letter that its owner asks for herself does not come any more.
        for number in 0..5 {
            assert_eq!(register(&stranger, &of(&format!("ann{number}"), &address)).await.status(), 202);
        }
        const OWN: &str = "battery-staple-7";
        let ann = server.visitor();
        let own = json!({ "username": "ann", "email": address, "password": OWN });
        assert_eq!(register(&ann, &own).await.status(), 202);
        let letter = sink.letter(&address, "Confirm").await;
        let (link, name) = (letter.link(), letter.text.split('"').nth(1).expect("the name").to_owned());
        assert!(name.starts_with("ann") && name != "ann", "{}", letter.text);
        let token = link.split_once("token=").unwrap().1;

        // The page says whose account it is, and asks for a password; none that is no good, and not none at all.
        let page = ann.page(&format!("/verify?token={token}")).await;
        assert_eq!(page.status, 200);
        assert!(page.source.contains(&format!("You are setting up the account {name} for {address}.")), "{}", page.source);
        assert!(page.source.contains("type=\"password\""), "{}", page.source);
        let body = json!({ "token": token });
        let missing = problem(post(&ann, "/api/auth/verify", &body).await, 422).await;
        assert_eq!(fields(&missing), ["password required"]);
        for (password, wrong) in [("short1", "too_short"), ("password1", "too_common"), (address.as_str(), "too_common")] {
            let refusal = problem(verify_with(&server, token, password).await, 422).await;
            assert_eq!(fields(&refusal), [format!("password {wrong}")], "and the letter is good still");
        }
        assert_eq!(verify_with(&server, token, OWN).await.status(), 204);
        assert_eq!(refused(sign_in(&stranger, &address, PASSWORD).await, 401).await, "invalid_credentials");
        assert_eq!(sign_in(&ann, &address, OWN).await.status(), 200);
        let page = server.visitor().page(&format!("/verify?token={token}")).await;
        let says = page.source.contains("type=\"password\"") || page.source.contains(&address);
        assert!(!says, "a letter that was answered says nothing more: {}", page.source);
    }

    async fn row_3_registering_says_the_same_for_every_address(engine: Engine) {
        let sink = Sink::start().await;
        let settings = sink.settings();
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let server = Server::start_with(engine, "echo", &settings).await;
        let ann = server.visitor();
        assert_eq!(register(&ann, &account("ann")).await.status(), 202);
        let link = sink.letter(&email("ann"), "Confirm").await.link();
        assert_eq!(verify(&server, link.split_once("token=").unwrap().1).await.status(), 204);

        let visitor = server.visitor();
        let free = told(register(&visitor, &of("first", "free@example.com")).await).await;
        let taken = told(register(&visitor, &of("second", &email("ANN"))).await).await;
        assert_eq!(free.0, 202);
        assert_eq!(free, taken);
        let letter = sink.letter(&email("ann"), "You have an account already").await;
        for page in ["/login", "/forgot"] {
            let link = format!("{}{page}", server.base);
            assert!(letter.text.lines().any(|line| line.trim_end() == link), "{}", letter.text);
        }
        assert!(!letter.text.contains("token="), "{}", letter.text);
        sink.letter("free@example.com", "Confirm").await;

        // Nor is it told by what can be done afterwards: signing in, and taking the same name.
        for (name, address) in [("first", "free@example.com"), ("second", &email("ann"))] {
            let refusal = sign_in(&visitor, address, "another-horse-9").await;
            assert_eq!(refused(refusal, 401).await, "invalid_credentials");
            if name == "first" {
                assert_eq!(refused(sign_in(&visitor, address, PASSWORD).await, 401).await, "invalid_credentials");
            }
            let other = format!("other-{name}@example.com");
            assert_eq!(register(&visitor, &of(name, &other)).await.status(), 202, "{name}");
        }
        // Forms and programs of other makers ask for the same.
        for door in ["/api/user/register", "/api/v1/auth/register", "/rpc/parlance_ui/rpc/accounts/register"] {
            let mut answers = Vec::new();
            for (name, address) in [("third", "third@example.com".to_owned()), ("fourth", email("ann"))] {
                let mut body = of(name, &address);
                let request = visitor.post(door);
                let answer = if door.starts_with("/rpc") {
                    body["password_confirmation"] = PASSWORD.into();
                    request.form(&body).send().await.unwrap()
                } else {
                    request.json(&body).send().await.unwrap()
                };
                answers.push(told(answer).await);
            }
            assert_eq!(answers[0], answers[1], "{door}");
            assert!(matches!(answers[0].0, 200 | 202), "{door}: {}", answers[0].2);
        }
    }

    async fn row_3_a_name_is_told_and_the_first_who_answers_has_it(engine: Engine) {
        let server = Server::start_with(engine, "echo", &REQUIRED).await;
        newcomer(&server, "Zoë").await;
        let visitor = server.visitor();
        let taken = problem(register(&visitor, &of("zOË", "other@example.com")).await, 409).await;
        assert_eq!(fields(&taken), ["username taken"]);
        for address in ["one@example.com", "two@example.com"] {
            assert_eq!(register(&visitor, &of("rush", address)).await.status(), 202);
        }
        let both = tokens(&server, "verify", 3).await;
        assert_eq!(verify(&server, &both[1]).await.status(), 204);
        let late = problem(verify(&server, &both[2]).await, 409).await;
        assert_eq!(fields(&late), ["username taken"]);
        // With another name all is well, and whatever else waited for the address is void.
        assert_eq!(register(&visitor, &of("rushed", "two@example.com")).await.status(), 202);
        let third = tokens(&server, "verify", 4).await.pop().unwrap();
        assert_eq!(verify(&server, &third).await.status(), 204);
        assert_eq!(refused(verify(&server, &both[2]).await, 400).await, "token_invalid");
    }

    async fn row_8_an_address_is_sent_a_few_letters_whoever_has_it(engine: Engine) {
        let sink = Sink::start().await;
        let settings = sink.settings();
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let mut server = Server::start_with(engine, "echo", &settings).await;
        assert_eq!(register(&server.visitor(), &account("ann")).await.status(), 202);
        let link = sink.letter(&email("ann"), "Confirm").await.link();
        assert_eq!(verify(&server, link.split_once("token=").unwrap().1).await.status(), 204);
        for round in 0..2 {
            for number in 0..4 {
                for address in [email("ann"), "free@example.com".to_owned()] {
                    let body = of(&format!("name{round}x{number}"), &address);
                    assert_eq!(register(&server.visitor(), &body).await.status(), 202, "and nobody is told");
                }
            }
            server.terminate().await;
            server.restart();
        }
        let sent = |to: &str, word: &str| {
            let letters = sink.letters();
            letters.iter().filter(|one| one.to == [to] && one.subject.contains(word)).count()
        };
        assert_eq!(sent(&email("ann"), "already"), 5);
        assert_eq!(sent("free@example.com", "Confirm"), 5);
    }
}

#[tokio::test]
async fn row_3_registering_takes_the_same_time_for_every_address() {
    let server = Server::start_with(Engine::Sqlite, "echo", &REQUIRED).await;
    newcomer(&server, "ann").await;
    let visitor = server.visitor();
    let took = async |name: String, address: String| {
        let begun = Instant::now();
        let answer = register(&visitor, &of(&name, &address)).await;
        assert_eq!(answer.status(), 202);
        begun.elapsed()
    };
    // As in signing in, one quiet round is enough. There is no hash in it: what is left is a few milliseconds.
    let mut last = (Duration::ZERO, Duration::ZERO);
    for round in 0..3 {
        let (mut free, mut taken) = (Vec::new(), Vec::new());
        for number in 0..30 {
            let name = format!("name{round}x{number}");
            let address = email(&name);
            // An address that has had its letters costs less, whoever has it: each try is the first one.
            execute(&server, "delete from registrations").await.unwrap();
            if number % 2 == 0 {
                free.push(took(name.clone(), address).await);
                taken.push(took(name, email("ann")).await);
            } else {
                taken.push(took(name.clone(), email("ann")).await);
                free.push(took(name, address).await);
            }
        }
        free.sort_unstable();
        taken.sort_unstable();
        last = (free[15], taken[15]);
        if last.0.abs_diff(last.1) < Duration::from_millis(1).max(last.0.mul_f64(0.15)) {
            return;
        }
    }
    panic!("the answers tell by their time who has an account: {last:?}");
}

#[tokio::test]
async fn row_2_registering_waits_before_it_costs_a_hash() {
    for verification in ["off", "required"] {
        let mut settings = DEFAULTS.to_vec();
        settings.push(("PARLANCE_EMAIL_VERIFICATION", verification));
        let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
        let visitor = server.visitor();
        if verification == "off" {
            server.member("ann").await;
        }
        let from = async |from: &str, name: &str| {
            let body = of(name, &email("ann"));
            let request = visitor
                .post("/api/auth/register")
                .header("X-Forwarded-For", from);
            request.json(&body).send().await.unwrap()
        };
        for number in 0..5 {
            let answer = from(HERE, &format!("name{number}")).await;
            assert!(
                matches!(answer.status().as_u16(), 202 | 409),
                "{}",
                answer.status()
            );
        }
        // The quickest of some: whatever else the machine does may hold one of them up.
        let mut took = Duration::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            let waits = from(HERE, "name5").await;
            took = took.min(begun.elapsed());
            assert!((1..=30).contains(&header(&waits, "retry-after").parse::<u64>().unwrap()));
            assert_eq!(refused(waits, 429).await, "rate_limited", "{verification}");
        }
        let begun = Instant::now();
        assert!(
            from(THERE, "name6").await.status() != 429,
            "elsewhere nobody waits for it"
        );
        // Where addresses must be confirmed, the hash comes with the answer to the letter.
        if verification == "off" {
            assert!(took < begun.elapsed(), "and who waits costs no hash");
        }
    }
}
