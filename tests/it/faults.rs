//! A provider that refuses, breaks off or lies, in every way that is known (D19, D20): the right word for the
//! person, no text lost, no secret told, and the next message works.

mod breaker;
mod framing;
mod midway;
mod refusals;
mod retries;

use parlance_upstream::Visit;
use serde_json::Value;

use crate::harness::{
    Browser, Engine, Server,
    events::{Reply, tokens},
    on_both,
};

/// Patience of a tenth or less, and one permit, so that one that is not given back blocks the next message.
const HASTE: [(&str, &str); 5] = [
    ("PARLANCE_UPSTREAM_PERMITS", "1"),
    ("PARLANCE_UPSTREAM_FIRST_BYTE_MS", "1500"),
    ("PARLANCE_UPSTREAM_GAP_MS", "1500"),
    ("PARLANCE_UPSTREAM_STALL_NOTICE_MS", "400"),
    ("PARLANCE_RETRY_BASE_MS", "20"),
];

/// The provider acts as the first word of the last message says.
const MODEL: &str = "as-said";

/// A server whose provider fails, and the conversation in which it does.
struct World {
    server: Server,
    ann: Browser,
    id: String,
}

/// What a person was told of one reply.
struct Told {
    /// The data of the `final`.
    end: Value,
    text: String,
    /// Whether anything else than the provider's numbered tokens came to the code of the error.
    code: String,
    status: String,
    /// Requests that the provider had for it.
    visits: Vec<Visit>,
    /// How the generation fared on the way.
    fares: Vec<Value>,
}

impl World {
    async fn begin(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let all: Vec<_> = HASTE.iter().chain(settings).copied().collect();
        let server = Server::start_with(engine, MODEL, &all).await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        Self { server, ann, id }
    }

    /// Says it and follows the reply to its end; what is stored must be what was told.
    async fn say(&self, said: &str) -> Told {
        let before = self.server.upstream.visits().len();
        let accepted = self.ann.say(&self.id, said).await;
        let mut events = self.ann.follow(&self.id, None).await;
        let (mut reply, mut fares) = (Reply::default(), Vec::new());
        let end = loop {
            let event = events.next().await.expect("a final before the end");
            if event.kind == "status" {
                fares.push(event.data.clone());
            }
            let last = event.data["generation_id"] == accepted["generation_id"];
            if event.data["op"] == "final" && !last {
                continue;
            }
            if reply.apply(&event) == crate::harness::events::Applied::Final {
                break event.data;
            }
        };
        let open = self.ann.open(&self.id).await;
        let error = if end["message"].is_null() {
            assert_eq!(
                open["failure"]["error"]["code"], end["error"]["code"],
                "a reload shows it too"
            );
            assert!(reply.text.is_empty(), "text was shown and is gone");
            &end["error"]
        } else {
            let messages = open["messages"].as_array().expect("messages");
            assert_eq!(
                messages.last(),
                Some(&end["message"]),
                "a reload shows it too"
            );
            &end["message"]["error"]
        };
        assert!(!open.to_string().contains("canary"), "the key was told");
        assert!(open["active"].is_null());
        Told {
            code: error["code"].as_str().unwrap_or_default().to_owned(),
            status: end["status"].as_str().unwrap_or_default().to_owned(),
            text: reply.text,
            visits: self.server.upstream.visits().split_off(before),
            fares,
            end,
        }
    }

    /// Nothing is left over from before: the permit is back, and the conversation goes on.
    async fn goes_on(&self) {
        let told = self.say("words-5 please").await;
        assert_eq!(told.status, "completed", "the next message: {}", told.end);
        assert_eq!(tokens(&told.text), [1, 2, 3, 4, 5]);
    }
}

/// One reply from a provider that behaves so, and one after it.
async fn meet(engine: Engine, fault: &str) -> Told {
    let world = World::begin(engine, &[]).await;
    let told = world.say(fault).await;
    world.goes_on().await;
    told
}

on_both! {
    async fn the_key_is_told_to_nobody(engine: Engine) {
        let world = World::begin(engine, &[]).await;
        let told = world.say("fault-key-echo").await;
        assert!(!told.end.to_string().contains("canary"));
        assert!(!world.server.log().contains("canary"), "the key is in the log");
        assert!(world.server.log().contains("upstream_auth") || world.server.log().contains("UpstreamAuth"));
    }

    async fn an_unreachable_provider_is_named(engine: Engine) {
        let world = World::begin(engine, &[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]).await;
        let told = world.say("anything").await;
        assert_eq!((told.status.as_str(), told.code.as_str()), ("failed", "upstream_connect"));
        assert!(!told.end.to_string().contains("127.0.0.1"));
    }
}
