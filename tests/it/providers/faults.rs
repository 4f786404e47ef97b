//! Providers that refuse, break off or send what nobody asked for, each kind in its own shapes: the right word for the
//! person, no text lost, and the next message works.

use super::*;

/// Patience of a tenth, so that a fault and its retries are soon over.
const HASTE: [(&str, &str); 5] = [
    ("PARLANCE_UPSTREAM_FIRST_BYTE_MS", "1500"),
    ("PARLANCE_UPSTREAM_GAP_MS", "1500"),
    ("PARLANCE_UPSTREAM_STALL_NOTICE_MS", "400"),
    ("PARLANCE_RETRY_BASE_MS", "20"),
    // A provider that fails again and again is not asked for a while: here for no time at all.
    ("PARLANCE_BREAKER_OPEN_MS", "1"),
];

/// What a provider does; how the reply ends, with which code, and how many numbered words it has.
const TABLE: [(&str, &str, &str, usize); 11] = [
    ("fault-401", "failed", "upstream_auth", 0),
    ("fault-400-context", "failed", "context_overflow", 0),
    ("fault-404", "failed", "model_not_found", 0),
    ("fault-529", "failed", "upstream_5xx", 0),
    ("fault-429@120", "failed", "upstream_rate_limited", 0),
    ("fault-blocked", "failed", "content_filtered", 0),
    ("fault-eof@6", "interrupted", "upstream_truncated", 6),
    ("fault-error-in-stream@6", "interrupted", "upstream_5xx", 6),
    ("fault-reset@6", "interrupted", "upstream_reset", 6),
    ("fault-refusal@6", "completed", "", 6),
    ("words-9+fault-foreign@3", "completed", "", 9),
];

on_both! {
    async fn faults_are_told_in_our_words(engine: Engine) {
        for kind in KINDS {
            let world = World::begin(engine, kind, &HASTE).await;
            for (fault, status, code, words) in TABLE {
                // One each, so that what one leaves behind is not asked again with the next.
                let id = conversation(&world.ann).await;
                let told = follow(&world.ann, &id, fault).await;
                assert_eq!((told.status(), told.code()), (status, code), "{kind} {fault}: {}", told.end);
                assert_eq!(tokens(&told.reply.text).len(), words, "{kind} {fault}");
                assert!(!told.end.to_string().contains("alert"), "{kind} {fault}");
                let next = follow(&world.ann, &id, "words-2 please").await;
                assert_eq!(next.status(), "completed", "{kind} after {fault}: {}", next.end);
            }
            let told = follow(&world.ann, &conversation(&world.ann).await, "fault-key-echo").await;
            assert_eq!(told.code(), "upstream_auth", "{kind}");
            for text in [told.end.to_string(), world.server.log()] {
                assert!(!text.contains("canary"), "{kind}: the key was told");
            }
        }
    }

    async fn a_call_for_a_tool_is_shown_among_the_thoughts(engine: Engine) {
        for kind in KINDS {
            let world = World::begin(engine, kind, &HASTE).await;
            let told = world.say("fault-tool@3").await;
            assert_eq!((told.status(), tokens(&told.reply.text).len()), ("completed", 3), "{kind}: {}", told.end);
            assert_eq!(told.end["message"]["reasoning"], "[get_weather]\n", "{kind}");
        }
    }
}
