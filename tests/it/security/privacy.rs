//! E8: what is left of what was deleted, what stays in a browser, what is written down, and whose rights work in the
//! background has.

mod audit;
mod storage;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{
        account, cut,
        people::{change, id_of},
        program, register,
        setup::admin,
        sign_in,
    },
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        events::Reply,
        header,
        intruder::{execute, holds, kept, number},
        on_both, refused,
    },
};

const CANARY: &str = "canary-of-ann-7319";

/// Says the word, and waits until the reply has said it too.
async fn say(browser: &Browser) -> String {
    let id = browser.conversation().await;
    let mut events = browser.follow(&id, None).await;
    browser.say(&id, CANARY).await;
    let mut reply = Reply::default();
    events.read_to_final(&mut reply).await;
    assert!(reply.text.contains(CANARY), "the reply holds it too");
    id
}

/// How often the word is in there.
fn times(kept: &[u8]) -> i64 {
    let found = kept.windows(CANARY.len());
    let found = found.filter(|window| *window == CANARY.as_bytes()).count();
    i64::try_from(found).unwrap()
}

/// Waits until the word is in the database, or is not.
async fn settles(server: &Server, is_there: bool) {
    for _ in 0..300 {
        if holds(&kept(server).await, CANARY.as_bytes()) == is_there {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the word is in the database: {}", !is_there);
}

on_both! {
    async fn row_77_an_account_is_deleted_with_its_streams_and_its_words(engine: Engine) {
        let server = Server::start(engine, "words-5000@50").await;
        let ann = server.member("ann").await;
        let far = program(&server, "ann").await;
        let conversation = ann.conversation().await;
        ann.say(&conversation, "a word that nobody else says").await;
        let stream = ann.follow(&conversation, None).await;
        let request = ann.request(Method::DELETE, "/api/account");
        let request = request.json(&json!({ "current_password": PASSWORD }));
        let bye = request.send().await.unwrap();
        assert_eq!(bye.status(), 204);
        assert!(header(&bye, "set-cookie").contains("Max-Age=0"));
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!(far.renew(far.refresh()).await.status(), 401);
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 401);
        // The name and the address are free again, and the new account is an empty one.
        assert_eq!(register(&ann, &account("ann")).await.status(), 201);
        let list: Value = ann.get("/api/conversations").send().await.unwrap().json().await.unwrap();
        assert!(list["items"].as_array().unwrap().is_empty());
        let old = ann.get(&format!("/api/conversations/{conversation}")).send().await.unwrap();
        assert_eq!(old.status(), 404);
    }

    async fn row_77_nothing_of_a_deleted_account_is_kept(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = say(&ann).await;
        let title = json!({ "title": format!("title {CANARY}") });
        let renamed = ann.request(Method::PATCH, &format!("/api/conversations/{id}")).json(&title);
        assert_eq!(renamed.send().await.unwrap().status(), 200);
        let draft = [("text", CANARY), ("conversation_id", id.as_str())];
        let kept_draft = ann.post("/rpc/parlance_ui/rpc/drafts/save_draft").form(&draft).send().await.unwrap();
        assert_eq!(kept_draft.status(), 200);
        let key = json!({ "name": CANARY, "current_password": PASSWORD });
        assert_eq!(ann.post("/api/account/keys").json(&key).send().await.unwrap().status(), 201);
        let agent = ann.post("/api/auth/login").header("User-Agent", CANARY);
        let credentials = json!({ "email": email("ann"), "password": PASSWORD });
        assert_eq!(agent.json(&credentials).send().await.unwrap().status(), 200);
        // One in the bin as well.
        let binned = say(&ann).await;
        let delete = ann.request(Method::DELETE, &format!("/api/conversations/{binned}"));
        assert_eq!(delete.send().await.unwrap().status(), 204);
        let his = say(&bob).await;
        let delete = bob.request(Method::DELETE, &format!("/api/conversations/{his}"));
        settles(&server, true).await;
        let end = ann.request(Method::DELETE, "/api/account").json(&json!({ "current_password": PASSWORD }));
        assert_eq!(end.send().await.unwrap().status(), 204);
        // What is another's stays.
        assert!(holds(&kept(&server).await, CANARY.as_bytes()));
        assert_eq!(delete.send().await.unwrap().status(), 204);
        let end = bob.request(Method::DELETE, "/api/account").json(&json!({ "current_password": PASSWORD }));
        assert_eq!(end.send().await.unwrap().status(), 204);
        // The audit log knows devices by what they called themselves: who and when, and no content.
        let agents = number(&server, &format!("select count(*) from audit_events where user_agent = '{CANARY}'")).await;
        let mut all = kept(&server).await;
        // What was written ahead of the replies is swept by a task of its own.
        for _ in 0..300 {
            if times(&all) == agents {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            all = kept(&server).await;
        }
        let place = all.windows(CANARY.len()).position(|window| window == CANARY.as_bytes()).unwrap_or(0);
        let around = String::from_utf8_lossy(&all[place.saturating_sub(200)..(place + 200).min(all.len())]);
        assert_eq!(times(&all), agents, "the word is left in the database: {around}");
        for gone in [email("ann"), email("bob")] {
            assert!(!holds(&all, gone.as_bytes()), "{gone} is left in the database");
        }
    }

    /// The person was told that it is over, and cannot come in to say it again.
    async fn row_77_a_deletion_that_was_interrupted_is_finished(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let me: Value = ann.get("/api/user/me").send().await.unwrap().json().await.unwrap();
        let conversation = ann.conversation().await;
        ann.say(&conversation, "hello").await;
        // As a process leaves it that dies between the two.
        let (off, now) = match engine {
            Engine::Sqlite => ("0", "1"),
            Engine::Postgres => ("false", "now()"),
        };
        let mark = format!("update users set is_active = {off}, deletion_asked_at = {now} where username = 'ann'");
        assert_eq!(execute(&server, &mark).await.unwrap(), 1);
        let path = format!("/api/admin/users/{}", me["id"].as_str().unwrap());
        let back = root.request(Method::PATCH, &path).json(&json!({ "is_active": true }));
        assert_eq!(refused(back.send().await.unwrap(), 404).await, "not_found", "nobody takes it back");
        server.kill();
        server.restart();
        let mut left = -1;
        for _ in 0..250 {
            left = number(&server, "select count(*) from users where username = 'ann'").await;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(left, 0);
        for table in ["conversations", "messages", "generations"] {
            assert_eq!(number(&server, &format!("select count(*) from {table}")).await, 0, "{table}");
        }
    }

    async fn row_77_a_deleted_conversation_leaves_the_bin_for_good(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = say(&ann).await;
        settles(&server, true).await;
        let mut events = ann.follow(&id, None).await;
        let delete = ann.request(Method::DELETE, &format!("/api/conversations/{id}"));
        assert_eq!(delete.send().await.unwrap().status(), 204);
        let bye = loop {
            let event = events.next().await.expect("a goodbye before the end");
            if event.kind == "bye" {
                break event;
            }
        };
        assert_eq!(bye.data["reason"], "gone");
        assert!(events.next().await.is_none(), "the stream has ended");
        // As if it had been in the bin for its thirty days; what sweeps is at work from the start on.
        let back = match engine {
            Engine::Sqlite => "update conversations set deleted_at = deleted_at - 31 * 86400000000",
            Engine::Postgres => "update conversations set deleted_at = deleted_at - interval '31 days'",
        };
        assert_eq!(execute(&server, back).await.unwrap(), 1);
        server.kill();
        server.restart();
        settles(&server, false).await;
        for table in ["conversations", "messages", "generations"] {
            assert_eq!(number(&server, &format!("select count(*) from {table}")).await, 0, "{table}");
        }
    }

    async fn row_78_every_way_out_clears_what_the_browser_keeps(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let doors = [
            (Method::POST, "/api/auth/logout"),
            (Method::POST, "/api/user/logout"),
            (Method::POST, "/api/auth/logout/everywhere"),
            (Method::POST, "/rpc/parlance_ui/rpc/accounts/logout"),
            (Method::DELETE, "/api/account"),
            (Method::POST, "/rpc/parlance_ui/rpc/profile/delete_account"),
        ];
        for (number, (method, path)) in doors.into_iter().enumerate() {
            let ann = server.member(&format!("ann{number}")).await;
            let request = ann.request(method, path);
            let request = match path {
                "/api/account" => request.json(&json!({ "current_password": PASSWORD })),
                path if path.starts_with("/rpc/") => {
                    request.form(&[("current_password", PASSWORD), ("word", "delete")])
                }
                _ => request,
            };
            let bye = request.send().await.unwrap();
            let status = bye.status().as_u16();
            assert!(matches!(status, 200 | 204 | 303), "{status} for {path}");
            let told = header(&bye, "clear-site-data");
            for kind in ["\"cache\"", "\"storage\""] {
                assert!(told.contains(kind), "{path}: “{told}”");
            }
            assert!(header(&bye, "set-cookie").contains("Max-Age=0"), "{path}");
            assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "{path}");
        }
    }

    async fn row_86_what_waits_for_its_turn_does_not_begin_for_who_was_shut_out(engine: Engine) {
        // One reply at once, so that the second waits.
        let settings = [("PARLANCE_UPSTREAM_PERMITS", "1"), ("PARLANCE_USER_PERMITS", "1")];
        let mut server = Server::start_with(engine, "words-100000@20", &settings).await;
        let root = admin(&server).await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let (hers, his) = (ann.conversation().await, bob.conversation().await);
        let running = bob.say(&his, "for ever").await;
        let begun = server.upstream.wait_for(Duration::from_secs(10), |stats| stats.active_streams == 1).await;
        assert!(begun.is_ok(), "{begun:?}");
        ann.say(&hers, CANARY).await;
        let waiting = ann.open(&hers).await;
        assert!(waiting["active"].is_object(), "it waits: {waiting}");
        let shut = json!({ "is_active": false });
        assert_eq!(change(&root, &id_of(&ann).await, &shut).await.status(), 200);
        // What waits is taken out of the line beside the answer, not before it.
        let line = "select count(*) from generations where ended_at is null and user_id = \
                    (select id from users where username = 'ann')";
        for _ in 0..500 {
            if number(&server, line).await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(number(&server, line).await, 0, "hers still waits");
        // Now there is room.
        let path = format!("/api/generations/{}/stop", running["generation_id"].as_str().unwrap());
        assert!(bob.post(&path).send().await.unwrap().status().is_success());
        let free = server.upstream.wait_for(Duration::from_secs(10), |stats| stats.active_streams == 0).await;
        assert!(free.is_ok(), "{free:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(server.upstream.stats().requests, 1, "hers never reached the provider");
        // Nor when the process that knew of it is another.
        server.kill();
        server.restart();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(server.upstream.stats().requests, 1, "hers never reached the provider");
    }
}
