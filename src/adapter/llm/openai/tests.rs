//! The adapter against the test provider, over real sockets: `parlance_upstream`'s model names say how
//! it behaves.

use std::time::Duration;

use futures::StreamExt;
use parlance_core::domain::{Part, ProblemCode, Usage};
use parlance_server::port::llm::Piece;
use parlance_upstream::{POLYGLOT, Upstream};
use serde_json::json;

use super::*;
use crate::llm::tests::{KEY, Outcome, haste, prompt};

mod pressure;
mod reading;
mod wire;

fn adapter(base_url: String, model: &str) -> OpenAi {
    let remote = RemoteConfig {
        api_key: Some(KEY.into()),
        base_url: Some(base_url),
        model: Some(model.to_owned()),
        timeouts: haste(),
        ..RemoteConfig::default()
    };
    of(remote, Prefix::ByHost)
}

fn of(remote: RemoteConfig, prefix: Prefix) -> OpenAi {
    OpenAi::new(OpenAiConfig { remote, prefix }).expect("a sound configuration")
}

async fn outcome(model: &str) -> Outcome {
    let upstream = Upstream::start().await;
    let outcome = Outcome::of(&adapter(upstream.base_url(), model)).await;
    assert_eq!(upstream.stats().requests, 1, "the adapter never asks twice");
    outcome
}

#[tokio::test]
async fn reads_text_reasoning_usage_and_the_reason_of_the_end() {
    let upstream = Upstream::start().await;
    let outcome = Outcome::of(&adapter(upstream.base_url(), "think-3+words-40@400")).await;
    assert_eq!(outcome.reasoning, "r1 r2 r3 ");
    assert_eq!(outcome.words(), 40);
    assert_eq!(outcome.model.as_deref(), Some("think-3+words-40@400"));
    assert_eq!(outcome.usage.expect("counts").completion_tokens, 43);
    assert_eq!(outcome.finish.as_deref(), Some("stop"));
    let seen = upstream.requests().pop().expect("a request");
    assert_eq!(seen.authorization, Some(format!("Bearer {KEY}")));
    assert_eq!(seen.body["stream"], true);
    assert_eq!(
        seen.body["messages"][0],
        json!({ "role": "system", "content": "Be brief." })
    );
}

#[tokio::test]
async fn every_odd_framing_gives_the_same_text() {
    for fault in [
        "crlf",
        "comments",
        "no-space",
        "empty-deltas",
        "duplicate-finish",
        "after-done",
        "bad-chunk",
        "split-sse",
        "gzip",
    ] {
        let outcome = outcome(&format!("words-9+fault-{fault}@3")).await;
        assert_eq!(
            (outcome.words(), outcome.finish.as_deref()),
            (9, Some("stop")),
            "{fault}"
        );
        assert!(outcome.usage.is_some(), "{fault}");
        assert!(!outcome.text.contains("after the end"));
    }
    assert_eq!(outcome("fault-split-utf8").await.text, POLYGLOT);
    assert_eq!(outcome("fault-slow-loris").await.words(), 3);
    let broken = outcome("words-9+fault-invalid-utf8@3").await;
    assert_eq!(
        (broken.words(), broken.text.contains('\u{fffd}')),
        (9, true)
    );
    let big = outcome("words-9+fault-big-delta@3").await;
    assert_eq!(big.text.matches('x').count(), 1_000_000);
    assert_eq!(big.finish.as_deref(), Some("stop"));
    assert!(outcome("fault-nul").await.text.contains("nul\u{fffd}nul"));
}

#[tokio::test]
async fn either_end_mark_will_do_and_none_is_a_cut() {
    assert_eq!(
        outcome("words-5+fault-length").await.finish.as_deref(),
        Some("length")
    );
    assert_eq!(
        outcome("words-5+fault-done-missing")
            .await
            .finish
            .as_deref(),
        Some("stop")
    );
    let cut = outcome("fault-eof@7").await;
    assert_eq!(
        (cut.words(), cut.finish.as_deref(), cut.code()),
        (7, None, None)
    );
}

