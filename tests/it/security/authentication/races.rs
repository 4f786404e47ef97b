//! 4, 7 and 8: what happens at the same moment, and what is counted together.

use futures::future::join_all;
use serde_json::json;

use super::{DEFAULTS, HERE, NEW, REQUIRED, enumeration::verify, sign_in};
use crate::{
    accounts::{account, links::tokens, post, register, setup::said},
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        on_both, refused,
    },
};

on_both! {
    /// Both know the password, and the first to change it signs the other out.
    async fn row_7_who_was_signed_out_meanwhile_hears_that_and_not_of_a_wrong_password(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let mut devices: Vec<Browser> = Vec::new();
        for _ in 0..4 {
            let device = server.visitor();
            assert_eq!(sign_in(&device, HERE, "ann", PASSWORD).await.status(), 200);
            devices.push(device);
        }
        let changes = devices.iter().enumerate().map(async |(number, device)| {
            let body = json!({ "current_password": PASSWORD, "password": format!("{NEW}{number}") });
            post(device, "/api/user/me/password", &body).await
        });
        let mut done = 0;
        for answer in join_all(changes).await {
            if answer.status() == 200 {
                done += 1;
            } else {
                assert_eq!(refused(answer, 401).await, "unauthenticated");
            }
        }
        assert_eq!(done, 1);
    }

    async fn row_8_of_letters_that_are_answered_at_once_one_makes_the_account(engine: Engine) {
        let mut settings = REQUIRED.to_vec();
        settings.push(("PARLANCE_TRIES_ACCOUNT", "1000"));
        let server = Server::start_with(engine, "echo", &settings).await;
        for round in 0..3 {
            let name = format!("ann{round}");
            let before = tokens(&server, "verify", 0).await.len();
            for _ in 0..4 {
                assert_eq!(register(&server.visitor(), &account(&name)).await.status(), 202);
            }
            let sent = tokens(&server, "verify", before + 4).await.split_off(before);
            let mut made = 0;
            for answer in join_all(sent.iter().map(|token| verify(&server, token))).await {
                if answer.status() == 204 {
                    made += 1;
                } else {
                    assert_eq!(refused(answer, 400).await, "token_invalid");
                }
            }
            assert_eq!(made, 1, "round {round}");
        }
    }

    /// The name of an account at a sign-in is any text, also one that something else is counted under.
    async fn row_4_tries_at_a_sign_in_are_counted_for_nothing_else(engine: Engine) {
        let server = Server::start_with(engine, "echo", &DEFAULTS).await;
        let token = said(&server, 1).await;
        let visitor = server.visitor();
        let try_in = async |name: &str| {
            let body = json!({ "email": name, "password": "wrong-horse-1" });
            let request = visitor.post("/api/auth/login").header("X-Forwarded-For", HERE);
            request.json(&body).send().await.unwrap().status().as_u16()
        };
        for name in ["setup", "register ann@example.com"] {
            let answers = [try_in(name).await, try_in(name).await, try_in(name).await, try_in(name).await];
            assert_eq!(answers, [401; 4]);
            assert_eq!((try_in(name).await, try_in(name).await), (401, 429), "{name}");
        }
        for (path, name) in [("/api/setup", "root"), ("/api/auth/register", "ann")] {
            let mut body = account(name);
            if path == "/api/setup" {
                body["token"] = token.clone().into();
            }
            let request = visitor.post(path).header("X-Forwarded-For", HERE);
            assert_eq!(request.json(&body).send().await.unwrap().status(), 201, "{path} for {}", email(name));
        }
    }
}
