//! 16, 17, 18 and 19: tokens of programs, and how sessions end.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{
        cut,
        devices::{devices, status},
        program, sign_in,
        tokens::HASTY,
    },
    harness::{
        Engine, Events, Server,
        browser::{PASSWORD, email},
        on_both, refused,
    },
};

on_both! {
    async fn row_16_only_an_access_token_of_a_live_session_opens_anything(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let browser = server.member("ann").await;
        let ann = program(&server, "ann").await;
        assert!(ann.tokens["expires_in"].as_u64().unwrap() <= 900, "fifteen minutes at the most");
        let access = ann.access().to_owned();
        // Tokens of ours say nothing about themselves: what others would forge is of no use, nor is another purpose's.
        let (head, none) = ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0");
        let claims = "eyJzdWIiOiIxIiwiYXVkIjoicGFybGFuY2UiLCJleHAiOjQxMDI0NDQ4MDB9";
        let cut_short = &access[..access.len() - 1];
        let marked = |mark: &str| format!("{mark}{}", &access[4..]);
        let ticket: Value = browser.post("/api/ws/ticket").send().await.unwrap().json().await.unwrap();
        for forged in [
            format!("{none}.{claims}."), format!("{head}.{claims}.AAAA"), format!("{access}.{claims}."),
            cut_short.to_owned(), format!("{access}A"), access.to_uppercase(), marked("plr_"), marked("plk_"), marked(""),
            ann.refresh().to_owned(), ticket["token"].as_str().unwrap().to_owned(), "null".to_owned(), "undefined".to_owned(),
        ] {
            for (name, value) in [("Authorization", format!("Bearer {forged}")), ("X-API-Key", forged.clone())] {
                let request = ann.ask(Method::GET, "/api/session").header(name, value);
                assert_eq!(refused(request.send().await.unwrap(), 401).await, "unauthenticated", "{name}: {forged}");
            }
        }
        assert_eq!(ann.renew(&access).await.status(), 401, "it renews nothing");
        let request = server.visitor().get("/api/session").header("Cookie", format!("parlance={access}"));
        assert_eq!(request.send().await.unwrap().status(), 401, "it is no cookie");
        // The session itself is looked at: once that has ended, so has the token.
        assert_eq!(ann.get("/api/session").await.status(), 200);
        let ended = browser.request(Method::DELETE, "/api/account/devices").send().await.unwrap();
        assert_eq!(ended.status(), 200);
        let began = std::time::Instant::now();
        while ann.get("/api/session").await.status() != 401 {
            assert!(began.elapsed() < Duration::from_secs(1), "it outlives its session");
        }
    }

    async fn row_16_an_access_token_ends_and_the_next_one_works(engine: Engine) {
        let settings = [("PARLANCE_ACCESS_LIFETIME", "1s")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let browser = server.member("ann").await;
        let mut ann = program(&server, "ann").await;
        assert_eq!(ann.tokens["expires_in"], 1);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(refused(ann.get("/api/session").await, 401).await, "unauthenticated");
        // A cookie beside it makes an expired token no better: the client shall renew it.
        let both = browser.get("/api/session").bearer_auth(ann.access());
        assert_eq!(both.send().await.unwrap().status(), 401);
        ann.tokens = ann.renew(ann.refresh()).await.json().await.unwrap();
        assert_eq!(ann.get("/api/session").await.status(), 200);
    }

    async fn row_17_a_used_refresh_token_that_is_shown_later_ends_the_session(engine: Engine) {
        let server = Server::start_with(engine, "echo", &HASTY).await;
        server.member("ann").await;
        let mut ann = program(&server, "ann").await;
        let first = ann.refresh().to_owned();
        ann.tokens = ann.renew(&first).await.json().await.unwrap();
        assert_eq!(refused(ann.renew(&first).await, 409).await, "refresh_superseded");
        assert_eq!(ann.get("/api/session").await.status(), 200, "nothing has ended");

        let stream = ann.get("/api/stream").await;
        assert_eq!(stream.status(), 200);
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        let thief = ann.renew(&first).await;
        assert_eq!(refused(thief, 401).await, "unauthenticated");
        let took = cut(Events::of(stream)).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").await.status(), 401);
        assert_eq!(ann.renew(ann.refresh()).await.status(), 401, "the whole family");
    }

    async fn row_17_of_twenty_refreshes_at_once_one_wins_and_nobody_is_signed_out(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let ann = program(&server, "ann").await;
        let all = join_all((0..20).map(|_| ann.renew(ann.refresh()))).await;
        let mut next = None;
        let mut superseded = 0;
        for response in all {
            match response.status().as_u16() {
                200 => assert!(next.replace(response.json::<Value>().await.unwrap()).is_none(), "two won"),
                _ => {
                    assert_eq!(refused(response, 409).await, "refresh_superseded");
                    superseded += 1;
                }
            }
        }
        assert_eq!(superseded, 19);
        let next = next.expect("one wins");
        assert_eq!(ann.renew(next["refresh_token"].as_str().unwrap()).await.status(), 200);
    }

    async fn row_18_devices_are_listed_and_revoked_one_by_one(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.member("ann").await;
        let there = server.visitor();
        let credentials = json!({ "email": email("ann"), "password": PASSWORD });
        let request = there.post("/api/auth/login").header("User-Agent", "Elsewhere/9.1");
        let request = request.header("Sec-Fetch-Mode", "cors").json(&credentials);
        assert_eq!(request.send().await.unwrap().status(), 200);
        let listed = devices(&here).await;
        assert_eq!(listed.len(), 2);
        let other = listed.iter().find(|one| one["is_current"] == false).unwrap();
        assert_eq!((&other["kind"], &other["user_agent"]), (&json!("browser"), &json!("Elsewhere/9.1")));
        assert_eq!(other["address"], "127.0.0.1");
        assert!(other["last_seen_at"].is_string() && other["created_at"].is_string());
        assert_eq!(listed.iter().filter(|one| one["is_current"] == true).count(), 1);

        let bob = server.member("bob").await;
        let path = format!("/api/account/devices/{}", other["id"].as_str().unwrap());
        let foreign = bob.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(refused(foreign, 404).await, "not_found");
        let conversation = there.conversation().await;
        let stream = there.follow(&conversation, None).await;
        let own = here.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(own.status(), 204);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!((status(&there).await, status(&here).await), (401, 200));
        let again = here.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(again.status(), 404);
    }

    async fn row_18_all_others_can_be_signed_out_at_once_and_everything_too(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.member("ann").await;
        let mut others = Vec::new();
        for _ in 0..3 {
            let other = server.visitor();
            sign_in(&other, &email("ann"), PASSWORD).await;
            others.push(other);
        }
        let there = program(&server, "ann").await;
        let response = here.request(reqwest::Method::DELETE, "/api/account/devices").send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["ended"], 4);
        for other in &others {
            assert_eq!(status(other).await, 401);
        }
        assert_eq!(there.renew(there.refresh()).await.status(), 401);
        assert_eq!(status(&here).await, 200);

        let there = program(&server, "ann").await;
        let stream = Events::of(there.get("/api/stream").await);
        let bye = here.post("/api/auth/logout/everywhere").send().await.unwrap();
        assert_eq!(bye.status(), 204);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!((status(&here).await, there.get("/api/session").await.status().as_u16()), (401, 401));
    }

    async fn row_19_a_session_ends_when_it_is_idle_and_when_its_time_has_come(engine: Engine) {
        for (key, lasts) in [
            ("PARLANCE_SESSION_IDLE", "3s"),
            ("PARLANCE_SESSION_LIFETIME", "3s"),
        ] {
            let server = Server::start_with(engine, "echo", &[(key, lasts)]).await;
            let browser = server.member("ann").await;
            let ann = program(&server, "ann").await;
            assert_eq!(
                browser.get("/api/session").send().await.unwrap().status(),
                200
            );
            tokio::time::sleep(Duration::from_millis(3_300)).await;
            assert_eq!(
                browser.get("/api/session").send().await.unwrap().status(),
                401,
                "{key}"
            );
            assert_eq!(ann.get("/api/session").await.status(), 401, "{key}");
            assert_eq!(ann.renew(ann.refresh()).await.status(), 401, "{key}");
        }
    }

    async fn row_19_what_is_renewed_does_not_outlive_its_session(engine: Engine) {
        let settings = [("PARLANCE_SESSION_LIFETIME", "4s"), ("PARLANCE_REFRESH_GRACE", "1s")];
        let server = Server::start_with(engine, "echo", &settings).await;
        server.member("ann").await;
        let mut ann = program(&server, "ann").await;
        let began = std::time::Instant::now();
        let mut renewed = 0;
        // Used all the time, and renewed again and again.
        let ended = loop {
            let answer = ann.renew(ann.refresh()).await;
            if answer.status() != 200 {
                break began.elapsed();
            }
            ann.tokens = answer.json().await.unwrap();
            renewed += 1;
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert!(began.elapsed() < Duration::from_secs(30), "it never ends");
        };
        assert!(renewed >= 2, "{renewed}");
        assert!((3..=8).contains(&ended.as_secs()), "{ended:?}");
        assert_eq!(ann.get("/api/session").await.status(), 401);
    }
}
