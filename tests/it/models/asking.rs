//! What is asked, of whom and how, and what a reply remembers of it.

use reqwest::Method;
use serde_json::json;

use super::*;
use crate::harness::{fields, on_both, problem, refused};

on_both! {
    async fn a_conversation_asks_what_it_chose_and_a_message_what_it_names(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let mut draft = world.draft();
        draft["price_in"] = json!(2);
        draft["price_out"] = json!(10.5);
        draft["parameters"] = json!({ "temperature": 0.2, "seed": 7, "extra": { "top_k": 3 } });
        let id = make(ann, &draft).await;
        let talk = conversation(ann, &id).await;
        let end = say(ann, &talk, "words-20", json!({})).await;
        let reply = &end["message"];
        assert_eq!((&reply["model_config_id"], &reply["model"]), (&json!(id), &json!("as-said")));
        let (asked, said) = (&reply["usage"]["prompt_tokens"], &reply["usage"]["completion_tokens"]);
        let cost = asked.as_i64().unwrap() as f64 * 2.0 + said.as_i64().unwrap() as f64 * 10.5;
        assert_eq!(reply["cost_micros"].as_i64().unwrap(), cost.round() as i64);
        assert!(reply["first_token_ms"].is_i64() && reply["response_ms"].is_i64(), "{reply}");
        assert_eq!(reply["finish_reason"], "stop");
        let open = ann.open(&talk).await;
        assert_eq!(open["messages"][1], *reply, "as it was stored");
        let body = world.seen().body;
        assert_eq!((&body["temperature"], &body["seed"], &body["top_k"]), (&json!(0.2), &json!(7), &json!(3)));

        // For one message alone: another model, and other parameters.
        let server = "00000000-0000-0000-0000-000000000000";
        let end = say(ann, &talk, "hello", json!({ "model_config_id": server })).await;
        assert_eq!(end["message"].get("model_config_id"), None);
        assert_eq!(end["message"].get("cost_micros"), None);
        let seen = world.server.upstream.requests().pop().unwrap();
        assert_eq!(seen.model, "words-1");
        assert_eq!(seen.body.get("temperature"), None, "nor does it get what belongs to another");
        let free = json!({ "extra": { "models": ["dear"] } });
        say(ann, &talk, "hello", json!({ "model_config_id": server, "parameters": free })).await;
        let seen = world.server.upstream.requests().pop().unwrap();
        assert_eq!(seen.body.get("models"), None, "whose key it is says what goes along");
        say(ann, &talk, "words-2", json!({ "parameters": free })).await;
        assert_eq!(world.seen().body["models"], json!(["dear"]));
        say(ann, &talk, "words-2", json!({ "parameters": { "temperature": 0.9, "stop": ["END"] } })).await;
        let body = world.seen().body;
        assert_eq!((&body["temperature"], &body["stop"], &body["seed"]), (&json!(0.9), &json!(["END"]), &json!(7)));

        // Remembered by the conversation, over those of the configuration.
        let path = format!("/api/v1/conversations/{talk}");
        let change = json!({ "parameters": { "temperature": 1.5, "max_tokens": 99, "reasoning_effort": "low" } });
        let changed = told(ann.request(Method::PATCH, &path).json(&change).send().await.unwrap(), 200).await;
        assert_eq!(changed["parameters"], change["parameters"]);
        assert_eq!(ann.open(&talk).await["parameters"], change["parameters"]);
        let end = say(ann, &talk, "words-2", json!({})).await;
        let body = world.seen().body;
        assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(1.5), &json!(99)));
        assert_eq!(body["reasoning_effort"], "low");

        // Another reply, by another.
        let asked = world.server.upstream.requests().len();
        let again = format!("/api/v1/messages/{}/regenerate", end["message"]["id"].as_str().unwrap());
        let begun = told(post(ann, &again, &json!({ "model_config_id": server })).await, 202).await;
        end_of(ann, &talk, &begun).await;
        assert_eq!(world.server.upstream.requests().len(), asked + 1);

        // Switched in the middle, for good.
        let change = json!({ "model_config_id": null });
        let changed = told(ann.request(Method::PATCH, &path).json(&change).send().await.unwrap(), 200).await;
        assert_eq!(changed["model_config_id"], json!(null));
        say(ann, &talk, "words-2", json!({})).await;
        assert_eq!(world.server.upstream.requests().len(), asked + 2);
        let bad = json!({ "parameters": { "top_p": 2 }, "title": "new" });
        let refusal = ann.request(Method::PATCH, &path).json(&bad).send().await.unwrap();
        assert_eq!(fields(&problem(refusal, 422).await), ["parameters.top_p malformed"]);
        assert_ne!(ann.open(&talk).await["title"], "new", "nothing half-written");
    }

    async fn every_kind_is_told_the_parameters_in_its_own_words(engine: Engine) {
        let world = World::begin(engine).await;
        let parameters = json!({
            "temperature": 0.5, "top_p": 0.9, "max_tokens": 50, "presence_penalty": 1, "frequency_penalty": -1,
            "stop": ["END"], "seed": 7,
        });
        let upstream = &world.upstream;
        for (kind, url) in [
            ("openai", upstream.base_url()),
            ("anthropic", upstream.anthropic_url()),
            ("gemini", upstream.gemini_url()),
            ("agent", upstream.agent_url()),
        ] {
            let mut draft = world.draft();
            draft["kind"] = json!(kind);
            draft["base_url"] = json!(url);
            draft["parameters"] = parameters.clone();
            let (by_hand, value) = match kind {
                "gemini" => ("safetySettings", json!([])),
                "agent" => ("reasoning_effort", json!("low")),
                _ => ("service_tier", json!("flex")),
            };
            draft["parameters"]["extra"] = json!({ by_hand: value });
            let id = make(&world.ann, &draft).await;
            told(post(&world.ann, &format!("/api/v1/models/{id}/test"), &json!({})).await, 200).await;
            let talk = conversation(&world.ann, &id).await;
            let end = say(&world.ann, &talk, "words-3", json!({})).await;
            assert_eq!(end["status"], "completed", "{kind}: {end}");
            let seen = world.seen();
            assert!(format!("{seen:?}").contains(KEY), "{kind}");
            let body = &seen.body;
            assert_eq!(body[by_hand], value, "{kind}");
            let config = &body["generationConfig"];
            let (read, wanted) = match kind {
                "anthropic" => (
                    json!([body["temperature"], body["top_p"], body["max_tokens"], body["stop_sequences"]]),
                    json!([0.5, 0.9, 50, ["END"]]),
                ),
                "gemini" => (
                    json!([config["temperature"], config["topP"], config["maxOutputTokens"], config["stopSequences"],
                        config["presencePenalty"], config["frequencyPenalty"], config["seed"]]),
                    json!([0.5, 0.9, 50, ["END"], 1.0, -1.0, 7]),
                ),
                _ => (
                    json!([body["temperature"], body["top_p"], body["max_tokens"], body["stop"],
                        body["presence_penalty"], body["frequency_penalty"], body["seed"]]),
                    json!([0.5, 0.9, 50, ["END"], 1.0, -1.0, 7]),
                ),
            };
            assert_eq!(read, wanted, "{kind}");
        }
    }

    async fn a_model_that_vanished_is_told_of_and_nobody_else_is_asked(engine: Engine) {
        let world = World::with(engine, &[("PARLANCE_USER_PERMITS", "1")]).await;
        let ann = &world.ann;
        let (first, second) = (make(ann, &world.draft()).await, make(ann, &world.draft()).await);
        let (talk, other) = (conversation(ann, &first).await, conversation(ann, &second).await);
        let running = ann.say(&talk, "words-100000@50").await;
        let queued = ann.say(&other, "words-2").await;
        let gone = post(ann, "/api/model_config/delete", &json!({ "ids": [second] })).await;
        assert_eq!(gone.status(), 200);
        let stop = format!("/api/v1/generations/{}/stop", running["generation_id"].as_str().unwrap());
        assert_eq!(post(ann, &stop, &json!({})).await.status(), 200);
        let end = end_of(ann, &other, &queued).await;
        assert_eq!((&end["status"], &end["error"]["code"]), (&json!("failed"), &json!("model_unavailable")));

        let before = ann.open(&other).await;
        assert_eq!(before["model_config_id"], second, "the choice stands until there is another");
        let body = json!({ "content": "hello", "client_message_id": "later" });
        let path = format!("/api/v1/conversations/{other}/messages");
        assert_eq!(refused(post(ann, &path, &body).await, 409).await, "model_unavailable");
        assert_eq!(ann.open(&other).await, before, "nothing half-written");
        assert!(world.server.upstream.requests().is_empty(), "nobody else was asked");
        let change = json!({ "model_config_id": first });
        told(ann.request(Method::PATCH, &format!("/api/v1/conversations/{other}")).json(&change).send().await.unwrap(), 200).await;
        assert_eq!(say(ann, &other, "words-2", json!({})).await["status"], "completed");
    }

    async fn what_waited_while_the_server_died_asks_what_it_was_begun_with(engine: Engine) {
        let world = World::with(engine, &[("PARLANCE_USER_PERMITS", "1"), ("PARLANCE_AUTO_CONTINUE", "off")]).await;
        let ann = &world.ann;
        let id = make(ann, &world.draft()).await;
        let running = ann.conversation().await;
        let talk = conversation(ann, &id).await;
        let hold = conversation(ann, &id).await;
        ann.say(&hold, "words-100000@50").await;
        let body = json!({ "content": "words-3", "client_message_id": "w", "parameters": { "temperature": 0.3 } });
        let queued = told(post(ann, &format!("/api/v1/conversations/{talk}/messages"), &body).await, 202).await;
        let mut server = world.server;
        server.kill();
        world.upstream.reset();
        server.restart();
        let ann = ann.at(&server.base);
        let end = end_of(&ann, &talk, &queued).await;
        assert_eq!(end["status"], "completed", "{end}");
        assert_eq!(end["message"]["model_config_id"], id);
        let seen = world.upstream.requests().pop().unwrap();
        assert_eq!((&seen.body["temperature"], seen.authorization), (&json!(0.3), Some(format!("Bearer {KEY}"))));
        drop(running);
    }

    async fn a_key_that_comes_with_a_message_goes_with_it(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let talk = ann.conversation().await;
        let body = json!({
            "conversation_id": talk, "message": "words-4", "model_url": world.upstream.base_url(),
            "model_name": "as-said", "model_api_key": KEY, "params": { "temperature": 0.4, "top_k": 2 },
        });
        let request = ann.post("/api/chat/send").header("Accept", "application/json");
        let replied = told(request.json(&body).send().await.unwrap(), 200).await;
        assert_eq!(replied["success"], true);
        let seen = world.seen();
        assert_eq!(seen.authorization, Some(format!("Bearer {KEY}")));
        assert_eq!((&seen.body["temperature"], &seen.body["top_k"]), (&json!(0.4), &json!(2)));
        assert_eq!(ann.open(&talk).await["model_config_id"], json!(null));
        assert!(!world.server.log().contains(KEY));
        let dump = crate::harness::intruder::dump(&world.server).await;
        assert!(!crate::harness::intruder::holds(&dump, KEY.as_bytes()));

        let mut inside = body.clone();
        inside["model_url"] = json!(world.server.upstream.base_url());
        let request = ann.post("/api/chat/send").json(&inside);
        assert_eq!(refused(request.send().await.unwrap(), 403).await, "endpoint_blocked");
        let root = crate::accounts::setup::admin(&world.server).await;
        let limits = json!({ "own_endpoints": false, "model_configs": 5 });
        told(put(&root, "/api/admin/groups/user", &limits).await, 200).await;
        let request = ann.post("/api/chat/send").json(&body);
        assert_eq!(refused(request.send().await.unwrap(), 403).await, "forbidden");
        assert!(world.server.upstream.requests().is_empty());
    }
}
