//! A provider that refuses, breaks off or lies: the right word for the person, no text lost, and no
//! secret told.

use crate::harness::{
    Engine, Server,
    events::{Reply, assert_whole},
    on_both,
};

/// One reply from a provider that behaves as `model` says: its `final`, and the text.
async fn reply(server: &Server, name: &str) -> (serde_json::Value, Reply) {
    let ann = server.member(name).await;
    let id = ann.conversation().await;
    let mut events = ann.follow(&id, None).await;
    ann.say(&id, "go").await;
    let mut reply = Reply::default();
    let last = events.read_to_final(&mut reply).await;
    let open = ann.open(&id).await;
    if last["message"].is_null() {
        assert_eq!(
            open["failure"]["error"]["code"], last["error"]["code"],
            "a reload shows it too"
        );
    }
    (last, reply)
}

on_both! {
    async fn a_refusal_before_any_text_fails_without_a_message(engine: Engine) {
        for (model, code) in [
            ("fault-401", "upstream_auth"),
            ("fault-404", "model_not_found"),
            ("fault-429", "upstream_rate_limited"),
            ("fault-500", "upstream_5xx"),
            ("fault-502-html", "upstream_5xx"),
            ("fault-400-text", "upstream_bad_request"),
            ("fault-400-context", "context_overflow"),
            ("fault-200-json", "upstream_invalid"),
        ] {
            let server = Server::start(engine, model).await;
            let (last, reply) = reply(&server, "ann").await;
            assert_eq!(last["status"], "failed", "{model}");
            let told = last["error"]["code"].as_str().unwrap().to_owned();
            if model != "fault-200-json" {
                assert_eq!(told, code, "{model}");
            }
            assert!(last["message"].is_null() && reply.text.is_empty(), "{model}");
        }
    }

    async fn a_fault_in_mid_reply_keeps_the_text(engine: Engine) {
        for (model, code) in [
            ("fault-reset@7", "upstream_reset"),
            ("fault-eof@7", "upstream_truncated"),
            ("fault-error-in-stream@7", ""),
        ] {
            let server = Server::start(engine, model).await;
            let (last, reply) = reply(&server, "ann").await;
            assert_eq!(last["status"], "interrupted", "{model}");
            if !code.is_empty() {
                assert_eq!(last["message"]["error"]["code"], code, "{model}");
            }
            assert_whole(&reply.text);
            assert_eq!(crate::harness::events::tokens(&reply.text).len(), 7, "{model}");
        }
    }

    async fn odd_but_lawful_streams_are_read_whole(engine: Engine) {
        for model in [
            "fault-bad-chunk@5",
            "fault-crlf",
            "fault-comments",
            "fault-empty-deltas",
            "fault-done-missing",
            "fault-split-utf8",
        ] {
            let server = Server::start(engine, model).await;
            let (last, _) = reply(&server, "ann").await;
            assert_eq!(last["status"], "completed", "{model}: {last}");
        }
    }

    async fn the_key_is_told_to_nobody(engine: Engine) {
        let server = Server::start(engine, "fault-key-echo").await;
        let (last, _) = reply(&server, "ann").await;
        assert!(!last.to_string().contains("canary"));
        assert!(!server.log().contains("canary"), "the key is in the log");
        assert!(server.log().contains("upstream_auth") || server.log().contains("UpstreamAuth"));
    }

    async fn an_unreachable_provider_is_named(engine: Engine) {
        let server = Server::start_with(engine, "any", &[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]).await;
        let (last, _) = reply(&server, "ann").await;
        assert_eq!(last["error"]["code"], "upstream_connect");
        assert!(!last.to_string().contains("127.0.0.1"));
    }
}
