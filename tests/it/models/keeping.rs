//! Making, reading, changing, deleting: whose configurations are whose, and how many there may be.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::*;
use crate::{
    accounts::setup::admin,
    harness::{fields, on_both, problem, refused},
};

const INSTALLATION: &str = "00000000-0000-0000-0000-000000000000";

on_both! {
    async fn a_configuration_is_made_changed_tried_and_deleted(engine: Engine) {
        let world = World::begin(engine).await;
        let (ann, bob) = (&world.ann, world.server.member("bob").await);
        let made = told(post(ann, "/api/v1/models", &world.draft()).await, 201).await;
        let id = made["id"].as_str().unwrap();
        assert_eq!((&made["key_hint"], &made["shared"]), (&json!("6789"), &json!(false)));
        assert!(!made.to_string().contains(KEY));

        let list = read(ann, "/api/v1/models").await;
        assert_eq!(list["items"][0]["id"], INSTALLATION);
        assert_eq!(list["items"][1], made);
        assert_eq!(list["quota"], json!({ "own": 1, "limit": 5, "can_create": true }));
        let of_bob = read(&bob, "/api/v1/models").await;
        assert_eq!(of_bob["items"].as_array().unwrap().len(), 1, "only hers");

        let one = format!("/api/v1/models/{id}");
        let tried = told(post(ann, &format!("{one}/test"), &json!({})).await, 200).await;
        assert!(tried["models"].as_array().unwrap().len() > 1, "{tried}");

        let mut other = world.draft();
        other.as_object_mut().unwrap().remove("api_key");
        other["name"] = json!("Nora's");
        other["parameters"] = json!({ "temperature": 0.5 });
        other["price_in"] = json!(2.5);
        let changed = told(put(ann, &one, &other).await, 200).await;
        assert_eq!(changed["key_hint"], "6789", "it stays");
        assert_eq!(changed["price_in"], 2.5);
        assert_eq!(read(ann, &one).await, changed);
        other["api_key"] = json!("");
        assert_eq!(told(put(ann, &one, &other).await, 200).await.get("key_hint"), None);

        for answer in [
            bob.get(&one).send().await.unwrap(),
            put(&bob, &one, &other).await,
            post(&bob, &format!("{one}/test"), &json!({})).await,
            bob.request(Method::DELETE, &one).send().await.unwrap(),
            post(&bob, "/api/model_config/delete", &json!({ "ids": [id] })).await,
        ] {
            assert_eq!(refused(answer, 404).await, "not_found");
        }
        let body = json!({ "model_config_id": id });
        let chosen = post(&bob, "/api/v1/conversations", &body).await;
        assert_eq!(fields(&problem(chosen, 422).await), ["model_config_id unknown"]);

        assert_eq!(ann.request(Method::DELETE, &one).send().await.unwrap().status(), 204);
        assert_eq!(refused(ann.get(&one).send().await.unwrap(), 404).await, "not_found");
        let own = format!("/api/v1/models/{INSTALLATION}");
        assert_eq!(refused(ann.request(Method::DELETE, &own).send().await.unwrap(), 403).await, "forbidden");
    }

    async fn a_group_may_have_so_many_and_no_more(engine: Engine) {
        let world = World::begin(engine).await;
        let root = admin(&world.server).await;
        let limit = |most, own| json!({
            "model_configs": most, "own_endpoints": own, "requests_per_minute": null, "tokens_per_day": null,
        });
        told(put(&root, "/api/admin/groups/user", &limit(2, true)).await, 200).await;
        let draft = world.draft();
        let tries = (0..6).map(|_| async { post(&world.ann, "/api/v1/models", &draft).await.status().as_u16() });
        let mut answers = join_all(tries).await;
        answers.sort_unstable();
        assert_eq!(answers, [201, 201, 403, 403, 403, 403], "however fast they come");
        let refusal = post(&world.ann, "/api/v1/models", &draft).await;
        assert_eq!(refused(refusal, 403).await, "model_limit");
        let quota = told(post(&world.ann, "/api/v1/models/can_create", &json!({})).await, 200).await;
        assert_eq!(quota, json!({ "own": 2, "limit": 2, "can_create": false }));

        told(put(&root, "/api/admin/groups/user", &limit(9, false)).await, 200).await;
        let refusal = post(&world.ann, "/api/v1/models", &draft).await;
        assert_eq!(refused(refusal, 403).await, "model_limit");
        let list = read(&world.ann, "/api/v1/models").await;
        let id = list["items"][1]["id"].as_str().unwrap();
        let body = json!({ "model_config_id": id });
        let refusal = post(&world.ann, "/api/v1/conversations", &body).await;
        assert_eq!(refused(refusal, 403).await, "forbidden", "what there was is not asked any more");
        let tried = post(&world.ann, "/api/v1/models/test", &draft).await;
        assert_eq!(refused(tried, 403).await, "model_limit");
    }

    async fn everybodys_are_the_admins_and_tell_others_no_address(engine: Engine) {
        let world = World::begin(engine).await;
        let (ann, root) = (&world.ann, admin(&world.server).await);
        let mut body = world.draft();
        body["shared"] = json!(true);
        body["parameters"] = json!({ "extra": { "user": "our-team" } });
        assert_eq!(refused(post(ann, "/api/v1/models", &body).await, 403).await, "forbidden");
        let id = make(&root, &body).await;
        let one = format!("/api/v1/models/{id}");
        let seen = read(ann, &one).await;
        assert_eq!((&seen["shared"], &seen["editable"]), (&json!(true), &json!(false)));
        for hidden in ["127.0.0.1", "6789", "our-team"] {
            assert!(!seen.to_string().contains(hidden), "{seen}");
        }
        assert_eq!(read(&root, &one).await["key_hint"], "6789");
        for answer in [
            put(ann, &one, &world.draft()).await,
            post(ann, &format!("{one}/test"), &json!({})).await,
            ann.request(Method::DELETE, &one).send().await.unwrap(),
        ] {
            assert_eq!(refused(answer, 403).await, "forbidden");
        }
        let talk = conversation(ann, &id).await;
        assert_eq!(say(ann, &talk, "words-3", json!({})).await["status"], "completed");
        let seen = world.seen();
        assert_eq!(seen.authorization, Some(format!("Bearer {KEY}")));
        assert_eq!(seen.body["user"], "our-team");
    }

    async fn who_writes_later_than_somebody_else_is_told_so(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let id = make(ann, &world.draft()).await;
        let one = format!("/api/v1/models/{id}");
        let seen = read(ann, &one).await["updated_at"].clone();
        let named = |name: &str, seen: Option<&Value>| {
            let mut body = world.draft();
            body["name"] = json!(name);
            if let Some(seen) = seen {
                body["updated_at"] = seen.clone();
            }
            body
        };
        let (first, second) = (named("First", Some(&seen)), named("Second", Some(&seen)));
        let (first, second) = tokio::join!(put(ann, &one, &first), put(ann, &one, &second));
        let (won, lost) = match first.status().as_u16() {
            200 => (first, second),
            _ => (second, first),
        };
        let won = told(won, 200).await;
        assert_eq!(refused(lost, 409).await, "conflict");
        assert_eq!(read(ann, &one).await, won, "nothing of the other");
        assert_eq!(refused(put(ann, &one, &named("Third", Some(&seen))).await, 409).await, "conflict");
        assert_eq!(told(put(ann, &one, &named("Third", Some(&won["updated_at"]))).await, 200).await["name"], "Third");
        assert_eq!(told(put(ann, &one, &named("Last", None)).await, 200).await["name"], "Last", "who does not ask wins");
        let odd = put(ann, &one, &named("Odd", Some(&json!("yesterday")))).await;
        assert_eq!(odd.status(), 422);
    }

    async fn two_tabs_that_save_one_form_lose_nothing_unseen(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let id = make(ann, &world.draft()).await;
        let page = format!("/models/{id}");
        let name = async || read(ann, &format!("/api/v1/models/{id}")).await["name"].clone();
        let early = ann.page(&page).await.form("form.model-form");
        let late = early.clone();
        assert_eq!(ann.go(&early.with("sheet[name]", "Early")).await.text(".notice"), "The model is saved.");

        let late = late.with("sheet[name]", "Late").with("sheet[parameters][seed]", "7");
        let refused = ann.go(&late).await;
        assert!(refused.text(".notice").contains("changed elsewhere"), "{}", refused.source);
        let again = refused.form("form.model-form");
        assert_eq!(again.value("sheet[name]"), Some("Late"), "what was typed");
        assert_eq!(again.value("sheet[parameters][seed]"), Some("7"));
        assert_eq!(name().await, "Early");
        // Another problem in between is no look at what the other tab has done.
        let wrong = ann.go(&late.with("sheet[name]", " ")).await;
        assert!(wrong.text(".notice").contains("changed elsewhere"), "{}", wrong.source);
        let saved = ann.go(&again).await;
        assert_eq!(saved.text(".notice"), "The model is saved.", "who was told so means it");
        assert_eq!(name().await, "Late");

        // What came back for another reason is still of what it was made of.
        let form = ann.page(&page).await.form("form.model-form");
        let back = ann.go(&form.with("sheet[name]", " ")).await;
        assert_eq!(back.texts(".field-error").len(), 1, "{}", back.source);
        told(put(ann, &format!("/api/v1/models/{id}"), &world.draft()).await, 200).await;
        let refused = ann.go(&back.form("form.model-form").with("sheet[name]", "Mended")).await;
        assert!(refused.text(".notice").contains("changed elsewhere"), "{}", refused.source);
        assert_eq!(name().await, "Mine");
    }

    async fn what_admins_do_with_everybodys_is_written_down(engine: Engine) {
        let world = World::begin(engine).await;
        let (ann, root) = (&world.ann, admin(&world.server).await);
        let noted = async || {
            let log = read(&root, "/api/admin/audit").await;
            let rows = log["items"].as_array().unwrap().iter();
            let rows = rows.filter(|row| row["kind"].as_str().unwrap().starts_with("shared_model_"));
            rows.cloned().collect::<Vec<_>>()
        };
        // Their own are their own.
        let own = make(ann, &world.draft()).await;
        told(put(ann, &format!("/api/v1/models/{own}"), &world.draft()).await, 200).await;
        let mut body = world.draft();
        body["shared"] = json!(true);
        let id = make(&root, &body).await;
        let one = format!("/api/v1/models/{id}");
        let mut other = world.draft();
        other["name"] = json!("Team");
        other["parameters"] = json!({ "temperature": 0.5 });
        told(put(&root, &one, &other).await, 200).await;
        assert_eq!(refused(put(ann, &one, &other).await, 403).await, "forbidden");
        let both = json!({ "ids": [id, id] });
        told(post(&root, "/api/model_config/delete", &both).await, 200).await;
        assert_eq!(ann.request(Method::DELETE, &format!("/api/v1/models/{own}")).send().await.unwrap().status(), 204);

        let rows = noted().await;
        let told: Vec<_> = rows.iter().map(|row| (row["kind"].as_str().unwrap(), &row["notes"])).collect();
        let expected = [
            ("shared_model_deleted", &json!({ "name": "Team" })),
            ("shared_model_changed", &json!({ "name": "Team", "fields": "name api_key parameters" })),
            ("shared_model_made", &json!({ "name": "Mine" })),
        ];
        assert_eq!(told, expected, "the newest first");
        for row in &rows {
            assert_eq!((&row["subject"], row["user_id"].is_string()), (&json!(id), true), "{row}");
            assert!(row["address"].is_string(), "{row}");
            assert!(!row.to_string().contains("canary"), "{row}");
            // In the rest four digits may stand by chance.
            assert!(!row["notes"].to_string().contains("6789"), "{row}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_configuration_is_told_by_field() {
    let world = World::begin(Engine::Sqlite).await;
    let with = |field: &str, value: Value| {
        let mut body = world.draft();
        body[field] = value;
        body
    };
    for (body, told) in [
        (with("name", json!(" ")), "name required"),
        (with("name", json!("n".repeat(101))), "name too_long"),
        (with("model", json!("")), "model required"),
        (with("kind", json!("mock")), "kind malformed"),
        (with("api_key", json!("two words")), "api_key malformed"),
        (with("base_url", json!("no address")), "base_url malformed"),
        (
            with("base_url", json!("https://me:pw@llm.example/v1")),
            "base_url malformed",
        ),
        (
            with("base_url", json!("https://llm.example/v1?key=sk")),
            "base_url malformed",
        ),
        (with("price_in", json!(-1)), "price_in malformed"),
        (with("context_tokens", json!(0)), "context_tokens malformed"),
        (with("key_hint", json!("1234")), "key_hint unknown"),
        (
            with("parameters", json!({ "temperature": 3 })),
            "parameters.temperature malformed",
        ),
        (
            with("parameters", json!({ "extra": { "messages": [] } })),
            "parameters.extra malformed",
        ),
        (with("parameters", json!({ "warmth": 1 })), "warmth unknown"),
    ] {
        for path in ["/api/v1/models", "/api/v1/models/test"] {
            if path.ends_with("test") && told.starts_with("model required")
                || told == "name required"
            {
                continue;
            }
            let refusal = post(&world.ann, path, &body).await;
            assert_eq!(fields(&problem(refusal, 422).await), [told], "{body}");
        }
    }
    assert_eq!(read(&world.ann, "/api/v1/models").await["quota"]["own"], 0);
}

#[tokio::test]
async fn addresses_that_lead_inside_are_not_called() {
    let world = World::begin(Engine::Sqlite).await;
    let ours = world.server.upstream.base_url();
    for address in [
        ours.as_str(),
        "http://169.254.169.254/latest",
        "https://localhost/v1",
        "https://10.0.0.1/v1",
        "https://[::1]/v1",
        "https://2130706433/v1",
        "https://llm.example:25/v1",
        "http://llm.example/v1",
        "ftp://llm.example/v1",
    ] {
        let mut body = world.draft();
        body["base_url"] = json!(address);
        for path in ["/api/v1/models", "/api/v1/models/test"] {
            let refusal = post(&world.ann, path, &body).await;
            assert_eq!(refused(refusal, 403).await, "endpoint_blocked", "{address}");
        }
    }
    assert!(world.server.upstream.visits().is_empty());
}
