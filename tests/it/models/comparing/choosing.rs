//! Who may be asked beside whom, what that counts for, what doors ask that show one reply, and what waits meanwhile.

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::harness::{events::Events, fields, on_both, problem, refused};

on_both! {
    async fn who_may_be_asked_beside_whom(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-2", "words-3", "words-4"]).await;
        let talk = conversation(ann, &models[0]).await;
        let server = "00000000-0000-0000-0000-000000000000";
        let unknown = uuid::Uuid::now_v7().to_string();
        let bad = async |with: Value| fields(&problem(send(ann, &talk, json!({ "compare_with": with })).await, 422).await);
        assert_eq!(bad(json!([models[1], models[2], server])).await, ["compare_with too_long"]);
        assert_eq!(bad(json!([models[1], models[1]])).await, ["compare_with taken"]);
        assert_eq!(bad(json!([models[0]])).await, ["compare_with taken"]);
        assert_eq!(bad(json!([unknown])).await, ["model_config_id unknown"]);
        let bob = world.server.member("bob").await;
        let foreign = make(&bob, &world.draft()).await;
        assert_eq!(bad(json!([foreign])).await, ["model_config_id unknown"]);
        let path = format!("/api/v1/conversations/{talk}");
        let patch = async |with: Value| ann.request(Method::PATCH, &path).json(&with).send().await.unwrap();
        let refusal = patch(json!({ "compare_with": [models[0]], "title": "new" })).await;
        assert_eq!(fields(&problem(refusal, 422).await), ["compare_with taken"]);
        assert_ne!(ann.open(&talk).await["title"], "new", "nothing half-written");
        assert_eq!(ann.open(&talk).await["messages"], json!([]));

        // Remembered by the conversation; a message may say otherwise.
        let changed = told(patch(json!({ "compare_with": [models[1], server] })).await, 200).await;
        assert_eq!(changed["compare_with"], json!([models[1], server]));
        assert_eq!(ann.open(&talk).await["compare_with"], changed["compare_with"]);
        let lanes = async |more: Value| {
            let begun = told(send(ann, &talk, more).await, 202).await;
            let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
            let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
            let all = screen.replies.len();
            screen.read_until(&mut events, |screen| screen.ends.len() == all).await;
            all
        };
        assert_eq!(lanes(json!({})).await, 3);
        assert_eq!(lanes(json!({ "compare_with": [] })).await, 1);
        assert_eq!(lanes(json!({ "model_config_id": models[2] })).await, 1, "it names its own");
        told(patch(json!({ "model_config_id": models[1] })).await, 200).await;
        assert_eq!(lanes(json!({})).await, 2, "nobody is asked twice");
        told(patch(json!({ "compare_with": [] })).await, 200).await;
        assert_eq!(lanes(json!({})).await, 1);
        let made = json!({ "model_config_id": models[0], "compare_with": [models[2]] });
        let made = told(post(ann, "/api/v1/conversations", &made).await, 201).await;
        assert_eq!(made["compare_with"], json!([models[2]]));
    }

    async fn other_doors_ask_for_one_reply_and_a_second_lane_waits_for_its_permit(engine: Engine) {
        let world = World::with(engine, &[("PARLANCE_USER_PERMITS", "1")]).await;
        let ann = &world.ann;
        let models = models(&world, &["words-9@20", "words-4"]).await;
        let talk = conversation(ann, &models[0]).await;
        let path = format!("/api/v1/conversations/{talk}");
        let with = json!({ "compare_with": [models[1]], "when_busy": "queue" });
        told(ann.request(Method::PATCH, &path).json(&with).send().await.unwrap(), 200).await;
        let body = json!({ "conversation_id": talk, "message": "go" });
        let request = ann.post("/api/chat/send").header("Accept", "application/json");
        let replied = told(request.json(&body).send().await.unwrap(), 200).await;
        assert_eq!(replied["ai_response"].as_str().unwrap().split_whitespace().count(), 9);
        assert_eq!(ann.open(&talk).await.get("compared"), None, "a door that shows one reply asks for one");

        let request = ann.post("/api/chat/send").header("Accept", "text/event-stream");
        let mut events = Events::of(request.json(&body).send().await.unwrap());
        let mut screen = Screen::default();
        while let Some(event) = events.next().await {
            screen.apply(&event);
        }
        assert_eq!((screen.replies.len(), screen.ends.len()), (1, 1));

        // The native door brings all; what has no permit yet is queued.
        let body = json!({ "content": "go", "client_message_id": "all" });
        let request = ann.post(&format!("{path}/messages")).header("Accept", "text/event-stream");
        let mut events = Events::of(request.json(&body).send().await.unwrap());
        let (mut screen, mut queued) = (Screen::default(), false);
        while let Some(event) = events.next().await {
            queued |= event.kind == "status" && event.data["lane"] == 1 && event.data["status"] == "queued";
            screen.apply(&event);
        }
        assert!(queued);
        let words: Vec<_> = screen.texts().iter().map(|text| text.split_whitespace().count()).collect();
        assert_eq!((words, screen.ends.len()), (vec![9, 4], 2));

        // What is compared cannot wait.
        let slow = json!({ "content": "go", "client_message_id": "slow", "compare_with": [] });
        told(post(ann, &format!("{path}/messages"), &slow).await, 202).await;
        let busy = send(ann, &talk, json!({ "compare_with": [models[1]] })).await;
        assert_eq!(refused(busy, 409).await, "generation_active");
        let waits = told(send(ann, &talk, json!({ "compare_with": [] })).await, 202).await;
        assert_eq!(waits["waiting"], true);
        end_of(ann, &talk, &waits).await;
    }

    async fn a_message_counts_as_often_as_it_is_answered(engine: Engine) {
        let world = World::with(engine, &[("PARLANCE_RATE_USER_SENDS", "5")]).await;
        let models = models(&world, &["words-2", "words-3", "words-4"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let mut events = world.ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.ends.len() == 3).await;
        let alone = json!({ "compare_with": [] });
        let fourth = told(send(&world.ann, &talk, alone.clone()).await, 202).await;
        end_of(&world.ann, &talk, &fourth).await;
        let fifth = told(send(&world.ann, &talk, alone.clone()).await, 202).await;
        end_of(&world.ann, &talk, &fifth).await;
        assert_eq!(refused(send(&world.ann, &talk, alone).await, 429).await, "rate_limited");
    }

    async fn one_that_is_gone_keeps_nobody_from_asking_the_others(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-2", "words-3", "words-4"]).await;
        let talk = conversation(ann, &models[0]).await;
        let path = format!("/api/v1/conversations/{talk}");
        let with = json!({ "compare_with": models[1..] });
        told(ann.request(Method::PATCH, &path).json(&with).send().await.unwrap(), 200).await;
        let gone = ann.request(Method::DELETE, &format!("/api/v1/models/{}", models[1])).send().await.unwrap();
        assert_eq!(gone.status(), 204);
        let begun = told(send(ann, &talk, json!({})).await, 202).await;
        let beside = begun["beside"].as_array().unwrap();
        assert_eq!((beside.len(), &beside[0]["model_config_id"]), (1, &json!(models[2])));
    }

    async fn what_waits_goes_on_from_the_reply_that_is_kept(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-3", "words-7", "words-100000@50"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let path = format!("/api/v1/conversations/{talk}");
        let queue = json!({ "when_busy": "queue" });
        told(ann.request(Method::PATCH, &path).json(&queue).send().await.unwrap(), 200).await;
        let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.ends.len() == 2).await;
        let alone = json!({ "compare_with": [], "model_config_id": models[0] });
        let waits = told(send(ann, &talk, alone).await, 202).await;
        assert_eq!(waits["waiting"], true);
        told(keep(ann, &begun["beside"][0]["reply_message_id"]).await, 200).await;
        end_of(ann, &talk, &waits).await;
        let open = ann.open(&talk).await;
        let path: Vec<_> = open["messages"].as_array().unwrap().iter().map(|message| message["id"].clone()).collect();
        let kept = begun["beside"][0]["reply_message_id"].clone();
        assert_eq!(path[..3], [begun["message_id"].clone(), kept, waits["message_id"].clone()], "{open}");
    }
}
