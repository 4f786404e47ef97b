//! 25: two people, every operation, every place for an id, every kind of id.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    harness::{
        Browser, Engine, Events, Server,
        browser::{PASSWORD, email},
        header, on_both,
    },
    security::routes::{Operation, Own, Place, Slot, operations},
};

pub const SECRET: &str = "the secret of ann";

/// Somebody with a reply that was stopped, in one conversation, and one that is being written, in another.
pub struct Person {
    pub browser: Browser,
    pub stopped: String,
    pub own: Own,
    /// Another device of theirs, and a program's key.
    pub device: String,
    pub key: String,
    /// A named context.
    pub context: String,
}

impl Person {
    pub async fn new(server: &Server, name: &str) -> Self {
        let browser = server.member(name).await;
        let stopped = browser.conversation().await;
        let said = browser.say(&stopped, SECRET).await;
        let generation = said["generation_id"].as_str().unwrap();
        let path = format!("/api/generations/{generation}/stop");
        // What is stopped before its first word leaves no reply behind.
        while !browser.open(&stopped).await["active"]["parts"]
            .to_string()
            .contains('@')
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(
            browser
                .post(&path)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
        let message = loop {
            let open = browser.open(&stopped).await;
            if let Some(reply) = open["messages"].get(1) {
                break reply["id"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let conversation = browser.conversation().await;
        let said = browser.say(&conversation, SECRET).await;
        let own = Own {
            generation: said["generation_id"].as_str().unwrap().to_owned(),
            conversation,
            message,
        };
        let login = json!({ "email": email(name), "password": PASSWORD });
        let elsewhere = server.visitor().post("/api/auth/login").json(&login);
        assert_eq!(elsewhere.send().await.unwrap().status(), 200);
        let devices = read(&browser, "/api/account/devices").await;
        let mut devices = devices["items"].as_array().unwrap().iter();
        let device = devices.find(|one| one["is_current"] == false).unwrap();
        let device = device["id"].as_str().unwrap().to_owned();
        let make = json!({ "name": "a program", "current_password": PASSWORD });
        let made = browser.post("/api/account/keys").json(&make).send().await;
        let made: Value = made.unwrap().json().await.unwrap();
        let key = made["key"]["id"].as_str().unwrap().to_owned();
        let make = json!({ "name": "mine", "system_prompt": SECRET });
        let made = browser.post("/api/roles").json(&make).send().await;
        assert_eq!(made.unwrap().status(), 201);
        let make = json!({ "name": "mine", "model": SECRET });
        let made = browser.post("/api/models").json(&make).send().await;
        assert_eq!(made.unwrap().status(), 201);
        let make = json!({ "name": "mine", "content": SECRET });
        let made = browser.post("/api/contexts").json(&make).send().await;
        let made: Value = made.unwrap().json().await.unwrap();
        let context = made["id"].as_str().unwrap().to_owned();
        let told = json!({ "content": SECRET });
        let path = format!("/api/conversations/{stopped}/context");
        let told = browser.request(Method::PUT, &path).json(&told).send().await;
        assert_eq!(told.unwrap().status(), 200);
        Self {
            browser,
            stopped,
            own,
            device,
            key,
            context,
        }
    }

    /// Every id that the API tells this person.
    async fn ids(&self, operations: &[Operation]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for operation in operations {
            let is_list = operation.method == Method::GET && operation.slots.is_empty();
            if !is_list || operation.path.contains("/ws/") || operation.is_stream {
                continue;
            }
            let answer = self
                .browser
                .get(&format!("/api/v1{}", operation.path))
                .send()
                .await;
            if let Ok(value) = answer.unwrap().json::<Value>().await {
                gather(&value, &mut found);
            }
        }
        let open = self.browser.open(&self.stopped).await;
        gather(&open["messages"], &mut found);
        let own = &self.own;
        found.extend([&own.conversation, &own.message, &own.generation].map(Clone::clone));
        assert!(found.contains(&self.key) && found.contains(&self.device));
        found
    }

    /// What must stay as it is, whatever others do.
    pub async fn state(&self) -> Value {
        let running = self.browser.open(&self.own.conversation).await;
        let list = self
            .browser
            .get("/api/conversations?limit=100")
            .send()
            .await
            .unwrap();
        let session = self.browser.get("/api/session").send().await.unwrap();
        let mut hers = BTreeSet::new();
        for path in [
            "/api/account/devices",
            "/api/account/keys",
            "/api/roles?kept=true",
            "/api/contexts",
            "/api/models",
        ] {
            gather(&read(&self.browser, path).await, &mut hers);
        }
        let told = format!("/api/conversations/{}/context", self.stopped);
        json!({
            "context": read(&self.browser, &told).await,
            "devices, keys, personas and models": hers,
            "stopped": self.browser.open(&self.stopped).await,
            "messages": running["messages"],
            "generation": running["active"]["generation_id"],
            "list": list.json::<Value>().await.unwrap()["items"].as_array().unwrap().len(),
            "session": session.json::<Value>().await.unwrap(),
        })
    }
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() == 36 && text.parse::<uuid::Uuid>().is_ok() => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => members.values().for_each(|item| gather(item, found)),
        _ => {}
    }
}

/// Status and text, without what differs from one request to the next.
pub async fn told(response: Response, id: &str) -> (u16, String) {
    let status = response.status().as_u16();
    if header(&response, "content-type").starts_with("text/event-stream") {
        return (status, told_by_stream(response, id).await);
    }
    let text = response.text().await.unwrap();
    let text = match serde_json::from_str::<Value>(&text) {
        Ok(mut body) => {
            if let Some(body) = body.as_object_mut() {
                body.remove("request_id");
            }
            body.to_string()
        }
        Err(_) => text,
    };
    (status, text.replace(id, "ID"))
}

/// What a stream says of the thing when it begins; about others it may go on for ever, with hardly a pause.
async fn told_by_stream(response: Response, id: &str) -> String {
    let mut events = Events::of(response);
    let mut about = String::new();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(1)
        && let Ok(Some(event)) = events.within(Duration::from_millis(250)).await
    {
        let text = event.data.to_string();
        if text.contains(id) {
            about = format!("{about}{} {}\n", event.kind, text.replace(id, "ID"));
        }
        if about.len() > 4_096 {
            break;
        }
    }
    about
}

/// A new conversation bears the id that its maker gives it: one that nobody has is not refused but taken.
fn is_minted(operation: &Operation, slot: &Slot) -> bool {
    operation.words() == "POST /conversations" && slot.name == "id"
}

on_both! {
    async fn row_25_a_foreign_id_answers_as_an_unknown_one_everywhere(engine: Engine) {
        let settings = [("PARLANCE_QUEUE_PER_USER", "1000")];
        let server = Server::start_with(engine, "words-100000@5", &settings).await;
        let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
        let operations = operations(&bob.browser).await;
        let common = bob.ids(&operations).await;
        let hers: Vec<_> = ann.ids(&operations).await.into_iter().filter(|id| !common.contains(id)).collect();
        assert!(hers.len() >= 6, "{hers:?}");
        let before = ann.state().await;
        let mut tried = 0;
        for operation in &operations {
            for slot in &operation.slots {
                for id in &hers {
                    let words = format!("{} {} of {slot:?}", operation.words(), id);
                    let unknown = uuid::Uuid::now_v7().to_string();
                    let ask = async |id: &str| {
                        let request = operation.request(&bob.browser, &bob.own, Some((slot, id)));
                        told(request.send().await.unwrap(), id).await
                    };
                    let hers = [&ann.own.conversation, &ann.stopped];
                    if is_minted(operation, slot) && !hers.contains(&id) {
                        // It would become his.
                        continue;
                    }
                    let foreign = ask(id).await;
                    tried += 1;
                    assert_ne!(foreign.0, 401, "{words}: bob was signed out on the way");
                    assert!(!foreign.1.contains(SECRET) && !foreign.1.contains(&email("ann")), "{words}: {foreign:?}");
                    if is_minted(operation, slot) {
                        assert_eq!(foreign.0, 404, "{words}: {foreign:?}");
                        continue;
                    }
                    if slot.place == Place::Path {
                        assert!(foreign.0 >= 400, "{words}: {foreign:?}");
                    }
                    assert_eq!(foreign, ask(&unknown).await, "{words}");
                }
            }
        }
        assert!(tried >= 100, "{tried}");
        assert_eq!(ann.state().await, before, "nothing of hers has changed");
        assert!(server.upstream.stats().active_streams >= 2, "nobody stopped a reply");
    }
}
