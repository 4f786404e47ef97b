//! 9: the second factor.

use serde_json::{Value, json};

use crate::{
    accounts::{post as ask, sign_in},
    factors::{begin, enrol, post, state},
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        header,
        intruder::{dump, holds},
        on_both, problem, refused, totp,
    },
};

/// What the first half of a sign-in gives.
async fn challenge(browser: &Browser) -> Value {
    let step = problem(sign_in(browser, &email("ann"), PASSWORD).await, 401).await;
    assert_eq!(step["code"], "factor_required");
    step["challenge"].clone()
}

async fn enter(browser: &Browser, challenge: &Value, code: &str) -> reqwest::Response {
    let body = json!({ "challenge": challenge, "code": code });
    ask(browser, "/api/auth/factor", &body).await
}

on_both! {
    /// Row 9: enrolling over an enrolled factor was the hole in a peer (CVE-2026-54036).
    async fn row_9_enrolling_when_it_is_on_is_refused_and_the_old_secret_stays(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (secret, _) = enrol(&ann).await;
        let again = post(&ann, "", json!({ "current_password": PASSWORD })).await;
        assert_eq!(refused(again, 409).await, "conflict");
        let again = post(&ann, "/confirm", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(refused(again, 409).await, "conflict");
        let works = post(&ann, "/codes", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(works.status(), 200);
    }

    async fn row_9_a_code_opens_the_door_once_within_its_step(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (secret, backup) = enrol(&ann).await;
        let code = totp::next_code(&secret);
        let visitor = server.visitor();
        let first = challenge(&visitor).await;
        assert_eq!(enter(&visitor, &first, &code).await.status(), 200);
        // Seen over a shoulder, typed at once: with a challenge of its own, and with the used one.
        let thief = server.visitor();
        let second = challenge(&thief).await;
        assert_eq!(refused(enter(&thief, &second, &code).await, 401).await, "factor_wrong");
        assert_eq!(refused(enter(&thief, &first, &backup[0]).await, 400).await, "token_invalid");
        assert_eq!(thief.get("/api/session").send().await.unwrap().status(), 401);
        // A code of the app is not good for more than a step on either side.
        for seconds in [totp::now() - 120, totp::now() + 120] {
            let far = totp::code_at(&secret, seconds);
            assert_eq!(refused(enter(&thief, &second, &far).await, 401).await, "factor_wrong");
        }
        // The same with a backup code.
        let third = challenge(&thief).await;
        assert_eq!(enter(&thief, &third, &backup[1]).await.status(), 200);
        let fourth = challenge(&visitor).await;
        assert_eq!(refused(enter(&visitor, &fourth, &backup[1]).await, 401).await, "factor_wrong");
        assert_eq!(state(&ann).await, (true, 9));
        let all = dump(&server).await;
        for secret in backup.iter().chain([&secret]) {
            let bare = secret.replace('-', "");
            assert!(!holds(&all, secret.as_bytes()) && !holds(&all, bare.as_bytes()), "sealed and hashed");
        }
    }

    async fn row_9_a_challenge_is_tried_five_times(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (secret, _) = enrol(&ann).await;
        let visitor = server.visitor();
        let step = challenge(&visitor).await;
        for _ in 0..5 {
            assert_eq!(refused(enter(&visitor, &step, "000000").await, 401).await, "factor_wrong");
        }
        let late = enter(&visitor, &step, &totp::next_code(&secret)).await;
        assert!(matches!(late.status().as_u16(), 400 | 429), "{}", late.status());
        assert_eq!(visitor.get("/api/session").send().await.unwrap().status(), 401);
        // Nor does a fresh one help: the account's own count stands.
        let fresh = challenge(&visitor).await;
        let waits = enter(&visitor, &fresh, &totp::next_code(&secret)).await;
        let seconds: u64 = header(&waits, "retry-after").parse().expect("seconds");
        assert!(seconds >= 1, "{seconds}");
        assert_eq!(refused(waits, 429).await, "rate_limited");
    }

    /// Somebody who knows the password keeps the codes of the app waiting. The owner has backup codes.
    async fn row_9_nobody_keeps_an_owner_out_by_guessing(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (secret, backup) = enrol(&ann).await;
        let thief = server.visitor();
        let step = challenge(&thief).await;
        for _ in 0..5 {
            assert_eq!(refused(enter(&thief, &step, "000000").await, 401).await, "factor_wrong");
        }
        let owner = server.visitor();
        let step = challenge(&owner).await;
        // What has to wait takes none of the sign-in's tries, however often it is sent.
        for _ in 0..7 {
            assert_eq!(refused(enter(&owner, &step, &totp::next_code(&secret)).await, 429).await, "rate_limited");
        }
        // What looks like a backup code is a try of this sign-in, and makes no code of the app wait longer.
        assert_eq!(refused(enter(&owner, &step, "0000-0000-0000-0000").await, 401).await, "factor_wrong");
        assert_eq!(enter(&owner, &step, &backup[0]).await.status(), 200);
        assert_eq!(state(&owner).await, (true, 9));
        let renewed = post(&owner, "/codes", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(renewed.status(), 200, "and with it the wait is over");
    }

    async fn row_9_backup_codes_are_tried_five_times_a_sign_in(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (_, backup) = enrol(&ann).await;
        let visitor = server.visitor();
        let step = challenge(&visitor).await;
        for _ in 0..5 {
            assert_eq!(refused(enter(&visitor, &step, "0000-0000-0000-0000").await, 401).await, "factor_wrong");
        }
        assert_eq!(refused(enter(&visitor, &step, &backup[0]).await, 400).await, "token_invalid");
    }

    async fn row_9_turning_it_off_and_new_codes_need_the_factor_itself(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let started = begin(&ann).await;
        let secret = started["secret"].as_str().unwrap();
        assert_eq!(post(&ann, "/confirm", json!({ "code": totp::code(secret) })).await.status(), 200);
        // A stolen session, a stolen password, and both.
        for body in [
            json!({}),
            json!({ "current_password": PASSWORD }),
            json!({ "current_password": PASSWORD, "code": "" }),
            json!({ "current_password": PASSWORD, "code": "000000" }),
            json!({ "current_password": PASSWORD, "code": totp::code(secret) }),
        ] {
            let answer = post(&ann, "/disable", body.clone()).await;
            let status = answer.status().as_u16();
            assert!(matches!(status, 401 | 403 | 422 | 429), "{status} for {body}");
        }
        for body in [json!({}), json!({ "code": "" }), json!({ "current_password": PASSWORD, "code": "000000" })] {
            let status = post(&ann, "/codes", body.clone()).await.status().as_u16();
            assert!(matches!(status, 401 | 422 | 429), "{status} for {body}");
        }
        assert_eq!(state(&ann).await, (true, 10));
    }
}
