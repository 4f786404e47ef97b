//! The same in the words of other front ends.

use serde_json::json;

use super::*;
use crate::harness::{fields, on_both, problem, refused};

on_both! {
    async fn other_front_ends_ask_first_and_then_make_change_and_delete(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let may = told(post(ann, "/api/model_config/can_create", &json!({ "count": 4 })).await, 200).await;
        assert_eq!(may, json!({ "success": true, "can_create": true }));
        let body = json!({
            "name": "Mine", "url": world.upstream.base_url(), "model_name": "as-said", "api_key": KEY,
            "params": { "temperature": 0.25, "top_k": 4 },
        });
        let made = told(post(ann, "/api/model_config/create", &body).await, 200).await;
        let id = made["model_config"]["id"].clone();
        assert_eq!(made["model_config"]["key_hint"], "6789");
        assert!(!made.to_string().contains(KEY));
        let change = json!({ "id": id, "name": "Ours" });
        let changed = told(post(ann, "/api/model_config/update", &change).await, 200).await;
        assert_eq!((&changed["model_config"]["name"], &changed["model_config"]["key_hint"]), (&json!("Ours"), &json!("6789")));
        let list = read(ann, "/api/model_config").await;
        assert_eq!(list["model_configs"][1], changed["model_config"]);

        let begun = told(post(ann, "/api/conversation/create", &json!({ "model_config_id": id })).await, 200).await;
        let talk = begun["conversation_id"].as_str().unwrap();
        assert_eq!(say(ann, talk, "words-2", json!({})).await["status"], "completed");
        let seen = world.seen().body;
        assert_eq!((&seen["temperature"], &seen["top_k"]), (&json!(0.25), &json!(4)));

        let unknown = json!({ "ids": [id, uuid::Uuid::now_v7()] });
        assert_eq!(refused(post(ann, "/api/model_config/delete", &unknown).await, 404).await, "not_found");
        assert_eq!(read(ann, "/api/model_config").await, list, "all or none");
        assert_eq!(told(post(ann, "/api/model_config/delete", &json!({ "ids": [id] })).await, 200).await["success"], true);
        let bad = json!({ "name": "N", "url": "nowhere", "model": "m" });
        let refusal = post(ann, "/api/model_config/create", &bad).await;
        assert_eq!(fields(&problem(refusal, 422).await), ["url malformed"]);
    }
}
