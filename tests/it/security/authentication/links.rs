//! 8: links of letters.

use serde_json::{Value, json};

use crate::{
    accounts::{
        links::{ask, reset, tokens},
        post, sign_in,
    },
    factors,
    harness::{
        Engine, Server,
        browser::{PASSWORD, email},
        fields,
        intruder::{execute, number},
        on_both, problem, refused, totp,
    },
};

const NEW: &str = "another-horse-2";

/// The moment of now, and one so many seconds before, as the database writes them.
fn earlier(engine: Engine, column: &str, seconds: u32) -> String {
    match engine {
        Engine::Sqlite => format!("{column} - {seconds} * 1000000"),
        Engine::Postgres => format!("{column} - interval '{seconds} seconds'"),
    }
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
        assert_eq!(refused(reset(&visitor, &first, NEW).await, 400).await, "token_invalid");

        let weak = problem(reset(&visitor, &second, "password1").await, 422).await;
        assert_eq!(fields(&weak), ["password too_common"], "and the link is not used up by it");
        let done = reset(&visitor, &second, NEW).await;
        assert_eq!(done.status(), 204);
        assert!(!done.headers().contains_key("set-cookie"), "it signs nobody in");
        assert_eq!(refused(reset(&visitor, &second, "third-horse-3").await, 400).await, "token_invalid");
        for rubbish in ["", "x", &"A".repeat(43)] {
            assert_eq!(refused(reset(&visitor, rubbish, NEW).await, 400).await, "token_invalid");
        }
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "all sessions end");
        assert_eq!(sign_in(&visitor, &email("ann"), PASSWORD).await.status(), 401);
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
        // Nobody else got a letter.
        assert_eq!(tokens(&server, "reset", 2).await.len(), 2);
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
}