#[tokio::test]
async fn refusals_get_the_code_that_tells_what_to_do() {
    for (model, code) in [
        ("fault-400", ProblemCode::UpstreamBadRequest),
        ("fault-400-text", ProblemCode::UpstreamBadRequest),
        ("fault-400-context", ProblemCode::ContextOverflow),
        ("fault-401", ProblemCode::UpstreamAuth),
        ("fault-403", ProblemCode::UpstreamAuth),
        ("fault-key-echo", ProblemCode::UpstreamAuth),
        ("fault-404", ProblemCode::ModelNotFound),
        ("no-such-model", ProblemCode::ModelNotFound),
        ("fault-422", ProblemCode::UpstreamBadRequest),
        ("fault-500", ProblemCode::Upstream5xx),
        ("fault-502-html", ProblemCode::Upstream5xx),
        ("fault-flaky@1", ProblemCode::Upstream5xx),
        ("fault-200-json", ProblemCode::Upstream5xx),
        ("fault-reset-early", ProblemCode::UpstreamReset),
        ("fault-stall-before", ProblemCode::UpstreamFirstTokenTimeout),
    ] {
        let outcome = outcome(model).await;
        assert_eq!(outcome.code(), Some(code), "{model}: {:?}", outcome.error);
    }
    let limited = outcome("fault-429@7").await.error.expect("a refusal");
    assert_eq!(limited.code, ProblemCode::UpstreamRateLimited);
    assert_eq!(limited.retry_after, Some(Duration::from_secs(7)));
    let limited = outcome("fault-429-date@30").await.error.expect("a refusal");
    assert_eq!(limited.code, ProblemCode::UpstreamRateLimited);
    let told = limited.retry_after.expect("a date");
    // Dates have whole seconds.
    assert!(told.abs_diff(Duration::from_secs(30)) <= Duration::from_secs(1));
}

#[tokio::test]
async fn faults_in_mid_answer_come_after_the_text_before_them() {
    for (model, code) in [
        ("fault-error-in-stream@6", ProblemCode::Upstream5xx),
        ("fault-reset@6", ProblemCode::UpstreamReset),
        ("fault-stall@6", ProblemCode::UpstreamStalled),
        ("fault-huge-delta@6", ProblemCode::UpstreamInvalid),
    ] {
        let outcome = outcome(model).await;
        assert_eq!(
            (outcome.words(), outcome.code()),
            (6, Some(code)),
            "{model}: {:?}",
            outcome.error
        );
        assert_eq!(outcome.finish, None, "{model}");
    }
}

#[tokio::test]
async fn without_a_model_the_first_listed_answers() {
    let upstream = Upstream::start().await;
    let adapter = adapter(upstream.base_url(), "");
    for _ in 0..2 {
        let mut pieces = adapter.ask(prompt()).await.expect("an answer");
        let named = pieces.next().await.expect("a piece").expect("no error");
        assert_eq!(named, Piece::Model("words-200@50".to_owned()));
    }
}

#[tokio::test]
async fn the_beginning_of_the_answer_and_its_longest_length_are_sent() {
    let upstream = Upstream::start().await;
    let remote = RemoteConfig {
        base_url: Some(upstream.base_url()),
        model: Some("words-3".to_owned()),
        ..RemoteConfig::default()
    };
    let adapter = of(remote, Prefix::Flag);
    assert!(adapter.continues_prefix());
    let begun = Prompt {
        prefix: Some("Well, ".to_owned()),
        max_tokens: Some(7),
        ..prompt()
    };
    let mut outcome = Outcome::default();
    outcome
        .gather(adapter.ask(begun).await.expect("an answer"))
        .await;
    let seen = upstream.requests().pop().expect("a request");
    let last = json!({ "role": "assistant", "content": "Well, ", "prefix": true });
    assert_eq!(seen.body["messages"][2], last);
    assert_eq!(seen.body["max_tokens"], 7);
}

#[tokio::test]
async fn the_window_is_what_was_configured_else_what_the_name_says() {
    let set = |model: &str, context_tokens| {
        let remote = RemoteConfig {
            model: Some(model.to_owned()),
            context_tokens,
            ..RemoteConfig::default()
        };
        of(remote, Prefix::ByHost)
    };
    assert_eq!(set("gpt-4o", Some(4_096)).window(), 4_096);
    assert_eq!(set("gpt-4o", None).window(), 128_000);
    let openai = set("gpt-4o", None);
    assert_eq!(openai.provider(), "api.openai.com");
    assert!(!openai.continues_prefix());
}

#[tokio::test]
async fn a_key_is_not_required() {
    let upstream = Upstream::start().await;
    let (base_url, model) = (Some(upstream.base_url()), Some("words-2".to_owned()));
    let remote = RemoteConfig {
        base_url,
        model,
        ..RemoteConfig::default()
    };
    let adapter = of(remote, Prefix::ByHost);
    assert_eq!(Outcome::of(&adapter).await.words(), 2);
    assert_eq!(upstream.stats().last_authorization, None);
}

#[test]
fn the_start_message_and_debug_hold_no_secret() {
    let adapter = adapter("https://u:hidden-word@llm.example/v1".to_owned(), "m");
    assert_eq!(adapter.describe(), "m at https://llm.example/v1");
    let shown = format!("{adapter:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("hidden-word"),
        "{shown}"
    );
}
