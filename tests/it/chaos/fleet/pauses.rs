//! The instance that writes a reply freezes and wakes up: somebody else has ended the reply, and it finds that out
//! before it shows or stores another word (D7).

use std::time::Duration;

use futures::future::join_all;

use super::{Fleet, TENTH};
use crate::{
    chaos::{
        dice::Dice,
        figure,
        reader::Manners,
        scale,
        talk::{Talk, stored},
    },
    harness::Engine,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_wakes_up_adds_nothing() {
    let (pauses, mut dice) = (scale(3, 200), Dice::of("owners paused"));
    let Some(fleet) = Fleet::start(3, &TENTH).await else {
        return;
    };
    let talk = Talk::begin(&fleet.servers[0], "ann").await;
    let (mut sealed, mut slept_through) = (0, 0);
    for round in 0..pauses {
        let owner = dice.within(0..=2) as usize;
        let readers: Vec<_> = fleet
            .servers
            .iter()
            .enumerate()
            .map(|(number, server)| {
                let name = if number == owner {
                    "at the owner".to_owned()
                } else {
                    format!("at instance {number}")
                };
                talk.reader(&name, &server.base, Manners::default(), dice.split())
            })
            .collect();
        // Long enough to outlive the pause; a name of its own, so that its visit can be found.
        let model = format!("words-{}@50", 400 + round);
        let turn = talk.at(&fleet.servers[owner].base).say(&model).await;
        tokio::time::sleep(dice.millis(100..=600)).await;
        fleet.servers[owner].signal("STOP");
        tokio::time::sleep(dice.millis(500..=6000)).await;
        let other = &fleet.servers[(owner + 1) % 3].base;
        let over = talk.at(other).open().await["active"].is_null();
        fleet.servers[owner].signal("CONT");
        if over {
            sealed += 1;
            let woke = std::time::Instant::now();
            crate::chaos::stops::closed(&fleet.upstream, &model).await;
            assert!(
                woke.elapsed() <= Duration::from_secs(if crate::chaos::full() { 1 } else { 4 }),
                "two replies at once"
            );
        } else {
            slept_through += 1;
        }
        join_all(readers.iter().map(|reader| reader.end_of(&turn.g))).await;
        let open = talk.at(other).judge(&readers).await;
        let status = stored(&open, &turn).expect("stored")["status"].clone();
        assert_eq!(
            status,
            if over { "interrupted" } else { "completed" },
            "round {round}"
        );
    }
    assert_eq!(fleet.frames_after_a_seal().await, 0);
    figure(
        "D7",
        Engine::Postgres,
        format!(
            "{pauses} owners paused for 0.5 to 6 s, leases at a tenth: {sealed} sealed by another, {slept_through} went on; \
         0 frames after a seal, provider dropped within 1 s of waking",
        ),
    );
}
