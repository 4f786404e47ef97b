//! Taking everything along, and the end of an account.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{account, cut, program, register, sign_in};
use crate::harness::{
    Engine, Server,
    browser::{PASSWORD, email},
    header, on_both,
};

on_both! {
    async fn an_export_holds_what_the_person_said_and_no_secret(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let bob = server.member("bob").await;
        let theirs = bob.conversation().await;
        bob.say(&theirs, "a secret of Bob").await;
        for number in 0..3 {
            let conversation = ann.conversation().await;
            ann.say(&conversation, &format!("word {number}")).await;
            while ann.open(&conversation).await["messages"].as_array().unwrap().len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let response = ann.get("/api/account/export").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(header(&response, "content-disposition").starts_with("attachment"));
        let text = response.text().await.unwrap();
        let export: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(export["account"]["username"], "ann");
        let conversations = export["conversations"].as_array().unwrap();
        assert_eq!(conversations.len(), 3);
        for conversation in conversations {
            let messages = conversation["messages"].as_array().unwrap();
            let roles: Vec<_> = messages.iter().map(|one| one["role"].as_str().unwrap()).collect();
            assert_eq!(roles, ["user", "assistant"]);
        }
        for absent in ["Bob", "argon2", "pla_", "plr_"] {
            assert!(!text.contains(absent), "{absent}");
        }
    }

    async fn an_account_is_deleted_with_its_streams_and_its_words(engine: Engine) {
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
}
