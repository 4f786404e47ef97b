//! Providers of every kind behind the real server: what they are sent, what a person sees of their answers, and where
//! the key goes.

mod agent;
mod faults;
mod settings;

use parlance_upstream::{Seen, Upstream};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server,
    events::{Applied, Reply, tokens},
    on_both,
};

const KEY: &str = "sk-canary-0123456789";
/// The persona's words in front of every question.
const PERSONA: &str = "你是一个资深的技术专家，精通各种编程语言和技术框架。";

/// The kinds that have a wire format of their own.
const KINDS: [&str; 4] = ["openai", "anthropic", "gemini", "agent"];

/// What chooses a kind, and has it asked at the test provider. Its model acts as the newest message says.
fn settings(kind: &str, upstream: &Upstream) -> Vec<(&'static str, String)> {
    let model = || "as-said".to_owned();
    let mut settings = vec![("PARLANCE_PROVIDER", kind.to_owned())];
    settings.extend(match kind {
        "openai" => vec![
            ("OPENAI_BASE_URL", upstream.base_url()),
            ("OPENAI_API_KEY", KEY.to_owned()),
            ("OPENAI_MODEL", model()),
        ],
        "anthropic" => vec![
            ("ANTHROPIC_BASE_URL", upstream.anthropic_url()),
            ("ANTHROPIC_API_KEY", KEY.to_owned()),
            ("ANTHROPIC_MODEL", model()),
        ],
        "gemini" => vec![
            ("GOOGLE_GEMINI_BASE_URL", upstream.gemini_url()),
            ("GEMINI_API_KEY", KEY.to_owned()),
            ("GEMINI_MODEL", model()),
        ],
        _ => vec![
            ("PARLANCE_AGENT_URL", upstream.agent_url()),
            ("PARLANCE_AGENT_KEY", KEY.to_owned()),
        ],
    });
    settings
}

/// A server that asks a provider of one kind, and a conversation on it.
struct World {
    server: Server,
    /// The provider; the one that the server brings along is asked nothing.
    upstream: Upstream,
    ann: Browser,
    id: String,
}

/// What became of one message.
struct Told {
    end: Value,
    reply: Reply,
}

impl Told {
    fn status(&self) -> &str {
        self.end["status"].as_str().unwrap_or_default()
    }

    /// Of the fault, whether text was kept or not.
    fn code(&self) -> &str {
        let error = match &self.end["message"] {
            Value::Null => &self.end["error"],
            message => &message["error"],
        };
        error["code"].as_str().unwrap_or_default()
    }
}

impl World {
    async fn begin(engine: Engine, kind: &str, further: &[(&'static str, &str)]) -> Self {
        let upstream = Upstream::start().await;
        let mut all = settings(kind, &upstream);
        all.extend(
            further
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned())),
        );
        let all: Vec<_> = all
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        let server = Server::start_with(engine, "words-1", &all).await;
        let ann = server.member("ann").await;
        let id = conversation(&ann).await;
        Self {
            server,
            upstream,
            ann,
            id,
        }
    }

    /// Says it, and follows the reply to its end.
    async fn say(&self, words: &str) -> Told {
        follow(&self.ann, &self.id, words).await
    }

    /// The last request as the provider saw it.
    fn seen(&self) -> Seen {
        self.upstream.requests().pop().expect("a request")
    }
}

/// A new one, with a persona.
async fn conversation(ann: &Browser) -> String {
    let body = json!({ "persona_id": "tech_expert" });
    let made = ann.post("/api/conversations").json(&body).send().await;
    let made: Value = made.expect("answers").json().await.expect("JSON");
    made["id"].as_str().expect("id").to_owned()
}

async fn follow(ann: &Browser, id: &str, words: &str) -> Told {
    let accepted = ann.say(id, words).await;
    let mut events = ann.follow(id, None).await;
    let mut reply = Reply::default();
    loop {
        let event = events.next().await.expect("a final before the end");
        let is_ours = event.data["generation_id"] == accepted["generation_id"];
        if event.data["op"] == "final" && !is_ours {
            continue;
        }
        if reply.apply(&event) == Applied::Final {
            let end = event.data;
            return Told { end, reply };
        }
    }
}

/// The request of the second turn, in the form of its kind.
fn assert_form(kind: &str, seen: &Seen, first_reply: &str) {
    let said = |role: &str, content: &str| json!({ "role": role, "content": content });
    let part = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let (first, second) = ("think-2+words-5 first", "words-4 second");
    let plain = [
        said("system", PERSONA),
        said("user", first),
        said("assistant", first_reply),
        said("user", second),
    ];
    let body = &seen.body;
    let (path, header, key) = match kind {
        "openai" => {
            assert_eq!(body["messages"], json!(plain));
            (
                "/v1/chat/completions",
                "authorization",
                format!("Bearer {KEY}"),
            )
        }
        "anthropic" => {
            assert_eq!(body["system"], PERSONA);
            assert_eq!(body["messages"], json!(plain[1..]));
            assert!(body["max_tokens"].as_u64().is_some_and(|most| most > 4_096));
            assert_eq!(seen.headers["anthropic-version"], "2023-06-01");
            ("/anthropic/v1/messages", "x-api-key", KEY.to_owned())
        }
        "gemini" => {
            let system = json!({ "parts": [{ "text": PERSONA }] });
            assert_eq!(body["systemInstruction"], system);
            let turns = [
                part("user", first),
                part("model", first_reply),
                part("user", second),
            ];
            assert_eq!(body["contents"], json!(turns));
            let path = "/gemini/v1beta/models/as-said:streamGenerateContent?alt=sse";
            (path, "x-goog-api-key", KEY.to_owned())
        }
        _ => {
            let asked = json!({ "version": 1, "stream": true, "messages": plain });
            assert_eq!(*body, asked);
            ("/agent", "authorization", format!("Bearer {KEY}"))
        }
    };
    assert_eq!(seen.path, path);
    assert_eq!(seen.headers.get(header), Some(&key), "{kind}");
    for (name, value) in &seen.headers {
        assert!(name == header || !value.contains(KEY), "{kind}: {name}");
    }
    assert!(!body.to_string().contains(KEY), "{kind}");
}

on_both! {
    async fn a_conversation_with_each_kind(engine: Engine) {
        for kind in KINDS {
            let world = World::begin(engine, kind, &[]).await;
            let told = world.say("think-2+words-5 first").await;
            assert_eq!(told.status(), "completed", "{kind}: {}", told.end);
            assert_eq!(tokens(&told.reply.text), [1, 2, 3, 4, 5], "{kind}");
            let message = &told.end["message"];
            assert_eq!(message["finish_reason"], "stop", "{kind}");
            assert_eq!(message["reasoning"], "r1 r2 ", "{kind}");
            assert_eq!(message["usage"]["completion_tokens"], 7, "{kind}");
            assert!(message["usage"]["prompt_tokens"].as_u64().is_some_and(|count| count > 0), "{kind}");

            let second = world.say("words-4 second").await;
            assert_eq!(tokens(&second.reply.text), [1, 2, 3, 4], "{kind}");
            assert_form(kind, &world.seen(), &told.reply.text);
            assert_eq!(world.server.upstream.stats().requests, 0, "{kind}: nobody else is asked");
            let open = world.ann.open(&world.id).await;
            assert_eq!(open["messages"][3]["content"], second.reply.text, "{kind}");
            for told in [world.server.log(), world.server.said(), open.to_string()] {
                assert!(!told.contains("canary"), "{kind}: the key was told");
            }
        }
    }
}
