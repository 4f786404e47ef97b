//! Pages are loaded and reloaded at any moment, with positions of every age: snapshot and deltas give the final
//! text, and nobody waits for an end that has been (D3, D5).

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::{
    dice::Dice,
    figure, full,
    history::{self, History, Said, Step},
    percentile, scale,
    screen::{Next, Screen},
    talk::{MODEL, Talk, Turn},
};
use crate::harness::{Engine, Events, Server, on_both};

const PEOPLE: usize = 6;
/// Clients of a person; the server takes twelve streams.
const CLIENTS: usize = 6;
/// Earlier states that a client keeps, as tabs that sleep do.
const ALBUM: usize = 20;

/// With what a client comes (back).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A new window without a position.
    Fresh,
    /// A page that was just loaded.
    Page,
    /// Where it was.
    Own,
    /// Where it was some time ago, maybe in an earlier reply.
    Old,
    Garbage,
    /// A position that does not exist yet, as after a restored backup.
    FutureSeq,
    FutureRev,
}

const WAYS: [Way; 9] = [
    Way::Fresh,
    Way::Page,
    Way::Page,
    Way::Own,
    Way::Own,
    Way::Old,
    Way::Garbage,
    Way::FutureSeq,
    Way::FutureRev,
];

const GARBAGE: [&str; 8] = [
    "rubbish",
    "1",
    "::",
    "0::0",
    "-1:k7f2m9qd3x:3",
    "99999999999999999999:k7f2m9qd3x:3",
    "1:k7f2m9qd3x",
    "%00%F0%9F%99%82",
];

/// A person's window.
struct Client {
    name: String,
    screen: Screen,
    album: Vec<Screen>,
    dice: Dice,
    steps: Vec<Step>,
    joins: usize,
}

impl Client {
    fn new(name: String, dice: Dice) -> Self {
        Self {
            name,
            screen: Screen::default(),
            album: Vec::new(),
            dice,
            steps: Vec::new(),
            joins: 0,
        }
    }

    /// Comes and goes until it has seen the end of the turn.
    async fn read(&mut self, talk: &Talk, turn: &Turn) {
        while !self.screen.ends.contains_key(&turn.g) {
            let way = *self.dice.pick(&WAYS);
            let expected = self.take_place(way, talk).await;
            let resume = self.visit(talk, turn).await;
            if let Some(expected) = expected {
                assert_eq!(
                    resume, expected,
                    "{}: {way:?} at {:?}",
                    self.name, self.screen.cursor
                );
            }
        }
    }

    /// Puts the screen where the way begins; tells how the server must greet, where only one answer is right.
    async fn take_place(&mut self, way: Way, talk: &Talk) -> Option<&'static str> {
        self.steps.append(&mut self.screen.steps);
        let own = self.screen.cursor.clone();
        let fields: Vec<u64> = own
            .iter()
            .flat_map(|cursor| cursor.split(':').map(|field| field.parse().unwrap_or(0)))
            .collect();
        let g = own
            .as_deref()
            .and_then(|cursor| cursor.split(':').nth(1))
            .unwrap_or_default();
        let (next, resume) = match way {
            Way::Fresh => (Screen::default(), Some("snapshot")),
            Way::Page => (Screen::open(&talk.open().await), Some("exact")),
            Way::Own if own.is_some() => return Some("exact"),
            Way::Old if !self.album.is_empty() => (self.dice.pick(&self.album).copy(), None),
            Way::FutureSeq if !g.is_empty() => (
                with(format!("{}:{g}:{}", fields[0], fields[2] + 100_000)),
                None,
            ),
            Way::FutureRev if own.is_some() => (
                with(format!("{}:{g}:{}", fields[0] + 1000, fields[2])),
                Some("reset"),
            ),
            Way::Garbage => (with((*self.dice.pick(&GARBAGE)).to_owned()), None),
            _ => (Screen::default(), Some("snapshot")),
        };
        self.screen = next;
        // What an album or another page shows is not what was shown last.
        self.steps.push(Step::Reset);
        resume
    }

    /// Follows for a moment, or to the end.
    async fn visit(&mut self, talk: &Talk, turn: &Turn) -> String {
        let stay = self.dice.millis(0..=120);
        let path = match &self.screen.cursor {
            Some(cursor) => format!("/api/conversations/{}/stream?after={cursor}", talk.id),
            None => format!("/api/conversations/{}/stream", talk.id),
        };
        let response = loop {
            let response = talk.person.get(&path).send().await.expect("answers");
            // The connections that were just left may still count for a moment.
            if response.status() != 429 {
                break response;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        };
        assert_eq!(response.status(), 200, "{path}");
        let mut events = Events::of(response);
        let hello = events.next().await.expect("a greeting");
        self.screen.apply(&hello, None);
        let resume = self.screen.resume.clone();
        if resume != "exact" {
            // What was claimed is not continued; whoever leaves before it is told a place has none.
            self.screen.cursor = None;
        }
        self.joins += 1;
        let leaves = Instant::now() + stay;
        while !self.screen.ends.contains_key(&turn.g) {
            let left = leaves.saturating_duration_since(Instant::now());
            let Ok(event) = events.within(left).await else {
                break;
            };
            let event = event.expect("open until the client leaves");
            let next = self.screen.apply(&event, events.cursor.as_deref());
            assert_eq!(next, Next::GoOn, "{}: {event:?}", self.name);
        }
        if self.screen.cursor.is_some() && resume == "exact" {
            if self.album.len() == ALBUM {
                let old = self.dice.within(0..=ALBUM as u64 - 1) as usize;
                self.album.swap_remove(old);
            }
            self.album.push(self.screen.copy());
        }
        resume
    }

    fn take_history(&mut self) -> History {
        self.steps.append(&mut self.screen.steps);
        History {
            client: self.name.clone(),
            steps: std::mem::take(&mut self.steps),
        }
    }
}

