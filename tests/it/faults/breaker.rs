//! A provider that keeps failing is left alone for a while, then asked once (B.8: 5 of 10 failed).

use std::time::Duration;

use super::World;
use crate::harness::{Engine, on_both};

on_both! {
    async fn a_provider_that_keeps_failing_is_left_alone_for_a_while(engine: Engine) {
        let world = World::begin(engine, &[("PARLANCE_BREAKER_OPEN_MS", "1500")]).await;
        // Three attempts each: the fifth failure opens it.
        for _ in 0..2 {
            assert_eq!(world.say("fault-503").await.status, "failed");
        }
        let told = world.say("words-5").await;
        assert_eq!((told.status.as_str(), told.visits.len()), ("failed", 0), "{}", told.end);
        assert!(told.code.starts_with("upstream_"), "{}", told.end);
        assert!(told.end["error"]["retryable"] == true, "{}", told.end);
        tokio::time::sleep(Duration::from_millis(1600)).await;
        world.goes_on().await;
        world.goes_on().await;
    }

    async fn a_person_without_a_key_opens_no_breaker(engine: Engine) {
        let world = World::begin(engine, &[]).await;
        for _ in 0..12 {
            assert_eq!(world.say("fault-401").await.visits.len(), 1);
        }
        world.goes_on().await;
    }
}
