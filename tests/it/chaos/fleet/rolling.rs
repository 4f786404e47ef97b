//! Instances are replaced one after another while replies are written: none of them fails, and their viewers do
//! not come back all at once (D8).

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;

use super::Fleet;
use crate::{
    chaos::{
        dice::Dice,
        figure, full,
        proxy::Proxy,
        reader::Manners,
        scale,
        talk::{Talk, stored},
    },
    harness::Engine,
};

const PEOPLE: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_one_instance_after_another_fails_no_reply() {
    let (streams, mut dice) = (scale(40, 200), Dice::of("rolling"));
    let drain = if full() { 25_000 } else { 8000 };
    let drain_text = drain.to_string();
    let settings = [
        ("PARLANCE_DRAIN_MS", drain_text.as_str()),
        ("PARLANCE_USER_PERMITS", "64"),
        ("PARLANCE_STREAMS_PER_USER", "64"),
    ];
    let Some(mut fleet) = Fleet::start(3, &settings).await else {
        return;
    };
    let proxy = Proxy::start(&fleet.servers[0].base, dice.split()).await;
    proxy.spread(&fleet.bases());
    let people = join_all((0..PEOPLE).map(|number| {
        let server = &fleet.servers[number % 3];
        async move { server.member(&format!("person{number}")).await }
    }))
    .await;
    let manners = Manners {
        obeys: true,
        ..Manners::default()
    };
    let mut tables = Vec::new();
    for number in 0..streams {
        let person = people[number % PEOPLE].at(&proxy.base());
        let id = person.conversation().await;
        let talk = Talk { person, id };
        let reader = talk.reader(
            &format!("stream {number}"),
            &proxy.base(),
            manners,
            dice.split(),
        );
        tables.push((talk, reader));
    }
    let mut replies = 0;
    let mut busiest = 0.0_f64;
    for number in 0..fleet.servers.len() {
        // Shorter than the drain, on whichever instance takes them.
        let length = dice.within(15..=25);
        let turns = join_all(tables.iter().map(|(talk, _)| again(talk, length))).await;
        tokio::time::sleep(dice.millis(100..=500)).await;
        let others = fleet
            .servers
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != number);
        proxy.spread(
            &others
                .map(|(_, server)| server.base.as_str())
                .collect::<Vec<_>>(),
        );
        let told: Vec<_> = tables
            .iter()
            .map(|(_, reader)| reader.tally().byes.len())
            .collect();
        fleet.servers[number].signal("TERM");
        for ((_, reader), turn) in tables.iter().zip(&turns) {
            assert_eq!(reader.end_of(&turn.g).await["status"], "completed");
        }
        assert!(fleet.servers[number].ended().await.success());
        fleet.servers[number].restart();
        proxy.spread(&fleet.bases());
        for ((talk, reader), turn) in tables.iter().zip(&turns) {
            let open = talk.judge(std::slice::from_ref(reader)).await;
            assert_eq!(stored(&open, turn).expect("stored")["status"], "completed");
            replies += 1;
        }
        let byes = tables
            .iter()
            .zip(&told)
            .flat_map(|((_, reader), told)| reader.tally().byes.split_off(*told));
        let byes: Vec<u64> = byes
            .filter(|(reason, _)| reason == "drain")
            .map(|(_, wait)| wait)
            .collect();
        let mut seconds: BTreeMap<u64, u64> = BTreeMap::new();
        for wait in &byes {
            *seconds.entry(wait / 1000).or_default() += 1;
        }
        let most = seconds.values().copied().max().unwrap_or(0);
        busiest = busiest.max(100.0 * most as f64 / byes.len().max(1) as f64);
    }
    figure(
        "D8",
        Engine::Postgres,
        format!(
            "3 instances replaced under {streams} streams: {replies} replies completed, 0 failed; \
         the busiest second has {busiest:.0} % of the reconnects",
        ),
    );
    assert!(busiest <= if full() { 15.0 } else { 50.0 }, "{busiest} %");
}

/// Says it until somebody takes it in: a draining instance refuses.
async fn again(talk: &Talk, length: u64) -> crate::chaos::talk::Turn {
    let id = uuid::Uuid::now_v7().to_string();
    for _ in 0..50 {
        if let Some(turn) = talk.try_say(&format!("words-{length}@20"), &id).await {
            return turn;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody takes it in");
}
