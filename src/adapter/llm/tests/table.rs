//! What a provider does, and what that must come to, whichever kind it is.

use parlance_upstream::POLYGLOT;

use super::*;

/// What comes of asking a provider of this kind that behaves as `model` says.
async fn met(kind: &str, model: &str) -> Outcome {
    let upstream = Upstream::start().await;
    let llm = of_kind(kind, &upstream, Some(model));
    // An agent is told no model: it reads what it shall do in the question.
    let outcome = Outcome::of_prompt(&*llm, saying(&format!("{model} please"))).await;
    let asked = upstream.stats().requests;
    assert_eq!(asked, 1, "{kind}: an adapter never asks twice");
    outcome
}

#[tokio::test]
async fn answers_are_read_to_their_end() {
    for kind in KINDS {
        for (model, words, finish) in [
            ("words-9", 9, "stop"),
            ("words-9+fault-length", 9, "length"),
            ("fault-refusal@6", 6, "content_filter"),
            ("words-9+fault-foreign@3", 9, "stop"),
            ("words-9+fault-image@3", 9, "stop"),
            ("words-9+fault-crlf@3", 9, "stop"),
            ("words-9+fault-comments@3", 9, "stop"),
            ("words-9+fault-no-space@3", 9, "stop"),
            ("words-9+fault-empty-deltas@3", 9, "stop"),
            ("words-9+fault-duplicate-finish@3", 9, "stop"),
            ("words-9+fault-bad-chunk@3", 9, "stop"),
            ("words-9+fault-invalid-utf8@3", 9, "stop"),
            ("words-9+fault-split-sse@3", 9, "stop"),
            ("words-9+fault-gzip@3", 9, "stop"),
            ("words-5+fault-done-missing", 5, "stop"),
        ] {
            let outcome = met(kind, model).await;
            assert_eq!(outcome.code(), None, "{kind} {model}: {:?}", outcome.error);
            assert_eq!(
                (outcome.words(), outcome.finish.as_deref()),
                (words, Some(finish)),
                "{kind} {model}"
            );
            assert!(outcome.usage.is_some(), "{kind} {model}");
            assert!(!outcome.text.contains("alert"), "{kind} {model}");
        }
        let polyglot = met(kind, "fault-split-utf8").await;
        assert_eq!(polyglot.text, POLYGLOT, "{kind}");
        let big = met(kind, "words-9+fault-big-delta@3").await;
        assert_eq!(big.text.matches('x').count(), 1_000_000, "{kind}");
        let nul = met(kind, "fault-nul").await;
        assert!(nul.text.contains("nul\u{fffd}nul"), "{kind}");
    }
}

