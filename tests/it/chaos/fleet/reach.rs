//! What happens at one instance reaches the others: a stop, a repeated message, a session that ends, and the text
//! itself (D15, D17, D26 over instances).

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::Fleet;
use crate::{
    chaos::{
        dice::Dice,
        figure, full,
        history::Step,
        percentile,
        reader::Manners,
        scale,
        stops::{closed, now_ms, stop},
        talk::{Talk, stored},
    },
    harness::Engine,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_at_another_instance_closes_the_providers_socket() {
    let (tries, mut dice) = (scale(6, 100), Dice::of("stops elsewhere"));
    let Some(fleet) = Fleet::start(3, &[]).await else {
        return;
    };
    let talk = Talk::begin(&fleet.servers[0], "ann").await;
    let readers: Vec<_> = fleet
        .servers
        .iter()
        .map(|server| talk.reader(&server.base, &server.base, Manners::default(), dice.split()))
        .collect();
    let mut closings = Vec::new();
    for round in 0..tries {
        let owner = dice.within(0..=2) as usize;
        let other = &fleet.servers[(owner + 1) % 3].base;
        let model = format!("words-{}@100", 100_000 + round);
        let turn = talk.at(&fleet.servers[owner].base).say(&model).await;
        readers[(owner + 1) % 3]
            .until("text", |screen, _| {
                (screen.shown.g == turn.g && screen.shown.seq > 1).then_some(())
            })
            .await;
        let asked = now_ms();
        let stopped = stop(&talk.at(other), &turn).await;
        assert!(matches!(&stopped, Step::Stopped { status, .. } if status == "stopped"));
        readers[0].note(stopped);
        closings.push(closed(&fleet.upstream, &model).await.saturating_sub(asked));
        join_all(readers.iter().map(|reader| reader.end_of(&turn.g))).await;
        let open = talk.at(other).judge(&readers).await;
        assert_eq!(stored(&open, &turn).expect("stored")["status"], "stopped");
    }
    assert_eq!(fleet.frames_after_a_seal().await, 0);
    let (p50, p99) = (percentile(&mut closings, 50), percentile(&mut closings, 99));
    figure(
        "D15",
        Engine::Postgres,
        format!(
            "{tries} stops at another instance: provider's socket closed after p50 {p50}, p99 {p99} ms; frozen in all",
        ),
    );
    assert!(p99 <= if full() { 700 } else { 3000 }, "{p99} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_message_sent_to_three_instances_at_once_is_one() {
    let rounds = scale(2, 20);
    let Some(fleet) = Fleet::start(3, &[]).await else {
        return;
    };
    let talk = Talk::begin(&fleet.servers[0], "ann").await;
    for round in 0..rounds {
        let model = format!("words-{}", 5 + round);
        let (model, id) = (model.as_str(), format!("same-{round}"));
        let sends = (0..50).map(|number| {
            let (talk, id) = (talk.at(&fleet.servers[number % 3].base), &id);
            async move { talk.try_say(model, id).await.expect("taken in") }
        });
        let turns = join_all(sends).await;
        assert!(
            turns
                .iter()
                .all(|turn| turn.message == turns[0].message
                    && turn.generation == turns[0].generation)
        );
        let open = talk.settled().await;
        assert_eq!(
            open["messages"].as_array().expect("messages").len(),
            2 * (round + 1)
        );
        assert_eq!(fleet.upstream.stats().models[model], 1, "asked once");
    }
    assert_eq!(
        fleet.count("select count(*) from generations").await,
        rounds as i64
    );
    figure(
        "D17",
        Engine::Postgres,
        format!(
            "{rounds} × the same message 50 times at once over 3 instances: one message, one generation each",
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_closes_its_streams_everywhere() {
    let (tries, mut dice) = (scale(3, 30), Dice::of("sessions"));
    let Some(fleet) = Fleet::start(3, &[]).await else {
        return;
    };
    let mut slowest = Duration::ZERO;
    for number in 0..tries {
        let talk = Talk::begin(&fleet.servers[0], &format!("person{number}")).await;
        let mut streams = Vec::new();
        for server in &fleet.servers {
            let mut events = talk.person.at(&server.base).follow(&talk.id, None).await;
            assert_eq!(events.next().await.expect("a greeting").kind, "hello");
            streams.push(events);
        }
        tokio::time::sleep(dice.millis(0..=300)).await;
        let at = &fleet.servers[dice.within(0..=2) as usize].base;
        talk.person
            .at(at)
            .post("/api/auth/logout")
            .send()
            .await
            .expect("answers");
        let ended = Instant::now();
        let byes = join_all(streams.iter_mut().map(async |events| {
            loop {
                let event = events.next().await.expect("a farewell");
                if event.kind == "bye" {
                    return event.data["reason"].clone();
                }
            }
        }))
        .await;
        slowest = slowest.max(ended.elapsed());
        assert!(byes.iter().all(|reason| reason == "revoked"), "{byes:?}");
    }
    figure(
        "D26",
        Engine::Postgres,
        format!(
            "{tries} sessions ended at one of 3 instances: all their streams closed after {} ms at the most",
            slowest.as_millis(),
        ),
    );
    assert!(
        slowest <= Duration::from_millis(if full() { 1000 } else { 3000 }),
        "{slowest:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_in_the_line_is_told_by_every_instance() {
    let one_at_a_time = [("PARLANCE_UPSTREAM_PERMITS", "1")];
    let Some(fleet) = Fleet::start(2, &one_at_a_time).await else {
        return;
    };
    let [owner, other] = [0, 1].map(|number| &fleet.servers[number]);
    let first = Talk::begin(owner, "ann").await;
    let running = first.say("words-100000@100").await;
    let second = Talk::begin(owner, "ben").await;
    second.say("words-3").await;
    let mut events = second.person.at(&other.base).follow(&second.id, None).await;
    let mut told = Vec::new();
    loop {
        let event = events.next().await.expect("open");
        match event.kind.as_str() {
            "status" if event.data["status"] == "queued" => {
                assert_eq!(event.data["position"], 1);
                // The line moves up.
                if told.is_empty() {
                    stop(&first, &running).await;
                }
                told.push("queued");
            }
            "status" => told.push("begun"),
            "message" if event.data["op"] == "final" => break,
            _ => {}
        }
    }
    assert_eq!(told[..2], ["queued", "begun"]);
}
