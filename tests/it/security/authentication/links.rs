//! 8: links of letters.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::NEW;
use crate::{
    accounts::{
        cut,
        keys::{make, with},
        links::{ask, reset, tokens},
        post, sign_in,
    },
    audit::count,
    factors,
    harness::{
        Browser, Engine, Events, Server,
        browser::{PASSWORD, email},
        fields,
        intruder::{execute, number},
        on_both, problem, refused, totp,
    },
};

/// The moment of now, and one so many seconds before, as the database writes them.
fn earlier(engine: Engine, column: &str, seconds: u32) -> String {
    match engine {
        Engine::Sqlite => format!("{column} - {seconds} * 1000000"),
        Engine::Postgres => format!("{column} - interval '{seconds} seconds'"),
    }
}

/// Shows the address to be this person's.
async fn verify(server: &Server, person: &Browser) {
    let asked = post(person, "/api/account/verification", &json!({})).await;
    assert_eq!(asked.status(), 204);
    let token = tokens(server, "verify", 1).await.remove(0);
    let body = json!({ "token": token });
    assert_eq!(post(person, "/api/auth/verify", &body).await.status(), 204);
}

/// How many keys somebody has.
async fn keys(person: &Browser) -> usize {
    let answer = person.get("/api/account/keys").send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["items"].as_array().unwrap().len()
}

