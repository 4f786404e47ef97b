//! The same message answered by several models at once: each reply by itself, one stream for all, and one that is kept.

mod choosing;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use super::*;
use crate::harness::{
    events::{Applied, Event, Events, assert_whole},
    on_both, problem, refused,
};

/// What a screen shows of every lane.
#[derive(Clone, Debug, Default)]
struct Screen {
    replies: BTreeMap<u64, Reply>,
    ends: BTreeMap<u64, Value>,
}

impl Screen {
    /// One that stands where a position says, at the beginning of each reply.
    fn at(position: &str) -> Self {
        let mut screen = Self::default();
        for (lane, part) in (0..).zip(position.split('.')) {
            let g = part.split(':').nth(1).expect("a generation").to_owned();
            screen.replies.insert(
                lane,
                Reply {
                    g,
                    ..Reply::default()
                },
            );
        }
        screen
    }

    fn apply(&mut self, event: &Event) {
        let lane = event.data["lane"].as_u64().unwrap_or_default();
        if self.replies.entry(lane).or_default().apply(event) == Applied::Final {
            self.ends.insert(lane, event.data.clone());
        }
    }

    fn texts(&self) -> Vec<&str> {
        self.replies.values().map(|reply| &*reply.text).collect()
    }

    async fn read_until(&mut self, events: &mut Events, wanted: impl Fn(&Self) -> bool) {
        while !wanted(self) {
            let event = events.next().await.expect("more");
            self.apply(&event);
        }
    }
}

/// Configurations of models that behave as these names say.
async fn models(world: &World, names: &[&str]) -> Vec<String> {
    let mut made = Vec::new();
    for name in names {
        let mut draft = world.draft();
        draft["model"] = json!(name);
        made.push(make(&world.ann, &draft).await);
    }
    made
}

/// A conversation that asks the first of the models, and a message that goes to the others as well.
async fn asked(world: &World, models: &[String]) -> (String, Value) {
    let talk = conversation(&world.ann, &models[0]).await;
    let begun = send(&world.ann, &talk, json!({ "compare_with": models[1..] })).await;
    (talk, told(begun, 202).await)
}

async fn send(browser: &Browser, talk: &str, more: Value) -> Response {
    let mut body =
        json!({ "content": "go", "client_message_id": uuid::Uuid::now_v7().simple().to_string() });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    post(
        browser,
        &format!("/api/v1/conversations/{talk}/messages"),
        &body,
    )
    .await
}

async fn act(browser: &Browser, path: &str) -> Response {
    post(browser, path, &json!({})).await
}

