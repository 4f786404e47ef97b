//! Another reply, the rest of one, another wording, and which of them is read.

use serde_json::{Value, json};

use super::{answered, begun, get, id, read_turn, turn};
use crate::harness::{
    Browser, Engine, Server, events::assert_whole, fields, on_both, problem, refused,
};

async fn act(browser: &Browser, message: &str, verb: &str) -> reqwest::Response {
    browser
        .post(&format!("/api/messages/{message}/{verb}"))
        .send()
        .await
        .unwrap()
}

async fn streamed(browser: &Browser, message: &str, verb: &str) -> reqwest::Response {
    browser
        .post(&format!("/api/messages/{message}/{verb}"))
        .header("Accept", "text/event-stream")
        .send()
        .await
        .unwrap()
}

/// Says something and stops the reply after some words; the id of the stopped reply.
async fn stop_early(browser: &Browser, conversation: &str) -> String {
    let accepted = browser.say(conversation, "for ever").await;
    let cursor = id(&accepted, "cursor");
    let mut events = browser.follow(conversation, Some(cursor)).await;
    let mut reply = begun(cursor);
    while reply.text.len() < 40 {
        reply.apply(&events.next().await.unwrap());
    }
    let path = format!("/api/generations/{}/stop", id(&accepted, "generation_id"));
    answered(browser.post(&path).send().await.unwrap(), 200).await;
    id(&accepted, "reply_message_id").to_owned()
}

