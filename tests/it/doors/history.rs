//! `GET /api/chat/history`: messages of a session or of all, by page.

use serde_json::{Value, json};

use super::{get, post, turn};
use crate::harness::{Engine, Server, fields, on_both, problem};

fn texts(page: &Value) -> Vec<&str> {
    let messages = page["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

on_both! {
    async fn of_one_session_or_of_all_the_newest_first(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let (one, two) = (ann.conversation().await, ann.conversation().await);
        let empty = get(&ann, "/api/chat/history").await;
        assert_eq!(empty, json!({ "success": true, "messages": [], "total": 0, "page": 1 }));
        turn(&ann, &one, "a").await;
        let role = json!({ "message": "b", "session_id": two, "role_id": "tech_expert" });
        post(&ann, "/api/chat/send", &role).await.text().await.unwrap();
        turn(&ann, &one, "c").await;
        turn(&bob, &bob.conversation().await, "his").await;

        let all = get(&ann, "/api/chat/history").await;
        assert_eq!((texts(&all), &all["total"], &all["page"]), (vec!["c", "c", "b", "b", "a", "a"], &json!(6), &json!(1)));
        let session = get(&ann, &format!("/api/v1/chat/history?session_id={one}")).await;
        assert_eq!((texts(&session), &session["total"]), (vec!["c", "c", "a", "a"], &json!(4)));
        let types: Vec<_> = session["messages"].as_array().unwrap().iter().map(|one| one["message_type"].as_str().unwrap()).collect();
        assert_eq!(types, ["assistant", "user", "assistant", "user"]);

        let reply = &get(&ann, &format!("/api/chat/history?session_id={two}")).await["messages"][0];
        assert_eq!(reply["session_id"], two.as_str());
        assert!(reply["tokens_used"].as_i64().unwrap() > 0, "{reply}");
        assert!(reply["response_time"].is_u64() && reply["role_id"].is_string(), "{reply}");
        assert!(reply["user_id"].is_string() && reply["created_at"].as_str().unwrap().ends_with('Z'));

        // What is deleted is not there any more.
        let path = format!("/api/conversations/{one}");
        ann.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(get(&ann, "/api/chat/history").await["total"], 2);
        let gone = ann.get(&format!("/api/chat/history?session_id={one}")).send().await.unwrap();
        assert_eq!(problem(gone, 404).await["success"], false);
    }

    async fn pages_have_twenty_unless_told_and_never_overlap(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        for number in 0..12 {
            turn(&ann, &session, &format!("m{number}")).await;
        }
        let first = get(&ann, "/api/chat/history").await;
        assert_eq!((texts(&first).len(), &first["total"]), (20, &json!(24)));
        let mut seen = Vec::new();
        for page in 1..=5 {
            let page = get(&ann, &format!("/api/chat/history?session_id={session}&page={page}&limit=5")).await;
            assert_eq!(page["total"], 24);
            seen.extend(page["messages"].as_array().unwrap().iter().map(|one| one["id"].to_string()));
        }
        assert_eq!(seen.len(), 24);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 24);
        let beyond = get(&ann, "/api/chat/history?page=4294967295&limit=100").await;
        assert_eq!((texts(&beyond).len(), &beyond["total"], &beyond["page"]), (0, &json!(24), &json!(4_294_967_295_u32)));
    }
}

#[tokio::test]
async fn only_the_owner_reads_and_only_sane_pages() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let session = ann.conversation().await;
    turn(&ann, &session, "secret").await;
    let ask = async |browser: &crate::harness::Browser, query: &str| {
        browser
            .get(&format!("/api/chat/history{query}"))
            .send()
            .await
            .unwrap()
    };
    assert_eq!(get(&bob, "/api/chat/history").await["total"], 0);
    let foreign = problem(ask(&bob, &format!("?session_id={session}")).await, 404).await;
    assert_eq!(
        (&foreign["code"], &foreign["success"]),
        (&json!("not_found"), &json!(false))
    );
    assert_eq!(
        problem(ask(&server.visitor(), "").await, 401).await["success"],
        false
    );
    for (query, expected) in [
        ("?page=0", "page malformed"),
        ("?page=-1", "page malformed"),
        ("?limit=0", "limit malformed"),
        ("?limit=101", "limit malformed"),
        ("?limit=ten", "limit malformed"),
        ("?session_id=mine", "session_id malformed"),
    ] {
        assert_eq!(
            fields(&problem(ask(&ann, query).await, 422).await),
            [expected],
            "{query}"
        );
    }
}
