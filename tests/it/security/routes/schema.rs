//! As much of JSON Schema as the description of the API uses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::harness::browser::PASSWORD;

/// Stands for an id until somebody's own takes its place.
pub const ANY_ID: &str = "019a0000-0000-7000-8000-000000000000";

/// The named ones.
pub struct Schemas<'a>(&'a Value);

/// What an object may hold.
#[derive(Default)]
pub struct Members {
    pub all: BTreeMap<String, Value>,
    pub required: BTreeSet<String>,
}

impl<'a> Schemas<'a> {
    pub fn of(api: &'a Value) -> Self {
        Self(&api["components"]["schemas"])
    }

    /// The schema itself, where it is only named, and the one beside `null`.
    fn open(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.open(&self.0[name.rsplit('/').next().unwrap()]);
        }
        for key in ["oneOf", "anyOf"] {
            let Some(choices) = schema[key].as_array() else {
                continue;
            };
            let mut real = choices.iter().filter(|choice| choice["type"] != "null");
            if let (Some(one), None) = (real.next(), real.next()) {
                return self.open(one);
            }
        }
        schema.clone()
    }

    pub fn is_id(&self, schema: &Value) -> bool {
        self.open(schema)["format"] == "uuid"
    }

    /// The objects that a body may be.
    pub fn forms(&self, body: &Value) -> Vec<Members> {
        let body = self.open(body);
        match body["oneOf"].as_array() {
            Some(choices) => choices
                .iter()
                .flat_map(|choice| self.forms(choice))
                .collect(),
            None if body.is_null() => Vec::new(),
            None => vec![self.members(&body)],
        }
    }

    fn members(&self, schema: &Value) -> Members {
        let schema = self.open(schema);
        let mut members = Members::default();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let part = self.members(part);
            members.all.extend(part.all);
            members.required.extend(part.required);
        }
        let named = schema["properties"].as_object().into_iter().flatten();
        members
            .all
            .extend(named.map(|(name, value)| (name.clone(), value.clone())));
        let required = schema["required"].as_array().into_iter().flatten();
        members
            .required
            .extend(required.map(|name| name.as_str().unwrap().to_owned()));
        members
    }

    /// Something of this shape that makes sense under this name.
    pub fn sample(&self, name: &str, schema: &Value) -> Value {
        let schema = self.open(schema);
        if schema["format"] == "uuid" {
            return json!(ANY_ID);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        let is = |kind: &str| {
            schema["type"] == kind
                || schema["type"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|one| one == kind))
        };
        if is("boolean") {
            json!(false)
        } else if is("integer") || is("number") {
            json!(1)
        } else if is("array") {
            json!([])
        } else if is("object") || schema["allOf"].is_array() {
            let members = self.members(&schema);
            let needed = members
                .all
                .iter()
                .filter(|(name, _)| members.required.contains(*name));
            let filled = needed.map(|(name, schema)| (name.clone(), self.sample(name, schema)));
            Value::Object(filled.collect::<Map<_, _>>())
        } else {
            json!(match name {
                "email" => "somebody@example.com",
                "persona_id" | "role_id" => "assistant",
                name if name.contains("password") => PASSWORD,
                _ => "hello",
            })
        }
    }
}
