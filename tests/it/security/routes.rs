//! Every door there is, read from where doors are declared, so that a new one is tried without anybody's thinking of it:
//! the API's operations from its description, the server functions from their source.

mod schema;

use std::path::Path;

use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

use crate::harness::{Browser, browser::PASSWORD};
use schema::Schemas;

/// An operation of the API.
pub struct Operation {
    pub method: Method,
    /// As described: `/conversations/{id}`.
    pub path: String,
    /// The bodies it takes as JSON, one for each form, filled with what makes sense.
    pub bodies: Vec<Map<String, Value>>,
    pub slots: Vec<Slot>,
    pub is_private: bool,
    /// Whether it answers with events.
    pub is_stream: bool,
}

/// A place where an operation takes an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub name: String,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    /// In the body of this form.
    Body(usize),
}

/// One of each thing that somebody has.
pub struct Own {
    pub conversation: String,
    pub message: String,
    pub generation: String,
}

/// All operations of the API that is served.
pub async fn operations(browser: &Browser) -> Vec<Operation> {
    let api = browser.get("/api/openapi.json").send().await.unwrap();
    let api: Value = api.json().await.unwrap();
    let schemas = Schemas::of(&api);
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            all.push(Operation::read(&schemas, method, path, described));
        }
    }
    all
}

impl Operation {
    fn read(schemas: &Schemas, method: Method, path: &str, described: &Value) -> Self {
        let mut slots = Vec::new();
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap().to_owned();
            let is_id = schemas.is_id(&parameter["schema"]) || name == "c";
            match parameter["in"].as_str() {
                Some("path") => slots.push(Slot {
                    name,
                    place: Place::Path,
                }),
                Some("query") if is_id => slots.push(Slot {
                    name,
                    place: Place::Query,
                }),
                _ => {}
            }
        }
        let body = &described["requestBody"]["content"]["application/json"]["schema"];
        let forms = schemas.forms(body);
        let mut bodies = Vec::new();
        for (form, members) in forms.iter().enumerate() {
            for (name, schema) in &members.all {
                let is_name = name.ends_with("_id") && name != "client_message_id";
                if is_name || schemas.is_id(schema) {
                    let place = Place::Body(form);
                    slots.push(Slot {
                        name: name.clone(),
                        place,
                    });
                }
            }
            let needed = members
                .all
                .iter()
                .filter(|(name, _)| members.required.contains(name.as_str()));
            let filled = needed.map(|(name, schema)| (name.clone(), schemas.sample(name, schema)));
            bodies.push(filled.collect());
        }
        let responses = described["responses"].to_string();
        Self {
            method,
            path: path.to_owned(),
            bodies,
            slots,
            is_private: described["security"].is_array(),
            is_stream: responses.contains("text/event-stream")
                && described.get("requestBody").is_none(),
        }
    }

    pub fn words(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A sensible request with the caller's own things, except for what stands in one slot.
    pub fn request(
        &self,
        browser: &Browser,
        own: &Own,
        other: Option<(&Slot, &str)>,
    ) -> RequestBuilder {
        let fill = |slot: &Slot| match other {
            Some((varied, value)) if varied == slot => value.to_owned(),
            _ => own.of(&self.path, &slot.name),
        };
        let form = match other {
            Some((
                Slot {
                    place: Place::Body(form),
                    ..
                },
                _,
            )) => *form,
            _ => 0,
        };
        let mut path = format!("/api/v1{}", self.path);
        let mut query = Vec::new();
        let mut body = self.bodies.get(form).cloned();
        for slot in &self.slots {
            match slot.place {
                Place::Path => path = path.replace(&format!("{{{}}}", slot.name), &fill(slot)),
                Place::Query => query.push((slot.name.clone(), fill(slot))),
                Place::Body(of) if of == form => {
                    let is_varied = other.is_some_and(|(varied, _)| varied == slot);
                    let members = body.as_mut().unwrap();
                    let is_word = matches!(members.get(&slot.name), Some(Value::String(word)) if word != schema::ANY_ID);
                    if is_varied || (members.contains_key(&slot.name) && !is_word) {
                        members.insert(slot.name.clone(), fill(slot).into());
                    }
                }
                Place::Body(_) => {}
            }
        }
        let mut request = browser.request(self.method.clone(), &path).query(&query);
        if let Some(mut body) = body {
            if body.contains_key("client_message_id") {
                let id = uuid::Uuid::now_v7().to_string();
                body.insert("client_message_id".to_owned(), id.into());
            }
            request = request.json(&body);
        }
        request
    }
}

impl Own {
    /// What belongs into a slot of this name at this path.
    fn of(&self, path: &str, slot: &str) -> String {
        let first = path.split('/').nth(1).unwrap_or_default();
        let thing = match (first, slot) {
            (_, "parent_id" | "before" | "message_id") => &self.message,
            ("messages", "id") => &self.message,
            ("generations", "id") | (_, "generation_id") => &self.generation,
            ("conversations", "id") | (_, "conversation_id" | "session_id" | "c") => {
                &self.conversation
            }
            _ => return uuid::Uuid::now_v7().to_string(),
        };
        thing.clone()
    }
}

/// A server function.
#[derive(Debug)]
pub struct Function {
    pub path: String,
    /// Whether it answers GET: it changes nothing then.
    pub is_read: bool,
    /// Names and types of its arguments.
    pub arguments: Vec<(String, String)>,
}

/// All server functions that are written down.
pub fn functions() -> Vec<Function> {
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"),
        "parlance_ui",
        &mut found,
    );
    assert!(found.len() > 20, "{found:?}");
    found
}

fn walk(folder: &Path, module: &str, found: &mut Vec<Function>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let inner = format!("{module}/{name}");
        if path.is_dir() {
            walk(&path, &inner, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code: Vec<_> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            let code = code.join("\n");
            for part in code.split("\n#[server").skip(1) {
                let (attribute, rest) = part.split_once(']').unwrap();
                let head = rest.split("pub async fn ").nth(1).unwrap();
                let name = head.split(['(', '<']).next().unwrap();
                let listed = head.split_once('(').unwrap().1;
                let listed = listed.split(") ->").next().unwrap();
                found.push(Function {
                    path: format!("/rpc/{inner}/{name}"),
                    is_read: attribute.contains("GetUrl"),
                    arguments: arguments(listed),
                });
            }
        }
    }
}

/// Names and types in a list of arguments, without what the server function's macro reads of them.
fn arguments(listed: &str) -> Vec<(String, String)> {
    let plain = listed.replace("#[server(default)]", "");
    let each = plain.split(',').filter_map(|one| one.split_once(':'));
    each.map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned()))
        .collect()
}

/// The name and the word of somebody who was made by `Browser::register`.
pub fn credentials(name: &str) -> Value {
    serde_json::json!({ "email": crate::harness::browser::email(name), "password": PASSWORD })
}
