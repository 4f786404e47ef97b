//! However replies end, their permits come back, and never more are out than there are (D21, D22, from outside).

use std::time::Duration;

use futures::future::join_all;

use super::{
    dice::Dice,
    figure, full, percentile, scale,
    stops::{now_ms, stop},
    talk::{MODEL, Talk},
};
use crate::harness::{Engine, Server, on_both};

/// The number that the source document names.
const PERMITS: u64 = 10;
const PEOPLE: usize = 24;

/// Every way for a reply to end.
const ENDS: [&str; 14] = [
    "words-3",
    "words-20@400",
    "fault-reset@3",
    "fault-eof@3",
    "fault-error-in-stream@3",
    "fault-400",
    "fault-401",
    "fault-404",
    "fault-502-html",
    "fault-200-json",
    "fault-invalid-utf8",
    "fault-nul",
    "fault-after-done",
    "fault-duplicate-finish",
];

on_both! {
    async fn permits_come_back_however_replies_end(engine: Engine) {
        let (total, mut dice) = (scale(150, 10_000), Dice::of("permits"));
        let settings = [
            ("PARLANCE_UPSTREAM_PERMITS", "10"),
            // So many failures are meant here: the provider is not to be left alone for them.
            ("PARLANCE_BREAKER_OPEN_MS", "1"),
            ("PARLANCE_RETRY_BASE_MS", "10"),
        ];
        let server = Server::start_with(engine, MODEL, &settings).await;
        let talks = join_all((0..PEOPLE).map(|number| {
            let server = &server;
            async move { Talk::begin(server, &format!("person{number}")).await }
        }))
        .await;
        let lanes = talks.iter().map(|talk| {
            let mut dice = dice.split();
            async move {
                for _ in 0..total.div_ceil(PEOPLE) {
                    if dice.percent(12) {
                        let turn = talk.say("words-100000@100").await;
                        tokio::time::sleep(dice.millis(0..=60)).await;
                        stop(talk, &turn).await;
                    } else {
                        let end: &'static str = dice.pick::<&'static str>(&ENDS);
                        talk.say(end).await;
                    }
                    talk.settled().await;
                }
            }
        });
        join_all(lanes).await;
        let peak = server.upstream.stats().max_active;
        assert!((2..=PERMITS).contains(&peak), "{peak} at once");
        // Ten that succeed: the provider counts as well again.
        for _ in 0..10 {
            talks[0].say("words-3").await;
            talks[0].settled().await;
        }
        // The provider has seen the last of those end.
        let idle = server.upstream.wait_for(Duration::from_secs(20), |stats| stats.active_streams == 0).await;
        assert!(idle.is_ok(), "{idle:?}");
        // All ten are there again: that many replies run at the same time.
        let last = join_all(talks.iter().map(|talk| talk.say("words-100000@50"))).await;
        let all = server.upstream.wait_for(Duration::from_secs(20), |stats| stats.active_streams == PERMITS).await;
        assert!(all.is_ok(), "{all:?}");
        for (talk, turn) in talks.iter().zip(&last) {
            stop(talk, turn).await;
        }
        let idle = server.upstream.wait_for(Duration::from_secs(20), |stats| stats.active_streams == 0).await;
        assert!(idle.is_ok(), "{idle:?}");
        let peak = server.upstream.stats().max_active;
        assert_eq!(peak, PERMITS);
        figure("D22", engine, format!("{total} replies of {PEOPLE} people, every kind of end: {PERMITS} permits are back"));
        figure("D21", engine, format!("at most {peak} upstream streams at once with {PERMITS} permits"));
    }

    async fn one_person_with_a_hundred_messages_keeps_nobody_waiting(engine: Engine) {
        let hogged = scale(30, 100);
        let settings = [
            // Two for everybody, so that the hog could hold them all.
            ("PARLANCE_UPSTREAM_PERMITS", "2"),
            ("PARLANCE_USER_PERMITS", "2"),
            ("PARLANCE_QUEUE_PER_USER", "100"),
        ];
        const REPLY: u64 = 300;
        let server = Server::start_with(engine, MODEL, &settings).await;
        let hog = server.member("hog").await;
        let conversations = join_all((0..hogged).map(|_| hog.conversation())).await;
        let talks: Vec<_> = conversations.into_iter().map(|id| Talk { person: hog.clone(), id }).collect();
        join_all(talks.iter().map(|talk| talk.say("words-30@100"))).await;
        let other = Talk::begin(&server, "other").await;
        let mut waits = Vec::new();
        for number in 0..3 {
            let model = format!("words-{}", 3 + number);
            let asked = now_ms();
            other.say(&model).await;
            other.settled().await;
            let visits = server.upstream.visits();
            let visit = visits.iter().find(|visit| visit.model == model).expect("asked");
            waits.push(visit.at_ms.saturating_sub(asked));
        }
        let left = server.upstream.visits().iter().filter(|visit| visit.model == "words-30@100").count();
        assert!(left < hogged, "the hog was done: nothing was shown");
        assert!(server.upstream.stats().max_active <= 2);
        for talk in &talks {
            talk.settled().await;
        }
        let answered = server.upstream.stats().models["words-30@100"];
        assert_eq!(answered, hogged as u64, "each once");
        let most = percentile(&mut waits, 100);
        figure("D21", engine, format!(
            "{hogged} messages of one person wait: another's are asked after {most} ms at the most (a reply takes {REPLY})",
        ));
        assert!(most <= REPLY + if full() { 100 } else { 1500 }, "{waits:?}");
    }
}