fn id(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

async fn keep(browser: &Browser, reply: &Value) -> Response {
    act(browser, &format!("/api/v1/messages/{}/keep", id(reply))).await
}

on_both! {
    async fn three_models_answer_at_once_on_one_stream(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let names = ["words-40@80", "words-30@50", "think-3+words-50@100"];
        let models = models(&world, &names).await;
        let (talk, begun) = asked(&world, &models).await;
        let beside = begun["beside"].as_array().unwrap();
        let told: Vec<_> = beside.iter().map(|one| (one["lane"].clone(), one["model_config_id"].clone())).collect();
        assert_eq!(told, [(json!(1), json!(models[1])), (json!(2), json!(models[2]))]);
        let position = begun["cursor"].as_str().unwrap();
        assert_eq!(position.split('.').count(), 3, "{position}");

        let mut events = ann.follow(&talk, Some(position)).await;
        let hello = events.next().await.unwrap();
        assert_eq!((&*hello.kind, &hello.data["resume"]), ("hello", &json!("exact")));
        let mut screen = Screen::at(position);
        screen.read_until(&mut events, |screen| screen.replies.values().all(|reply| reply.seq > 0)).await;
        assert!(screen.ends.is_empty(), "they are written side by side");
        assert_eq!(world.upstream.stats().active_streams, 3);
        let half = ann.open(&talk).await;
        assert_eq!(half["compared"], begun["message_id"]);
        assert_eq!((&half["head"], half["messages"].as_array().unwrap().len()), (&begun["message_id"], 1));
        assert_eq!(half["active"]["generation_id"], begun["generation_id"]);
        for (one, begun) in half["beside"].as_array().unwrap().iter().zip(beside) {
            assert_eq!(one["active"]["generation_id"], begun["generation_id"]);
            assert!(!one["active"]["parts"].as_array().unwrap().is_empty());
        }

        screen.read_until(&mut events, |screen| screen.ends.len() == 3).await;
        for (lane, words) in [(0, 40), (1, 30), (2, 50)] {
            let (end, text) = (&screen.ends[&lane], &screen.replies[&lane].text);
            assert_eq!(end["status"], "completed", "{end}");
            assert_eq!(end["message"]["model_config_id"], json!(models[lane as usize]));
            assert_eq!(text.split_whitespace().count(), words);
            assert_whole(text);
        }
        // From where the half was read, the other half follows.
        let mut late = Screen::default();
        for (lane, open) in std::iter::once(&half).chain(half["beside"].as_array().unwrap()).enumerate() {
            let part = half["cursor"].as_str().unwrap().split('.').nth(lane).unwrap();
            let mut fields = part.split(':').skip(1);
            let parts = open["active"]["parts"].as_array().unwrap();
            let text = |kind: &str| {
                let part = parts.iter().find(|part| part["kind"] == kind);
                part.and_then(|part| part["text"].as_str()).unwrap_or_default().to_owned()
            };
            late.replies.insert(lane as u64, Reply {
                g: fields.next().unwrap().to_owned(),
                seq: fields.next().unwrap().parse().unwrap(),
                text: text("text"),
                reasoning: text("reasoning"),
            });
        }
        let mut events = ann.follow(&talk, half["cursor"].as_str()).await;
        late.read_until(&mut events, |screen| screen.ends.len() == 3).await;
        assert_eq!(late.texts(), screen.texts());

        let open = ann.open(&talk).await;
        let path: Vec<_> = open["messages"].as_array().unwrap().iter().map(|message| &message["id"]).collect();
        assert_eq!(path, [&begun["message_id"], &begun["reply_message_id"]], "the first lane's");
        assert_eq!(open["head"], begun["reply_message_id"]);
        for (one, begun) in open["beside"].as_array().unwrap().iter().zip(beside) {
            assert_eq!((&one["message"]["id"], &one["active"]), (&begun["reply_message_id"], &json!(null)));
        }
        let list = read(ann, "/api/v1/conversations").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        for seen in world.upstream.requests() {
            assert_eq!(seen.body["messages"].as_array().unwrap().last().unwrap()["content"], "go");
        }
    }

    async fn whoever_is_cut_off_after_any_event_misses_nothing_of_any_lane(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-12@40", "words-9@25", "fault-eof@4@30"]).await;
        let (talk, begun) = asked(&world, &models).await;
        // While they are written: gone after each event that moves the position.
        let mut position = id(&begun["cursor"]);
        let mut screen = Screen::at(&position);
        let mut stops = vec![(position.clone(), screen.clone())];
        while screen.ends.len() < 3 {
            let mut events = ann.follow(&talk, Some(&position)).await;
            while events.cursor.as_deref().is_none_or(|cursor| cursor == position) {
                let event = events.next().await.expect("more");
                screen.apply(&event);
            }
            position = events.cursor.unwrap();
            stops.push((position.clone(), screen.clone()));
        }
        let stored: Vec<_> = screen.ends.values().map(|end| id(&end["message"]["content"])).collect();
        assert_eq!(screen.texts(), stored);
        assert_eq!(screen.ends[&2]["status"], "interrupted");
        assert!(stops.len() > 10, "{}", stops.len());
        // And from each of those places once more, when all is over.
        for (position, mut screen) in stops {
            let path = format!("/api/v1/conversations/{talk}/stream?once=1&after={position}");
            let answer = ann.get(&path).send().await.unwrap();
            if answer.status() != 204 {
                let mut events = Events::of(answer);
                while let Some(event) = events.next().await {
                    screen.apply(&event);
                }
            }
            assert_eq!(screen.texts(), stored, "from {position}");
            assert_eq!(screen.ends.len(), 3, "from {position}");
        }
        // One lane's part lost, or of another time: that lane is told anew, and no other.
        let parts: Vec<_> = position.split('.').collect();
        for lost in [format!("{}.{}", parts[0], parts[1]), format!("{}..{}", parts[0], parts[2])] {
            let mut events = ann.follow(&talk, Some(&lost)).await;
            let mut told = Screen::default();
            told.read_until(&mut events, |screen| !screen.ends.is_empty()).await;
            let lane = if lost.ends_with(parts[2]) { 1 } else { 2 };
            assert_eq!(told.ends.keys().copied().collect::<Vec<_>>(), [lane]);
            assert_eq!(told.ends[&lane]["message"]["content"], stored[lane as usize].as_str());
        }
    }

    async fn one_reply_is_stopped_or_all_and_busy_is_whatever_has_one_left(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-100000@50", "words-100000@40", "words-100000@30"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.replies.values().all(|reply| reply.seq > 0)).await;
        let stop = format!("/api/v1/generations/{}/stop", id(&begun["generation_id"]));
        assert_eq!(told(act(ann, &stop).await, 200).await["status"], "stopped");
        let open = ann.open(&talk).await;
        assert_eq!((&open["active"], &open["head"]), (&json!(null), &begun["reply_message_id"]));
        assert!(open["beside"].as_array().unwrap().iter().all(|one| !one["active"].is_null()), "{open}");
        let busy = problem(send(ann, &talk, json!({ "compare_with": [] })).await, 409).await;
        assert_eq!((&busy["code"], &busy["generation_id"]), (&json!("generation_active"), &begun["beside"][0]["generation_id"]));

        let stop = format!("/api/v1/conversations/{talk}/stop");
        let bob = world.server.member("bob").await;
        assert_eq!(refused(act(&bob, &stop).await, 404).await, "not_found");
        let stopped = told(act(ann, &stop).await, 200).await;
        assert_eq!(stopped.as_array().unwrap().len(), 2, "{stopped}");
        assert_eq!(told(act(ann, &stop).await, 200).await, json!([]));
        screen.read_until(&mut events, |screen| screen.ends.len() == 3).await;
        let open = ann.open(&talk).await;
        for (lane, one) in (1..).zip(open["beside"].as_array().unwrap()) {
            assert_eq!(one["message"]["status"], "stopped");
            assert_eq!(one["message"]["content"], screen.replies[&lane].text.as_str());
        }
        assert_eq!(world.upstream.stats().active_streams, 0);

        // Deleting it stops them all.
        told(send(ann, &talk, json!({ "compare_with": models[1..] })).await, 202).await;
        while world.upstream.stats().active_streams < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        ann.request(Method::DELETE, &format!("/api/v1/conversations/{talk}")).send().await.unwrap();
        while world.upstream.stats().active_streams > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    async fn one_reply_is_kept_and_the_conversation_goes_on_from_it(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["words-100000@50", "words-7"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let (running, kept) = (&begun["reply_message_id"], &begun["beside"][0]["reply_message_id"]);
        let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.ends.contains_key(&1) && screen.replies[&0].seq > 0).await;
        let bob = world.server.member("bob").await;
        assert_eq!(refused(keep(&bob, kept).await, 404).await, "not_found");
        for nothing in [running, &begun["message_id"], &json!(uuid::Uuid::now_v7())] {
            assert_eq!(refused(keep(ann, nothing).await, 404).await, "not_found");
        }
        assert_eq!(ann.open(&talk).await["compared"], begun["message_id"]);
        let after = told(keep(ann, kept).await, 200).await;
        assert_eq!(after["id"], talk.as_str());
        let open = ann.open(&talk).await;
        assert_eq!((&open["head"], open.get("compared"), open.get("beside")), (kept, None, None));
        assert_eq!((&open["active"], &open["failure"]), (&json!(null), &json!(null)));
        assert_eq!(open["branches"][0]["siblings"].as_array().unwrap().len(), 2, "{open}");
        screen.read_until(&mut events, |screen| screen.ends.len() == 2).await;
        assert_eq!(screen.ends[&0]["status"], "stopped");
        // Told to whoever watches.
        loop {
            let event = events.next().await.unwrap();
            if event.kind == "conversation" && event.data.get("compared").is_none() {
                assert_eq!(event.data["head"], *kept);
                break;
            }
        }
        let rev = after["rev"].clone();
        assert_eq!(told(keep(ann, kept).await, 200).await["rev"], rev, "twice is once");
        assert_eq!(refused(keep(ann, running).await, 404).await, "not_found");

        world.upstream.reset();
        let next = told(send(ann, &talk, json!({ "model_config_id": models[1] })).await, 202).await;
        assert_eq!(next.get("beside"), None);
        end_of(ann, &talk, &next).await;
        let seen = world.seen().body["messages"].clone();
        let said: Vec<_> = seen.as_array().unwrap().iter().map(|turn| turn["content"].as_str().unwrap()).collect();
        let tail = &said[said.len() - 3..];
        assert_eq!(tail, ["go", screen.replies[&1].text.as_str(), "go"]);
    }

    async fn sending_goes_on_from_the_first_that_answered_and_ends_the_comparing(engine: Engine) {
        let world = World::begin(engine).await;
        let ann = &world.ann;
        let models = models(&world, &["fault-401", "words-5", "words-6"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.ends.len() == 3).await;
        assert_eq!(screen.ends[&0]["status"], "failed");
        let open = ann.open(&talk).await;
        assert_eq!((&open["failure"]["status"], &open["head"]), (&json!("failed"), &begun["message_id"]));
        assert_eq!(open["beside"][0]["failure"], json!(null));
        let next = told(send(ann, &talk, json!({ "model_config_id": models[2] })).await, 202).await;
        end_of(ann, &talk, &next).await;
        let open = ann.open(&talk).await;
        assert_eq!(open.get("compared"), None);
        let path: Vec<_> = open["messages"].as_array().unwrap().iter().map(|message| message["id"].clone()).collect();
        let first = &begun["beside"][0]["reply_message_id"];
        assert_eq!(path, [&begun["message_id"], first, &next["message_id"], &next["reply_message_id"]].map(Clone::clone));

        // What failed is no reason for a complaint once another is kept.
        let (talk, begun) = asked(&world, &models[..2]).await;
        let kept = &begun["beside"][0]["reply_message_id"];
        let mut events = ann.follow(&talk, begun["cursor"].as_str()).await;
        let mut screen = Screen::at(begun["cursor"].as_str().unwrap());
        screen.read_until(&mut events, |screen| screen.ends.len() == 2).await;
        told(keep(ann, kept).await, 200).await;
        let open = ann.open(&talk).await;
        assert_eq!((&open["failure"], &open["head"]), (&json!(null), kept));
    }

    async fn a_crash_keeps_what_every_lane_had_shown(engine: Engine) {
        let mut world = World::begin(engine).await;
        let models = models(&world, &["words-100000@200", "words-100000@150"]).await;
        let (talk, begun) = asked(&world, &models).await;
        let position = id(&begun["cursor"]);
        let mut events = world.ann.follow(&talk, Some(&position)).await;
        let mut screen = Screen::at(&position);
        screen.read_until(&mut events, |screen| screen.replies.values().all(|reply| reply.seq > 5)).await;
        world.server.kill();
        while let Some(event) = events.next().await {
            screen.apply(&event);
        }
        world.server.restart();
        let ann = world.ann.at(&world.server.base);
        let mut again = ann.follow(&talk, events.cursor.as_deref()).await;
        let shown = screen.clone();
        screen.read_until(&mut again, |screen| screen.ends.len() == 2).await;
        for (lane, end) in &screen.ends {
            assert_eq!((&end["status"], &end["error"]["code"]), (&json!("interrupted"), &json!("server_restart")));
            let stored = end["message"]["content"].as_str().unwrap();
            assert!(stored.starts_with(&shown.replies[lane].text), "lane {lane}");
            assert_whole(stored);
        }
        let open = ann.open(&talk).await;
        assert_eq!(open["compared"], begun["message_id"]);
        assert_eq!(open["messages"][1]["status"], "interrupted");
        assert_eq!(open["beside"][0]["message"]["status"], "interrupted");
        assert_eq!(told(keep(&ann, &begun["beside"][0]["reply_message_id"]).await, 200).await["id"], talk.as_str());
    }
}
