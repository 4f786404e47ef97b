//! The provider refuses, or says nothing at all: the reply fails with the right code and leaves no message.

use super::meet;
use crate::harness::{Engine, on_both};

/// How often a request is made whose failure may pass.
const ATTEMPTS: usize = 3;

async fn refused(engine: Engine, fault: &str, codes: &[&str], requests: usize) {
    let told = meet(engine, fault).await;
    assert_eq!(told.status, "failed", "{fault}: {}", told.end);
    assert!(codes.contains(&told.code.as_str()), "{fault}: {}", told.end);
    assert!(
        told.end["message"].is_null() && told.text.is_empty(),
        "{fault}"
    );
    assert_eq!(told.visits.len(), requests, "{fault}: requests");
}

on_both! {
    async fn status_400_is_a_bad_request(engine: Engine) {
        refused(engine, "fault-400-text", &["upstream_bad_request"], 1).await;
    }

    async fn status_400_about_length_is_an_overflow(engine: Engine) {
        refused(engine, "fault-400-context", &["context_overflow"], 1).await;
    }

    async fn status_401_is_about_the_key(engine: Engine) {
        refused(engine, "fault-401", &["upstream_auth"], 1).await;
    }

    async fn status_404_is_about_the_model(engine: Engine) {
        refused(engine, "fault-404", &["model_not_found"], 1).await;
    }

    async fn status_429_is_a_limit(engine: Engine) {
        refused(engine, "fault-429@0", &["upstream_rate_limited"], ATTEMPTS).await;
    }

    async fn status_429_for_long_is_not_waited_for(engine: Engine) {
        for fault in ["fault-429@120", "fault-429-date@120"] {
            let told = meet(engine, fault).await;
            assert_eq!((told.code.as_str(), told.visits.len()), ("upstream_rate_limited", 1), "{fault}: {}", told.end);
            let wait = told.end["error"]["retry_after_ms"].as_u64();
            assert!(wait.is_some_and(|wait| (108_000..=132_000).contains(&wait)), "{fault}: {}", told.end);
        }
    }

    async fn status_500_is_the_providers_fault(engine: Engine) {
        refused(engine, "fault-500", &["upstream_5xx"], ATTEMPTS).await;
    }

    async fn a_page_of_a_proxy_is_the_providers_fault(engine: Engine) {
        refused(engine, "fault-502-html", &["upstream_5xx"], ATTEMPTS).await;
    }

    async fn json_that_is_no_reply_is_an_error(engine: Engine) {
        let told = meet(engine, "fault-200-json").await;
        assert_eq!(told.status, "failed");
        assert!(["upstream_5xx", "upstream_invalid"].contains(&told.code.as_str()), "{}", told.end);
        assert!((1..=ATTEMPTS).contains(&told.visits.len()));
    }

    async fn a_connection_reset_before_any_answer_is_an_error(engine: Engine) {
        refused(engine, "fault-reset-early", &["upstream_reset", "upstream_connect"], ATTEMPTS).await;
    }

    async fn silence_before_the_first_text_is_not_endless(engine: Engine) {
        refused(engine, "fault-stall-before", &["upstream_first_token_timeout"], 1).await;
    }

    async fn silence_after_the_head_is_not_endless(engine: Engine) {
        refused(engine, "fault-stall@0", &["upstream_first_token_timeout"], 1).await;
    }

    async fn a_body_compressed_unasked_is_read_or_refused_but_never_shown(engine: Engine) {
        let told = meet(engine, "words-9+fault-gzip").await;
        match told.status.as_str() {
            "completed" => assert_eq!(crate::harness::events::tokens(&told.text).len(), 9),
            status => {
                assert_eq!(status, "failed", "{}", told.end);
                assert!(told.code.starts_with("upstream_"), "{}", told.end);
            }
        }
    }
}
