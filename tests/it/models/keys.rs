//! Where keys go, and where they do not.

use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::*;
use crate::harness::{
    fields,
    intruder::{dump, execute, holds},
    on_both, problem, refused,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Somebody who sends everybody on to `to`; where it is.
async fn sending_on(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    place
}

on_both! {
    async fn a_key_goes_to_the_server_that_it_was_given_for_and_to_no_other(engine: Engine) {
        let other = Upstream::start().await;
        let world = World::begin(engine).await;
        let mut server = world.server;
        server.kill();
        let both = format!("{},{}", place(&world.upstream), place(&other));
        server.restart_with(&[("PARLANCE_EGRESS_ALLOW", &both)]);
        let ann = world.ann.at(&server.base);
        let draft = json!({
            "name": "Mine", "base_url": world.upstream.base_url(), "model": "as-said", "api_key": KEY,
        });
        let id = make(&ann, &draft).await;
        let one = format!("/api/v1/models/{id}");
        let mut moved = draft.clone();
        moved["base_url"] = json!(other.base_url());
        moved.as_object_mut().unwrap().remove("api_key");
        let refusal = put(&ann, &one, &moved).await;
        assert_eq!(fields(&problem(refusal, 422).await), ["api_key required"]);
        moved["id"] = json!(id);
        let refusal = post(&ann, "/api/v1/models/test", &moved).await;
        assert_eq!(fields(&problem(refusal, 422).await), ["api_key required"]);
        assert!(other.visits().is_empty());

        let talk = conversation(&ann, &id).await;
        say(&ann, &talk, "words-2", json!({})).await;
        assert_eq!(world.upstream.requests().pop().unwrap().authorization, Some(format!("Bearer {KEY}")));
        moved.as_object_mut().unwrap().remove("id");
        moved["api_key"] = json!("");
        told(put(&ann, &one, &moved).await, 200).await;
        say(&ann, &talk, "words-2", json!({})).await;
        let seen = other.requests().pop().unwrap();
        assert_eq!(seen.authorization, None, "and the server's own goes nowhere else");
        for seen in other.requests() {
            assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
        }
        assert!(server.upstream.requests().is_empty());
    }

    async fn a_key_is_in_no_text(engine: Engine) {
        let world = World::with(engine, &[("PARLANCE_LOG", "debug")]).await;
        let ann = &world.ann;
        let mut texts = Vec::new();
        let id = make(ann, &world.draft()).await;
        let talk = conversation(ann, &id).await;
        for words in ["words-2", "fault-401", "fault-500", "fault-key-echo", "fault-reset"] {
            let body = json!({ "content": words, "client_message_id": words });
            let path = format!("/api/v1/conversations/{talk}/messages");
            let begun = told(post(ann, &path, &body).await, 202).await;
            texts.push(end_of(ann, &talk, &begun).await.to_string());
        }
        for path in ["/api/v1/models", "/api/model_config", &format!("/api/v1/conversations/{talk}"), "/api/account/export"] {
            texts.push(ann.get(path).send().await.unwrap().text().await.unwrap());
        }
        let mut bad = world.draft();
        bad["api_key"] = json!(format!("{KEY} and more"));
        texts.push(post(ann, "/api/v1/models", &bad).await.text().await.unwrap());
        texts.push(world.server.log());
        for text in texts {
            assert!(!text.contains(KEY), "{text}");
        }
        let dump = dump(&world.server).await;
        assert!(!holds(&dump, KEY.as_bytes()), "the database holds the key");
        assert!(holds(&dump, b"6789"), "it would have been found");
    }

    async fn a_provider_that_sends_on_is_not_followed(engine: Engine) {
        let world = World::begin(engine).await;
        let inside = world.server.upstream.base_url();
        let place = sending_on(format!("{inside}/chat/completions")).await;
        let mut server = world.server;
        server.kill();
        server.restart_with(&[("PARLANCE_EGRESS_ALLOW", &place)]);
        let ann = world.ann.at(&server.base);
        let draft = json!({ "name": "M", "base_url": format!("http://{place}/v1"), "model": "m", "api_key": KEY });
        let id = make(&ann, &draft).await;
        let talk = conversation(&ann, &id).await;
        assert_eq!(say(&ann, &talk, "hello", json!({})).await["status"], "failed");
        let tried = post(&ann, &format!("/api/v1/models/{id}/test"), &json!({})).await;
        assert!(tried.status().as_u16() >= 500);
        assert!(server.upstream.visits().is_empty(), "nobody was led inside");

        // What was allowed once is looked at each time.
        server.kill();
        server.restart_with(&[("PARLANCE_EGRESS_ALLOW", "")]);
        let ann = ann.at(&server.base);
        let end = say(&ann, &talk, "again", json!({})).await;
        assert_eq!(end["error"]["code"], "endpoint_blocked", "{end}");
    }

    async fn a_new_master_key_while_a_reply_is_written_changes_nothing(engine: Engine) {
        let (old, new) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
        let keys = [("PARLANCE_MASTER_KEY", old.as_str()), ("PARLANCE_MASTER_KEY_NEXT", new.as_str())];
        let world = World::with(engine, &keys).await;
        let id = make(&world.ann, &world.draft()).await;
        let talk = conversation(&world.ann, &id).await;
        let begun = world.ann.say(&talk, "words-40@20").await;
        let rotated = world.server.run(&["keys", "rotate"]);
        assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
        assert_eq!(end_of(&world.ann, &talk, &begun).await["status"], "completed");

        let mut server = world.server;
        server.kill();
        server.restart_with(&[("PARLANCE_MASTER_KEY", &new), ("PARLANCE_MASTER_KEY_NEXT", "")]);
        let ann = world.ann.at(&server.base);
        assert_eq!(say(&ann, &talk, "words-2", json!({})).await["status"], "completed");
        assert_eq!(world.upstream.requests().pop().unwrap().authorization, Some(format!("Bearer {KEY}")));
    }

    async fn a_key_that_somebody_redirects_in_the_database_does_not_open(engine: Engine) {
        let world = World::begin(engine).await;
        let mut second = world.draft();
        second["name"] = json!("Second");
        let ids = [make(&world.ann, &world.draft()).await, make(&world.ann, &second).await];
        let talks = [conversation(&world.ann, &ids[0]).await, conversation(&world.ann, &ids[1]).await];
        let before = world.upstream.visits().len();
        let elsewhere = "update model_configs set base_url = 'https://llm.example/v1' where name = 'Mine'";
        let swapped = "update model_configs set api_key = (select o.api_key from model_configs o where o.name = 'Mine') \
            where name = 'Second'";
        assert_eq!(execute(&world.server, elsewhere).await.unwrap(), 1);
        assert_eq!(execute(&world.server, swapped).await.unwrap(), 1);
        // What was opened before goes on to where it was opened for; another process knows nothing of that.
        let mut server = world.server;
        server.kill();
        server.restart();
        let ann = world.ann.at(&server.base);
        for (talk, id) in talks.iter().zip(&ids) {
            let body = json!({ "content": "hello", "client_message_id": talk.replace('-', "") });
            let path = format!("/api/v1/conversations/{talk}/messages");
            assert_eq!(refused(post(&ann, &path, &body).await, 409).await, "model_unavailable");
            assert!(ann.open(talk).await["messages"].as_array().unwrap().is_empty(), "nothing half-written");
            let tried = post(&ann, &format!("/api/v1/models/{id}/test"), &json!({})).await;
            assert_eq!(refused(tried, 409).await, "model_unavailable");
        }
        assert_eq!(world.upstream.visits().len(), before);
    }
}
