//! The instance that writes a reply freezes and wakes up: somebody else has ended the reply, and it finds that out
//! before it shows or stores another word (D7).

use std::time::Duration;

use futures::future::join_all;
use parlance_upstream::Stats;

use super::{Fleet, by_lease, leases};
use crate::{
    chaos::{
        dice::Dice,
        figure, full,
        reader::Manners,
        scale,
        talk::{Talk, stored},
    },
    harness::Engine,
};

/// How long an owner is away, with the leases as shipped.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);
/// So long nobody may take it for dead: its last heartbeat is up to two seconds old when it falls asleep, and counts for
/// ten. The third is for a busy machine.
const LEASE: Duration = Duration::from_secs(7);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_wakes_up_adds_nothing() {
    // Fleets side by side: most of the time is waiting.
    let (fleets, pauses) = (scale(1, 8), scale(3, 200));
    let mut dice = Dice::of("owners paused");
    if !Engine::postgres_is_there() {
        return;
    }
    let lanes = (0..fleets).map(|_| pausing(pauses / fleets, dice.split()));
    let sealed: usize = join_all(lanes).await.into_iter().sum();
    figure(
        "D7",
        Engine::Postgres,
        format!(
            "{pauses} owners paused for {:.1} to {:.0} s, {fleets} fleets of 3: {sealed} sealed by another, {} went on; \
             0 frames after a seal, provider dropped within 1 s of waking",
            by_lease(SHORTEST).as_secs_f64(),
            by_lease(LONGEST).as_secs_f64(),
            pauses - sealed,
        ),
    );
}

/// Pauses the owners of so many replies; how many of these another instance ended.
async fn pausing(pauses: usize, mut dice: Dice) -> usize {
    let fleet = Fleet::start(3, leases())
        .await
        .expect("PostgreSQL is there");
    let talk = Talk::begin(&fleet.servers[0], "ann").await;
    let mut sealed = 0;
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
        // Text that outlives a pause which nobody noticed.
        let model = format!("words-{}@50", scale(400, 1500));
        let turn = talk.at(&fleet.servers[owner].base).say(&model).await;
        tokio::time::sleep(dice.millis(100..=600)).await;
        fleet.servers[owner].signal("STOP");
        let pause = dice.millis(SHORTEST.as_millis() as u64..=LONGEST.as_millis() as u64);
        tokio::time::sleep(by_lease(pause)).await;
        let other = &fleet.servers[(owner + 1) % 3].base;
        let over = talk.at(other).open().await["active"].is_null();
        fleet.servers[owner].signal("CONT");
        if over {
            sealed += 1;
            let notice = Duration::from_secs(if full() { 1 } else { 4 });
            let alone = |stats: &Stats| stats.active_streams == 0;
            let dropped = fleet.upstream.wait_for(notice, alone).await;
            assert!(dropped.is_ok(), "two replies at once");
        }
        let ends = join_all(readers.iter().map(|reader| reader.end_of(&turn.g))).await;
        let open = talk.at(other).judge(&readers).await;
        // Paused before its first text, it leaves none.
        let status = stored(&open, &turn).map_or(&ends[0]["status"], |reply| &reply["status"]);
        let was_sealed = status == "interrupted" || status == "failed";
        assert!(was_sealed || !over, "round {round}: {status}");
        assert!(
            !was_sealed || pause >= LEASE,
            "round {round}: {status} after {pause:?}"
        );
    }
    assert_eq!(fleet.frames_after_a_seal().await, 0);
    sealed
}