/// A screen that shows nothing and claims a position.
fn with(cursor: String) -> Screen {
    Screen {
        cursor: Some(cursor),
        ..Screen::default()
    }
}

on_both! {
    async fn every_join_gives_the_final_text(engine: Engine) {
        let (joins, mut dice) = (scale(300, 10_000), Dice::of("joins"));
        let server = Server::start(engine, MODEL).await;
        let mut tables = Vec::new();
        for number in 0..PEOPLE {
            let talk = Talk::begin(&server, &format!("person{number}")).await;
            let clients: Vec<Client> = (0..CLIENTS)
                .map(|client| Client::new(format!("conversation {number}, client {client}"), dice.split()))
                .collect();
            tables.push((talk, clients));
        }
        let (mut joined, mut replies) = (0, 0);
        while joined < joins {
            let rounds = tables.iter_mut().map(async |(talk, clients)| {
                let turn = talk.say("think-10+words-100@100").await;
                join_all(clients.iter_mut().map(|client| client.read(talk, &turn))).await;
                let open = talk.settled().await;
                let ends = clients.iter().map(|client| &client.screen.ends[&turn.g]["text_sha256"]);
                assert!(ends.clone().all(|hash| hash == ends.clone().next().expect("an end")));
                let histories: Vec<_> = clients.iter_mut().map(|client| {
                    let mut history = client.take_history();
                    history.steps.push(Step::Opened { messages: Said::all(&open) });
                    history
                }).collect();
                history::assert_sound(&histories, &open);
            });
            join_all(rounds).await;
            replies += PEOPLE;
            joined = tables.iter().flat_map(|(_, clients)| clients).map(|client| client.joins).sum();
        }
        figure("D3", engine, format!(
            "{joined} joins at random moments of {replies} replies (no, loaded, own, old, garbage and future positions): \
             all equal the final text",
        ));
    }

    async fn a_join_in_the_last_moments_is_told_the_end(engine: Engine) {
        let (tries, mut dice) = (scale(60, 5000), Dice::of("last moments"));
        let server = Server::start(engine, MODEL).await;
        let lanes = (0..PEOPLE).map(|number| {
            let (server, mut dice) = (&server, dice.split());
            async move {
                let talk = Talk::begin(server, &format!("person{number}")).await;
                let mut waits = Vec::new();
                for _ in 0..tries.div_ceil(PEOPLE) {
                    // 50 ms of text, and a join somewhere around its end.
                    let turn = talk.say("words-10@200").await;
                    tokio::time::sleep(dice.millis(0..=70)).await;
                    let after = *dice.pick(&[Some(turn.cursor.as_str()), None, Some("rubbish")]);
                    let began = Instant::now();
                    let mut events = talk.person.follow(&talk.id, after).await;
                    let mut screen = Screen::default();
                    if after == Some(turn.cursor.as_str()) {
                        screen.expect(&turn.g, &turn.reply, &turn.cursor);
                    }
                    while !screen.ends.contains_key(&turn.g) {
                        let event = events.within(Duration::from_secs(20)).await.expect("an event").expect("open");
                        assert_eq!(screen.apply(&event, events.cursor.as_deref()), Next::GoOn);
                    }
                    waits.push(began.elapsed().as_millis() as u64);
                    let history = History { client: "late".to_owned(), steps: screen.steps };
                    if waits.len() % 10 == 0 {
                        history::assert_sound(&[history], &talk.settled().await);
                    }
                }
                waits
            }
        });
        let mut waits = join_all(lanes).await.concat();
        let (p50, p99, most) = (percentile(&mut waits, 50), percentile(&mut waits, 99), percentile(&mut waits, 100));
        figure("D5", engine, format!("{} joins around the end of a reply: `final` after p50 {p50}, p99 {p99}, max {most} ms", waits.len()));
        // Beside other tests, a busy machine is no fault of the server's.
        assert!(most <= if full() { 1000 } else { 5000 }, "{most} ms");
    }
}