#[tokio::test]
async fn thoughts_counts_and_the_models_name_are_told() {
    for kind in KINDS {
        let outcome = met(kind, "think-3+words-40").await;
        assert_eq!(outcome.reasoning, "r1 r2 r3 ", "{kind}");
        assert_eq!(outcome.words(), 40, "{kind}");
        let usage = outcome.usage.expect("counts");
        assert_eq!(usage.completion_tokens, 43, "{kind}");
        assert!(usage.prompt_tokens > 0, "{kind}");
        let name = match kind {
            "agent" => "an-agent",
            _ => "think-3+words-40",
        };
        assert_eq!(outcome.model.as_deref(), Some(name), "{kind}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_named_and_not_acted_on() {
    for kind in KINDS {
        let call = met(kind, "fault-tool@3").await;
        assert_eq!(call.words(), 3, "{kind}");
        assert_eq!(call.reasoning, "[get_weather]\n", "{kind}");
        // To Google it is an ordinary end.
        let finish = if kind == "gemini" {
            "stop"
        } else {
            "tool_calls"
        };
        assert_eq!(call.finish.as_deref(), Some(finish), "{kind}");
        let image = met(kind, "words-9+fault-image@3").await;
        assert_eq!(image.text.contains("[image"), kind != "agent", "{kind}");
        assert!(!image.text.contains("iVBOR"), "{kind}");
    }
}

#[tokio::test]
async fn an_answer_without_its_end_is_a_cut() {
    for kind in KINDS {
        let cut = met(kind, "fault-eof@7").await;
        assert_eq!(
            (cut.words(), cut.finish.as_deref(), cut.code()),
            (7, None, None),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn refusals_get_the_code_that_tells_what_to_do() {
    for kind in KINDS {
        for (model, code) in [
            ("fault-400", ProblemCode::UpstreamBadRequest),
            ("fault-400-text", ProblemCode::UpstreamBadRequest),
            ("fault-400-context", ProblemCode::ContextOverflow),
            ("fault-401", ProblemCode::UpstreamAuth),
            ("fault-403", ProblemCode::UpstreamAuth),
            ("fault-key-echo", ProblemCode::UpstreamAuth),
            ("fault-404", ProblemCode::ModelNotFound),
            ("fault-413", ProblemCode::ContextOverflow),
            ("fault-422", ProblemCode::UpstreamBadRequest),
            ("fault-500", ProblemCode::Upstream5xx),
            ("fault-502-html", ProblemCode::Upstream5xx),
            ("fault-503", ProblemCode::Upstream5xx),
            ("fault-529", ProblemCode::Upstream5xx),
            ("fault-200-json", ProblemCode::Upstream5xx),
            ("fault-blocked", ProblemCode::ContentFiltered),
            ("fault-reset-early", ProblemCode::UpstreamReset),
            ("fault-stall-before", ProblemCode::UpstreamFirstTokenTimeout),
        ] {
            let outcome = met(kind, model).await;
            assert_eq!(
                outcome.code(),
                Some(code),
                "{kind} {model}: {:?}",
                outcome.error
            );
            assert_eq!(outcome.finish, None, "{kind} {model}");
        }
        let limited = met(kind, "fault-429@7").await.error.expect("a refusal");
        assert_eq!(limited.code, ProblemCode::UpstreamRateLimited, "{kind}");
        assert_eq!(limited.retry_after, Some(Duration::from_secs(7)), "{kind}");
        if kind != "agent" {
            let nobody = met(kind, "no-such-model").await;
            assert_eq!(nobody.code(), Some(ProblemCode::ModelNotFound), "{kind}");
        }
    }
}

#[tokio::test]
async fn faults_in_mid_answer_come_after_the_text_before_them() {
    for kind in KINDS {
        for (model, code) in [
            ("fault-error-in-stream@6", ProblemCode::Upstream5xx),
            ("fault-reset@6", ProblemCode::UpstreamReset),
            ("fault-stall@6", ProblemCode::UpstreamStalled),
        ] {
            let outcome = met(kind, model).await;
            assert_eq!(
                (outcome.words(), outcome.code()),
                (6, Some(code)),
                "{kind} {model}: {:?}",
                outcome.error
            );
            assert_eq!(outcome.finish, None, "{kind} {model}");
        }
    }
}

#[tokio::test]
async fn a_payload_may_be_as_long_as_what_the_kind_says_in_one() {
    for kind in KINDS {
        let outcome = met(kind, "fault-huge-delta@6").await;
        if kind == "gemini" {
            // Images come whole there, and are longer than this.
            assert_eq!(outcome.code(), None, "{:?}", outcome.error);
            assert_eq!(outcome.text.matches('x').count(), 2_000_000);
        } else {
            let met = (outcome.words(), outcome.code());
            assert_eq!(met, (6, Some(ProblemCode::UpstreamInvalid)), "{kind}");
        }
    }
}

#[tokio::test]
async fn dropping_the_answer_closes_the_socket() {
    for kind in KINDS {
        let upstream = Upstream::start().await;
        let llm = of_kind(kind, &upstream, Some("words-50@2"));
        let asked = llm.ask(saying("words-50@2")).await;
        let mut pieces = asked.expect("an answer");
        while !matches!(pieces.next().await, Some(Ok(Piece::Text { .. }))) {}
        drop(pieces);
        let closed = upstream
            .wait_for(Duration::from_secs(5), |stats| stats.aborted == 1)
            .await;
        closed.expect("the provider sees it");
    }
}
