//! 1, 5, 6 and 7: what is kept of a password, which are taken, and what a change of one does.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{
        account, changes::me, cookie, cut, of_the_user, post, program, register, session_status,
        sign_in,
    },
    harness::{
        Engine, Server,
        browser::{PASSWORD, email},
        fields,
        intruder::{dump, execute, holds, number},
        on_both, problem, refused,
        smtp::Sink,
    },
};

const NEW: &str = "another-horse-2";
/// What OWASP asks for at least: 19 MiB, two passes.
const FLOOR: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// `password`, as the tests of the reference implementation have it: far below the floor.
const WEAK: &str =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

on_both! {
    async fn row_1_a_password_is_kept_as_argon2id_and_told_to_nobody(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        let registered = register(&ann, &account("ann")).await;
        let (pair, _) = cookie(&registered);
        let token = pair.split_once('=').unwrap().1.to_owned();
        let mut answers = registered.text().await.unwrap();
        for path in ["/api/session", "/api/user/me", "/api/conversations", "/chat", "/profile"] {
            let answer = ann.get(path).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            answers.push_str(&answer.text().await.unwrap());
        }
        answers.push_str(&sign_in(&ann, &email("ann"), PASSWORD).await.text().await.unwrap());
        for secret in ["argon2", "password_hash", PASSWORD, &token] {
            assert!(!answers.contains(secret), "an answer holds {secret}");
        }
        let hash = of_the_user(&server, "password_hash").await.unwrap();
        assert!(hash.starts_with(FLOOR), "{hash}");
        let all = dump(&server).await;
        assert!(holds(&all, FLOOR.as_bytes()), "what is looked through is the database");
        for secret in [PASSWORD, &token] {
            assert!(!holds(&all, secret.as_bytes()), "the database holds a secret");
            assert!(!server.log().contains(secret), "the log holds a secret");
        }
    }

    async fn row_1_a_weaker_hash_is_raised_when_its_password_is_typed(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let set = format!("update users set password_hash = '{WEAK}'");
        assert_eq!(execute(&server, &set).await.unwrap(), 1);
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 401, "another password by now");
        assert_eq!(of_the_user(&server, "password_hash").await.unwrap(), WEAK, "a wrong one raises nothing");
        assert_eq!(sign_in(&ann, &email("ann"), "password").await.status(), 200);
        let mut hash = String::new();
        for _ in 0..500 {
            hash = of_the_user(&server, "password_hash").await.unwrap();
            if hash != WEAK {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(hash.starts_with(FLOOR), "{hash}");
        assert_eq!(sign_in(&ann, &email("ann"), "password").await.status(), 200, "the same password");
    }

    async fn row_1_who_raises_a_hash_at_the_same_moment_is_let_in(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let set = format!("update users set password_hash = '{WEAK}'");
        assert_eq!(execute(&server, &set).await.unwrap(), 1);
        let visitor = server.visitor();
        let address = email("ann");
        let both = tokio::join!(
            sign_in(&visitor, &address, "password"),
            sign_in(&visitor, &address, "password"),
        );
        assert_eq!((both.0.status().as_u16(), both.1.status().as_u16()), (200, 200));
    }

    async fn row_5_any_letters_are_taken_and_nothing_is_cut(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let taken = [
            "xk7#qw2z".to_owned(),
            " k7 qw2z ".to_owned(),
            "пароль-ёлка-7".to_owned(),
            "相逢何必曾相识7".to_owned(),
            // From fifteen characters on nothing is asked of them.
            "correct horse battery staple".to_owned(),
            "🦀🐙🦑🦐🦞🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆".to_owned(),
            "长恨歌".repeat(85) + "x",
            "Xk7".repeat(85) + "x",
        ];
        for (number, password) in taken.iter().enumerate() {
            let name = format!("person{number}");
            let mut body = account(&name);
            body["password"] = json!(password);
            assert_eq!(register(&visitor, &body).await.status(), 201, "{password}");
            let mut cut = password.clone();
            cut.pop();
            for (said, status) in [
                (cut, 401),
                (password.to_uppercase(), if password.to_uppercase() == *password { 200 } else { 401 }),
                (password.trim().to_owned(), if password.trim() == password { 200 } else { 401 }),
                (password.clone(), 200),
            ] {
                assert_eq!(sign_in(&visitor, &email(&name), &said).await.status(), status, "“{said}” for “{password}”");
            }
        }
    }

    async fn row_5_what_a_guesser_tries_first_is_refused_at_every_door(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let own = email("ann");
        let refusals = [
            ("", "password required"),
            ("abc123", "password too_short"),
            ("相识曾7", "password too_short"),
            ("xkqwzvbn", "password needs_letter_and_digit"),
            ("abcdefghij", "password needs_letter_and_digit"),
            ("83920174650213", "password needs_letter_and_digit"),
            ("Password123", "password too_common"),
            ("password1", "password too_common"),
            ("qwerty123", "password too_common"),
            (own.as_str(), "password too_common"),
            (&"x7".repeat(129), "password too_long"),
        ];
        for (password, expected) in refusals {
            let change = json!({ "current_password": PASSWORD, "password": password });
            let refusal = problem(post(&ann, "/api/user/me/password", &change).await, 422).await;
            assert_eq!(fields(&refusal), [expected], "a change to “{password}”");
            if password == own {
                continue;
            }
            let mut body = account("bob");
            body["password"] = json!(password);
            let refusal = problem(register(&server.visitor(), &body).await, 422).await;
            assert_eq!(fields(&refusal), [expected], "an account with “{password}”");
        }
        let slip = json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": "other" });
        let refusal = problem(post(&ann, "/api/user/me/password", &slip).await, 422).await;
        assert_eq!(fields(&refusal), ["password_confirmation mismatch"]);
        assert_eq!(sign_in(&ann, &own, PASSWORD).await.status(), 200, "nothing changed");
    }

    async fn row_6_a_stolen_session_changes_neither_password_nor_address(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for (path, method, body) in [
            ("/api/user/me/password", Method::POST, json!({ "password": NEW })),
            ("/api/user/me/email", Method::POST, json!({ "email": "new@example.com" })),
            ("/api/account/keys", Method::POST, json!({ "name": "k" })),
            ("/api/account/factor", Method::POST, json!({})),
            ("/api/account", Method::DELETE, json!({})),
        ] {
            for guess in [None, Some(""), Some("wrong-password-1")] {
                let mut body = body.clone();
                if let Some(guess) = guess {
                    body["current_password"] = guess.into();
                }
                let request = ann.request(method.clone(), path).json(&body);
                let refusal = refused(request.send().await.unwrap(), 403).await;
                assert_eq!(refusal, "wrong_password", "{path} {guess:?}");
            }
        }
        assert_eq!(me(&ann).await["email"], email("ann"));
        let guesses = "select count(*) from audit_events where kind = 'confirm_failed' and address = '127.0.0.1' \
                       and actor = (select id from users where username = 'ann')";
        assert_eq!(number(&server, guesses).await, 5, "each guess is in the log");
    }

    async fn row_6_the_old_address_is_told_of_a_new_one(engine: Engine) {
        let sink = Sink::start().await;
        let mut settings = sink.settings();
        settings.push(("PARLANCE_EMAIL_VERIFICATION", "off".to_owned()));
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let server = Server::start_with(engine, "echo", &settings).await;
        let ann = server.member("ann").await;
        let change = json!({ "current_password": PASSWORD, "email": "new@example.com" });
        assert_eq!(post(&ann, "/api/user/me/email", &change).await.status(), 200);
        let letter = sink.letter(&email("ann"), "e-mail address of your account was changed").await;
        assert!(!letter.text.contains("new@example.com"), "who reads the old one's mail learns no more than need be");
        let change = json!({ "current_password": PASSWORD, "password": NEW });
        assert_eq!(post(&ann, "/api/user/me/password", &change).await.status(), 200);
        sink.letter("new@example.com", "password").await;
    }

    async fn row_7_another_password_ends_everything_else_and_begins_anew_here(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.visitor();
        let (old, _) = cookie(&register(&here, &account("ann")).await);
        let there = server.visitor();
        sign_in(&there, &email("ann"), PASSWORD).await;
        let far = program(&server, "ann").await;
        let conversation = there.conversation().await;
        let stream = there.follow(&conversation, None).await;

        let change = json!({ "current_password": PASSWORD, "password": NEW });
        let response = post(&here, "/api/user/me/password", &change).await;
        assert_eq!(response.status(), 200);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        let (fresh, _) = cookie(&response);
        assert_ne!(old, fresh, "another session");
        let body: Value = response.json().await.unwrap();
        assert!(body["access_token"].is_string() && body["refresh_token"].is_string());
        assert_eq!(session_status(&server, &old).await, 401);
        assert_eq!(session_status(&server, &fresh).await, 200);
        assert_eq!(there.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!(far.renew(far.refresh()).await.status(), 401);
        assert_eq!(far.get("/api/session").await.status(), 401);
        assert_eq!(far.renew(body["refresh_token"].as_str().unwrap()).await.status(), 200);

        let visitor = server.visitor();
        let wrong = sign_in(&visitor, &email("ann"), PASSWORD).await;
        assert_eq!(refused(wrong, 401).await, "invalid_credentials");
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
    }
}
