//! When a failing provider is asked again: only while no text was shown, twice at the most, and not before it
//! said (D20).

use std::time::Duration;

use parlance_upstream::{End, Visit};

use super::{World, meet};
use crate::harness::{Engine, events::tokens, on_both};

/// From the end of each request to the beginning of the next (ms).
fn pauses(visits: &[Visit]) -> Vec<u64> {
    visits
        .windows(2)
        .map(|pair| {
            pair[1]
                .at_ms
                .saturating_sub(pair[0].closed_ms.unwrap_or(pair[0].at_ms))
        })
        .collect()
}

on_both! {
    async fn a_failure_that_passes_is_not_seen(engine: Engine) {
        for fault in [
            "words-8+fault-flaky@2",
            "words-8+fault-flaky-500@1",
            "words-8+fault-flaky-408@1",
            "words-8+fault-flaky-425@1",
            "words-8+fault-flaky-502@2",
            "words-8+fault-reset-first@2",
        ] {
            let world = World::begin(engine, &[]).await;
            let told = world.say(fault).await;
            assert_eq!(told.status, "completed", "{fault}: {}", told.end);
            assert_eq!(tokens(&told.text).len(), 8);
            let failures = told.visits.iter().filter(|visit| visit.end != Some(End::Completed));
            // A reset is what the provider meant to do: it counts as completed there.
            assert!(fault.contains("reset") || failures.count() == told.visits.len() - 1);
        }
    }

    async fn after_two_repetitions_it_is_over(engine: Engine) {
        let told = meet(engine, "fault-flaky@3").await;
        assert_eq!((told.status.as_str(), told.visits.len()), ("failed", 3));
    }

    async fn what_will_not_pass_is_not_tried_again(engine: Engine) {
        for status in [400, 401, 403, 404, 422] {
            let told = meet(engine, &format!("fault-{status}")).await;
            assert_eq!((told.status.as_str(), told.visits.len()), ("failed", 1), "{status}: {}", told.end);
        }
    }

    async fn a_stream_that_breaks_before_its_first_text_is_asked_for_again(engine: Engine) {
        for fault in ["fault-reset@0", "fault-eof@0"] {
            let told = meet(engine, fault).await;
            assert_eq!((told.status.as_str(), told.visits.len()), ("failed", 3), "{fault}: {}", told.end);
        }
    }

    async fn after_the_first_text_nothing_is_asked_again(engine: Engine) {
        for fault in ["fault-reset@1", "fault-eof@1", "fault-error-in-stream@1", "think-1+fault-reset@1"] {
            let told = meet(engine, fault).await;
            assert_eq!((told.status.as_str(), told.visits.len()), ("interrupted", 1), "{fault}: {}", told.end);
        }
    }

    async fn the_provider_is_left_alone_as_long_as_it_said(engine: Engine) {
        for fault in ["words-8+fault-busy@1", "words-8+fault-busy-date@1"] {
            let told = meet(engine, fault).await;
            assert_eq!(told.status, "completed", "{fault}: {}", told.end);
            // Whoever waits is told so, and for how long.
            let waiting = told.fares.iter().find(|fare| fare["status"] == "retrying");
            let waiting = waiting.unwrap_or_else(|| panic!("{:?}", told.fares));
            assert_eq!(waiting["attempt"], 2);
            assert!(waiting["next_in_ms"].as_u64().is_some_and(|wait| wait <= 1100), "{waiting}");
            let pauses = pauses(&told.visits);
            // Ten per cent, and a busy machine.
            assert!(matches!(pauses[..], [1000..=1300]), "{fault}: {pauses:?}");
        }
    }

    async fn repetitions_are_spread_and_grow(engine: Engine) {
        let world = World::begin(engine, &[("PARLANCE_RETRY_BASE_MS", "300")]).await;
        let told = world.say("fault-503").await;
        let pauses = pauses(&told.visits);
        assert!(matches!(pauses[..], [0..=500, 0..=800]), "{pauses:?}");
    }

    async fn a_stop_ends_the_waiting(engine: Engine) {
        let world = World::begin(engine, &[]).await;
        let accepted = world.ann.say(&world.id, "fault-busy@30").await;
        let asked = world.server.upstream.wait_for(Duration::from_secs(10), |stats| stats.refused == 1).await;
        assert!(asked.is_ok(), "{asked:?}");
        let path = format!("/api/generations/{}/stop", accepted["generation_id"].as_str().unwrap());
        let stopped: serde_json::Value = world.ann.post(&path).send().await.unwrap().json().await.unwrap();
        assert_eq!(stopped["status"], "cancelled");
        world.goes_on().await;
        assert_eq!(world.server.upstream.stats().models["fault-busy@30"], 1);
    }
}