fn contents(open: &Value) -> Vec<&str> {
    let messages = open["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

on_both! {
    async fn another_reply_stands_beside_the_first(engine: Engine) {
        let server = Server::start(engine, "words-6@0").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let first = turn(&ann, &conversation, "once").await;
        let first_reply = id(&first, "reply_message_id");

        let taken = answered(act(&ann, first_reply, "regenerate").await, 202).await;
        assert_eq!(taken["message_id"], first["message_id"], "the same message is answered");
        assert_eq!(taken["waiting"], false);
        let mut events = ann.follow(&conversation, Some(id(&taken, "cursor"))).await;
        events.read_to_final(&mut begun(id(&taken, "cursor"))).await;

        // And as a stream.
        let (reply, last) = read_turn(streamed(&ann, first_reply, "regenerate").await).await;
        assert_whole(&reply.text);
        assert_eq!(last["user_message_id"], first["message_id"]);

        let open = ann.open(&conversation).await;
        assert_eq!(open["messages"].as_array().unwrap().len(), 2);
        assert_eq!(open["messages"][1]["id"], last["message"]["id"]);
        let siblings = open["branches"][0]["siblings"].as_array().unwrap();
        assert_eq!(siblings.len(), 3, "{open}");
        assert_eq!(siblings[0], first_reply);
    }

    async fn a_message_without_a_reply_can_be_tried_again(engine: Engine) {
        let server = Server::start(engine, "fault-flaky-400@1").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let first = turn(&ann, &conversation, "hello?").await;
        assert_eq!(first["final"]["status"], "failed");
        let (_, last) = read_turn(streamed(&ann, id(&first, "message_id"), "regenerate").await).await;
        assert_eq!(last["status"], "completed");
        let open = ann.open(&conversation).await;
        assert_eq!(open["messages"].as_array().unwrap().len(), 2);
        assert_eq!(open["failure"], json!(null));
    }

    async fn another_reply_that_does_not_come_leaves_the_first_and_its_reason(engine: Engine) {
        let mut server = Server::start(engine, "words-3").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let first = turn(&ann, &conversation, "hello?").await;
        let reply = id(&first["final"]["message"], "id");
        server.kill();
        server.restart_with(&[("OPENAI_MODEL", "fault-401")]);
        let ann = ann.at(&server.base);
        let (_, last) = read_turn(streamed(&ann, reply, "regenerate").await).await;
        assert_eq!(last["status"], "failed");
        let open = ann.open(&conversation).await;
        assert_eq!(open["messages"][1]["id"], reply);
        assert_eq!(open["failure"]["error"]["code"], "upstream_auth");
        // The page says so before, and without, its scripts.
        let page = ann.get(&format!("/chat/{conversation}")).send().await.unwrap();
        let html = page.text().await.unwrap();
        assert!(html.contains("There is no new reply") && !html.contains("data-status=\"failed\""));
    }

    async fn a_stopped_reply_goes_on_from_its_text(engine: Engine) {
        let server = Server::start(engine, "words-60@100").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let stopped = stop_early(&ann, &conversation).await;
        let kept = ann.open(&conversation).await["messages"][1]["content"].as_str().unwrap().to_owned();
        assert!(!kept.is_empty());

        let (reply, last) = read_turn(streamed(&ann, &stopped, "continue").await).await;
        assert_eq!(last["status"], "completed");
        assert!(reply.text.starts_with(&kept) && reply.text.len() > kept.len());
        assert_eq!(last["message"]["continues_message_id"], stopped.as_str());
        let open = ann.open(&conversation).await;
        assert_eq!(contents(&open)[1], reply.text);
        // A whole reply has no rest.
        let whole = id(&last["message"], "id");
        assert_eq!(refused(act(&ann, whole, "continue").await, 404).await, "not_found");
    }

    async fn the_path_that_is_read_can_be_switched(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let first = turn(&ann, &conversation, "first wording").await;
        turn(&ann, &conversation, "and then").await;
        // Another wording of the first message: its parent is none.
        let path = format!("/api/conversations/{conversation}/messages");
        let other = json!({ "content": "second wording", "client_message_id": "w2", "parent_id": null });
        let response = ann.post(&path).header("Accept", "text/event-stream").json(&other).send().await.unwrap();
        read_turn(response).await;
        assert_eq!(contents(&ann.open(&conversation).await), ["second wording", "second wording"]);

        let selected = answered(act(&ann, id(&first, "message_id"), "select").await, 200).await;
        assert_eq!(selected["conversation_id"], conversation.as_str());
        let open = ann.open(&conversation).await;
        assert_eq!(contents(&open), ["first wording", "first wording", "and then", "and then"]);
        assert_eq!(open["branches"][0]["siblings"].as_array().unwrap().len(), 2);
    }

    async fn nothing_is_begun_or_switched_while_a_reply_is_written(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let stopped = stop_early(&ann, &conversation).await;
        let accepted = ann.say(&conversation, "again").await;
        for verb in ["regenerate", "continue", "select"] {
            let problem = problem(act(&ann, &stopped, verb).await, 409).await;
            assert_eq!(problem["code"], "generation_active", "{verb}");
            assert_eq!(problem["generation_id"], accepted["generation_id"], "{verb}");
        }
    }

    async fn messages_of_others_are_none(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let conversation = ann.conversation().await;
        let stopped = stop_early(&ann, &conversation).await;
        let before = ann.open(&conversation).await;
        for verb in ["regenerate", "continue", "select"] {
            assert_eq!(refused(act(&bob, &stopped, verb).await, 404).await, "not_found", "{verb}");
            assert_eq!(refused(streamed(&bob, &stopped, verb).await, 404).await, "not_found", "{verb}");
            assert_eq!(refused(act(&server.visitor(), &stopped, verb).await, 401).await, "unauthenticated", "{verb}");
            assert_eq!(refused(act(&ann, "rubbish", verb).await, 404).await, "not_found", "{verb}");
        }
        assert_eq!(ann.open(&conversation).await, before);
    }

    async fn earlier_messages_are_read_page_by_page(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let conversation = ann.conversation().await;
        for word in ["one", "two", "three"] {
            turn(&ann, &conversation, word).await;
        }
        let path = format!("/api/conversations/{conversation}/messages");
        let texts = |page: &Value| {
            let items = page["items"].as_array().unwrap();
            items.iter().map(|item| item["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let last = get(&ann, &format!("{path}?limit=2")).await;
        assert_eq!((texts(&last), &last["earlier"]), (vec!["three".to_owned(); 2], &json!(true)));
        let before = id(&last["items"][0], "id");
        let page = get(&ann, &format!("{path}?before={before}&limit=3")).await;
        assert_eq!((texts(&page), &page["earlier"]), (vec!["one".to_owned(), "two".to_owned(), "two".to_owned()], &json!(true)));
        let page = get(&ann, &format!("{path}?before={before}")).await;
        assert_eq!((texts(&page).len(), &page["earlier"]), (4, &json!(false)));

        let ask = async |browser: &Browser, query: &str| browser.get(&format!("{path}?{query}")).send().await.unwrap();
        assert_eq!(fields(&problem(ask(&ann, "before=rubbish").await, 422).await), ["before malformed"]);
        assert_eq!(fields(&problem(ask(&ann, "limit=0").await, 422).await), ["limit malformed"]);
        assert_eq!(refused(ask(&bob, &format!("before={before}")).await, 404).await, "not_found");
        assert_eq!(refused(ask(&bob, "").await, 404).await, "not_found");
        let nobodys = uuid::Uuid::now_v7();
        assert_eq!(refused(ask(&ann, &format!("before={nobodys}")).await, 404).await, "not_found");
    }

    async fn a_message_can_wait_for_its_turn(engine: Engine) {
        let server = Server::start(engine, "words-30@100").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let path = format!("/api/conversations/{conversation}");
        let change = |body: Value| ann.request(reqwest::Method::PATCH, &path).json(&body).send();
        let changed = answered(change(json!({ "when_busy": "queue" })).await.unwrap(), 200).await;
        assert_eq!(changed["when_busy"], "queue");
        ann.say(&conversation, "one").await;
        let second = answered(ann.send(&conversation, "two", "second").await, 202).await;
        assert_eq!(second["waiting"], true);
        // As a stream it brings the other reply's end too, and ends with its own.
        let third = json!({ "content": "three", "client_message_id": "third" });
        let response = ann.post(&format!("{path}/messages")).header("Accept", "text/event-stream").json(&third).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut events = crate::harness::Events::of(response);
        let mut ends = Vec::new();
        while let Some(event) = events.next().await {
            if event.data["op"] == "final" {
                ends.push(event.data["status"].clone());
            }
        }
        assert!(!ends.is_empty());
        let open = ann.open(&conversation).await;
        assert_eq!(open["messages"].as_array().unwrap().len(), 6, "{open}");
        assert_eq!(open["messages"][4]["content"], "three");
    }
}

#[tokio::test]
async fn a_title_is_given_and_the_list_has_three_orders() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let [b, a] = [ann.conversation().await, ann.conversation().await];
    let change = async |browser: &Browser, id: &str, change: Value| {
        let path = format!("/api/conversations/{id}");
        browser
            .request(reqwest::Method::PATCH, &path)
            .json(&change)
            .send()
            .await
            .unwrap()
    };
    let named = answered(change(&ann, &a, json!({ "title": "  apples " })).await, 200).await;
    assert_eq!(named["title"], "apples");
    answered(change(&ann, &b, json!({ "title": "bread" })).await, 200).await;
    assert_eq!(
        answered(change(&ann, &b, json!({})).await, 200).await["title"],
        "bread"
    );
    for (wrong, expected) in [
        (json!({ "title": "x".repeat(201) }), "title too_long"),
        (json!({ "title": 7 }), "title malformed"),
        (json!({ "when_busy": "sometimes" }), "when_busy malformed"),
        (json!({ "rev": 7 }), "rev unknown"),
    ] {
        assert_eq!(
            fields(&problem(change(&ann, &a, wrong).await, 422).await),
            [expected]
        );
    }
    assert_eq!(
        refused(change(&bob, &a, json!({ "title": "mine" })).await, 404).await,
        "not_found"
    );
    assert_eq!(
        refused(change(&server.visitor(), &a, json!({})).await, 401).await,
        "unauthenticated"
    );
    turn(&ann, &a, "used last").await;
    let order = async |query: &str| {
        let page = get(&ann, &format!("/api/conversations?{query}")).await;
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| id(item, "id").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(order("").await, [a.clone(), b.clone()]);
    assert_eq!(order("sort=title").await, [a.clone(), b.clone()]);
    assert_eq!(order("sort=created").await, [a.clone(), b.clone()]);
    answered(change(&ann, &a, json!({ "title": "zest" })).await, 200).await;
    assert_eq!(order("sort=title").await, [b, a]);
    let wrong = ann
        .get("/api/conversations?sort=colour")
        .send()
        .await
        .unwrap();
    assert_eq!(fields(&problem(wrong, 422).await), ["sort unknown"]);
}