on_both! {
    async fn row_8_a_forgotten_password_is_set_once_by_its_letter(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let visitor = server.visitor();
        ask(&visitor, &email("nobody")).await;
        ask(&visitor, &email("ANN")).await;
        let first = tokens(&server, "reset", 1).await.remove(0);
        ask(&visitor, &email("ann")).await;
        let second = tokens(&server, "reset", 2).await.remove(1);
        let weak = problem(reset(&visitor, &first, "password1").await, 422).await;
        assert_eq!(fields(&weak), ["password too_common"], "and the link is not used up by it");
        // Whoever asks once more, and that may be anybody, voids no link that is on its way.
        let done = reset(&visitor, &first, NEW).await;
        assert_eq!(done.status(), 204);
        assert!(!done.headers().contains_key("set-cookie"), "it signs nobody in");
        for used in [&first, &second] {
            assert_eq!(refused(reset(&visitor, used, "third-horse-3").await, 400).await, "token_invalid");
        }
        for rubbish in ["", "x", &"A".repeat(43)] {
            assert_eq!(refused(reset(&visitor, rubbish, NEW).await, 400).await, "token_invalid");
        }
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "all sessions end");
        assert_eq!(sign_in(&visitor, &email("ann"), PASSWORD).await.status(), 401);
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
        // Nobody else got a letter.
        assert_eq!(tokens(&server, "reset", 2).await.len(), 2);
    }

    async fn row_8_an_account_is_sent_a_few_letters_and_every_one_of_them_works(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let visitor = server.visitor();
        for _ in 0..4 {
            ask(&visitor, &email("ann")).await;
        }
        let token = tokens(&server, "reset", 4).await.remove(0);
        // The letters go before the log is written, which the process shall not be killed in.
        while count(&server, "reset_asked").await < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // What counts is the database's: another process, or this one begun again, goes on counting.
        server.kill();
        server.restart();
        let visitor = server.visitor();
        for _ in 0..4 {
            ask(&visitor, &email("ann")).await;
        }
        while count(&server, "reset_asked").await < 8 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(tokens(&server, "reset", 1).await.len(), 1, "five in all, and nobody was told");
        assert_eq!(reset(&visitor, &token, NEW).await.status(), 204);
    }

    async fn row_8_a_link_is_void_once_the_account_has_another_address(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        ask(&ann, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        let body = json!({ "email": "new@example.com", "current_password": PASSWORD });
        assert_eq!(post(&ann, "/api/user/me/email", &body).await.status(), 200);
        assert_eq!(refused(reset(&ann, &token, NEW).await, 400).await, "token_invalid");
    }

    async fn row_8_a_link_ends_within_half_an_hour(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let visitor = server.visitor();
        ask(&visitor, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        let (lasts, kept) = match engine {
            Engine::Sqlite => ("(expires_at - created_at) / 1000000", "length(token_hash)"),
            Engine::Postgres => ("extract(epoch from expires_at - created_at)::bigint", "octet_length(token_hash)::bigint"),
        };
        let seconds = number(&server, &format!("select {lasts} from account_links where purpose = 'reset'")).await;
        assert!((1..=1_800).contains(&seconds), "{seconds}");
        assert_eq!(number(&server, &format!("select {kept} from account_links where purpose = 'reset'")).await, 32);
        assert!(token.len() >= 43, "256 bits: {token}");
        // As if it had been sent that much earlier, but for a minute; then for good.
        for (seconds, status, code) in [(seconds - 60, 422, "validation"), (61, 400, "token_invalid")] {
            let seconds = u32::try_from(seconds).unwrap();
            let back = format!(
                "update account_links set created_at = {}, expires_at = {}",
                earlier(engine, "created_at", seconds), earlier(engine, "expires_at", seconds),
            );
            execute(&server, &back).await.unwrap();
            // A password that is none uses nothing up.
            let answer = reset(&visitor, &token, "short").await;
            assert_eq!(refused(answer, status).await, code, "{seconds}");
        }
        assert_eq!(refused(reset(&visitor, &token, NEW).await, 400).await, "token_invalid");
        assert_eq!(sign_in(&visitor, &email("ann"), PASSWORD).await.status(), 200);
    }

    async fn row_8_a_link_is_for_its_own_account_whoever_opens_it(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let bob = server.member("bob").await;
        ask(&bob, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        for extra in ["email", "user_id", "username"] {
            let mut body = json!({ "token": token, "password": NEW });
            body[extra] = json!(email("bob"));
            let refusal = post(&bob, "/api/auth/reset/confirm", &body).await;
            assert_eq!(refusal.status(), 422, "{extra}");
        }
        assert_eq!(reset(&bob, &token, NEW).await.status(), 204);
        assert_eq!(bob.get("/api/session").send().await.unwrap().status(), 200, "he is who he was");
        let visitor = server.visitor();
        assert_eq!(sign_in(&visitor, &email("bob"), NEW).await.status(), 401);
        assert_eq!(sign_in(&visitor, &email("bob"), PASSWORD).await.status(), 200);
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
    }

    async fn row_8_a_new_password_does_not_pass_the_second_factor(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        verify(&server, &ann).await;
        let (secret, _) = factors::enrol(&ann).await;
        let visitor = server.visitor();
        ask(&visitor, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        let done = reset(&visitor, &token, NEW).await;
        assert_eq!(done.status(), 204);
        assert!(!done.headers().contains_key("set-cookie"));
        let step = problem(sign_in(&visitor, &email("ann"), NEW).await, 401).await;
        assert_eq!(step["code"], "factor_required");
        assert_eq!(visitor.get("/api/session").send().await.unwrap().status(), 401, "not in yet");
        let enter = async |code: &str| {
            let body = json!({ "challenge": step["challenge"], "code": code });
            post(&visitor, "/api/auth/factor", &body).await
        };
        assert_eq!(refused(enter("000000").await, 401).await, "factor_wrong");
        assert_eq!(enter(&totp::next_code(&secret)).await.status(), 200);
        let session: Value = visitor.get("/api/session").send().await.unwrap().json().await.unwrap();
        assert_eq!(session["user"]["username"], "ann");
    }

    async fn row_8_a_new_password_ends_the_keys_of_programs_too(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        verify(&server, &ann).await;
        let (_, secret) = make(&ann, "k").await;
        let stream = with(&server, "X-API-Key", &secret, Method::GET, "/api/stream").await;
        assert_eq!(stream.status(), 200);
        let visitor = server.visitor();
        ask(&visitor, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        assert_eq!(reset(&visitor, &token, NEW).await.status(), 204);
        let took = cut(Events::of(stream)).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        for header in ["Authorization", "X-API-Key"] {
            let gone = with(&server, header, &secret, Method::GET, "/api/session").await;
            assert_eq!(refused(gone, 401).await, "unauthenticated", "{header}");
        }
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
        assert_eq!(keys(&visitor).await, 0);
    }

    /// Somebody makes an account with an address that is not theirs, and waits for its owner to come and take it over.
    async fn row_8_an_account_made_with_my_address_is_mine_alone_after_a_reset(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let planter = server.member("ann").await;
        let (_, secret) = make(&planter, "k").await;
        factors::enrol(&planter).await;
        let owner = server.visitor();
        ask(&owner, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        assert_eq!(reset(&owner, &token, NEW).await.status(), 204);
        assert_eq!(planter.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!(with(&server, "X-API-Key", &secret, Method::GET, "/api/session").await.status(), 401);
        assert_eq!(sign_in(&planter, &email("ann"), PASSWORD).await.status(), 401);
        assert_eq!(sign_in(&owner, &email("ann"), NEW).await.status(), 200, "and no code is asked for");
        assert_eq!(factors::state(&owner).await, (false, 0));
        assert_eq!(keys(&owner).await, 0);
        let session: Value = owner.get("/api/session").send().await.unwrap().json().await.unwrap();
        assert_eq!(session["user"]["email_verified"], true);
        assert_eq!(count(&server, "factor_disabled").await, 1);
    }
}
