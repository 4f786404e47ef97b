//! Stop freezes: the provider's socket closes at once, and no frame after the one that the answer names is ever
//! seen, not even after a reload (D15).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parlance_upstream::Upstream;

use super::{
    dice::Dice,
    figure, full,
    history::Step,
    percentile,
    reader::{Manners, Reader},
    scale,
    talk::{MODEL, Talk, Turn, stored},
};
use crate::harness::{Engine, Server, on_both};

/// ms since the Unix epoch, as the provider notes them.
pub fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_millis() as u64)
}

/// Stops it; the answer, and the step for the history.
pub async fn stop(talk: &Talk, turn: &Turn) -> Step {
    let path = format!("/api/generations/{}/stop", turn.generation);
    let response = talk.person.post(&path).send().await.expect("answers");
    assert_eq!(response.status(), 200);
    let answer: serde_json::Value = response.json().await.expect("JSON");
    Step::Stopped {
        g: turn.g.clone(),
        status: answer["status"].as_str().expect("status").to_owned(),
        seq: answer["seq"].as_u64().expect("seq"),
    }
}

/// When the provider saw the last request for this model end (ms since the Unix epoch).
///
/// # Panics
/// When it does not end.
pub async fn closed(upstream: &Upstream, model: &str) -> u64 {
    for _ in 0..2000 {
        let visits = upstream.visits();
        let last = visits.iter().rfind(|visit| visit.model == model);
        if let Some(closed) = last.and_then(|visit| visit.closed_ms) {
            return closed;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the provider's socket stays open: {model}");
}

on_both! {
    async fn a_stopped_reply_stays_as_it_was(engine: Engine) {
        let (tries, mut dice) = (scale(8, 100), Dice::of("stops"));
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        let readers: Vec<Reader> = (0..2)
            .map(|client| talk.reader(&format!("client {client}"), &server.base, Manners::default(), dice.split()))
            .collect();
        let (mut closings, mut cancelled) = (Vec::new(), 0);
        for round in 0..tries {
            // A name of its own, so that its visit can be found.
            let model = if dice.percent(20) {
                format!("words-{}+fault-stall-before", round + 1)
            } else {
                format!("words-{}@200", 100_000 + round)
            };
            let turn = talk.say(&model).await;
            tokio::time::sleep(dice.millis(0..=400)).await;
            let asked = now_ms();
            let called = server.upstream.visits().iter().any(|visit| visit.model == model);
            let stopped = stop(&talk, &turn).await;
            readers[0].note(stopped.clone());
            if called {
                closings.push(closed(&server.upstream, &model).await.saturating_sub(asked));
            }
            for reader in &readers {
                let end = reader.end_of(&turn.g).await;
                assert!(matches!(&stopped, Step::Stopped { status, .. } if end["status"] == *status), "{end}");
            }
            // Again: the same answer. And whoever comes later sees the same text.
            assert_eq!(stop(&talk, &turn).await, stopped);
            tokio::time::sleep(Duration::from_millis(50)).await;
            let late = talk.reader("late", &server.base, Manners::default(), dice.split());
            late.end_of(&turn.g).await;
            let mut all: Vec<&Reader> = readers.iter().collect();
            all.push(&late);
            let open = talk.judge_all(&all).await;
            cancelled += u64::from(stored(&open, &turn).is_none());
        }
        let (p50, p99) = (percentile(&mut closings, 50), percentile(&mut closings, 99));
        figure("D15", engine, format!(
            "{tries} stops ({cancelled} before the first text): provider's socket closed after p50 {p50}, p99 {p99} ms; frozen in all",
        ));
        assert!(p99 <= if full() { 200 } else { 2000 }, "{p99} ms");
    }
}
