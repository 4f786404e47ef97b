//! Connections break at any byte, or fall silent: every client has the whole text in the end (D2, D27).

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::{
    dice::Dice,
    figure, full, percentile,
    proxy::{Cut, Proxy, Weather},
    reader::{Manners, Reader},
    scale,
    talk::{MODEL, Talk, stored},
};
use crate::harness::{Engine, Server, on_both};

const PEOPLE: usize = 8;
const CLIENTS: usize = 2;

/// What a person says that the provider repeats: characters of one to four bytes, so that cuts fall into them.
fn verse(dice: &mut Dice) -> String {
    const WORDS: [&str; 8] = [
        "naïve ",
        "汉字，",
        "标点。",
        "🚀🇨🇳 ",
        "Привет ",
        "∑≤∞ ",
        "かな、",
        "plain ",
    ];
    let words: String = (0..200).map(|_| *dice.pick(&WORDS)).collect();
    format!("echo@300 {words}.")
}

fn storm(dice: &mut Dice) -> Weather {
    Weather {
        latency: dice.millis(0..=3),
        jitter: dice.millis(0..=5),
        slice: *dice.pick(&[None, None, Some(1), Some(16), Some(64)]),
        bandwidth: *dice.pick(&[None, None, Some(200_000)]),
        // The longest event, a `final`, must fit into some of these lives.
        cut_after: Some(300..=8000),
        cuts: vec![
            Cut::Reset,
            Cut::Reset,
            Cut::Eof,
            Cut::Eof,
            Cut::HalfToClient,
            Cut::HalfToServer,
        ],
    }
}

on_both! {
    async fn text_survives_any_cut(engine: Engine) {
        let (cuts, mut dice) = (scale(60, 1000) as u64, Dice::of("cuts"));
        let server = Server::start(engine, MODEL).await;
        let proxy = Proxy::start(&server.base, dice.split()).await;
        // Connections draw their end when they begin.
        proxy.set(storm(&mut dice));
        let mut tables = Vec::new();
        for number in 0..PEOPLE {
            let talk = Talk::begin(&server, &format!("person{number}")).await;
            let readers: Vec<Reader> = (0..CLIENTS)
                .map(|client| {
                    let name = format!("conversation {number}, client {client}");
                    talk.reader(&name, &proxy.base(), Manners::default(), dice.split())
                })
                .collect();
            tables.push((talk, readers));
        }
        let mut bytes = 0;
        while proxy.cuts() < cuts {
            proxy.set(storm(&mut dice));
            let said: Vec<String> = (0..PEOPLE)
                .map(|number| if number % 2 == 0 { verse(&mut dice) } else { "think-20+words-150@120".to_owned() })
                .collect();
            let turns = join_all(tables.iter().zip(&said).map(|((talk, _), text)| talk.say(text))).await;
            for (((talk, readers), turn), text) in tables.iter().zip(&turns).zip(&said) {
                join_all(readers.iter().map(|reader| reader.end_of(&turn.g))).await;
                let open = talk.judge(readers).await;
                let reply = stored(&open, turn).expect("stored");
                assert_eq!(reply["status"], "completed");
                if text.starts_with("echo") {
                    assert_eq!(reply["content"], text.as_str(), "byte-equal");
                }
                bytes += reply["content"].as_str().map_or(0, str::len);
            }
        }
        let joins: u64 = tables.iter().flat_map(|(_, readers)| readers).map(|reader| reader.tally().joins).sum();
        let exact: u64 = tables.iter().flat_map(|(_, readers)| readers).map(|reader| reader.tally().exact).sum();
        figure("D2", engine, format!(
            "{} cuts (RST, EOF, half-close, at any byte), {joins} joins, {exact} exact, {} KiB of text: all byte-equal",
            proxy.cuts(), bytes / 1024,
        ));
    }

    async fn a_silent_connection_is_left_and_nothing_is_missing(engine: Engine) {
        let (rounds, mut dice) = (scale(2, 6), Dice::of("silence"));
        // Text comes all the time here, so that a short watchdog does for the short form.
        let watchdog = if full() { Duration::from_secs(25) } else { Duration::from_secs(2) };
        let server = Server::start(engine, MODEL).await;
        let proxy = Proxy::start(&server.base, dice.split()).await;
        let talk = Talk::begin(&server, "ann").await;
        let manners = Manners { watchdog, ..Manners::default() };
        let readers = [talk.reader("swallowed", &proxy.base(), manners, dice.split())];
        let direct = [talk.reader("direct", &server.base, Manners::default(), dice.split())];
        let mut taken = Vec::new();
        for _ in 0..rounds {
            let length = if full() { 700 } else { 80 };
            let turn = talk.say(&format!("words-{length}@20")).await;
            readers[0].until("text", |screen, _| (screen.shown.g == turn.g && screen.shown.seq > 3).then_some(())).await;
            tokio::time::sleep(dice.millis(0..=500)).await;
            let (before, began) = (readers[0].tally(), Instant::now());
            assert!(proxy.cut(Cut::Swallow) > 0);
            readers[0].until("another greeting", |_, tally| (tally.joins > before.joins).then_some(())).await;
            taken.push(began.elapsed().as_millis() as u64);
            let tally = readers[0].tally();
            assert_eq!((tally.silences, tally.exact), (before.silences + 1, before.exact + 1));
            for reader in readers.iter().chain(&direct) {
                assert_eq!(reader.end_of(&turn.g).await["status"], "completed");
            }
            let open = talk.judge(&readers).await;
            assert!(stored(&open, &turn).is_some());
            talk.judge(&direct).await;
        }
        let slowest = percentile(&mut taken, 100);
        assert!(slowest <= watchdog.as_millis() as u64 + 5000, "{slowest} ms");
        figure("D27", engine, format!(
            "{rounds} swallowed connections, watchdog {} s: resumed exactly after {slowest} ms at the most", watchdog.as_secs(),
        ));
    }
}
