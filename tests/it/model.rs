//! The streaming protocol as a seeded model: two instances over one store, three viewers, and everything that goes
//! wrong between them, one step at a time in one thread.
//!
//! The viewers are the real reducer of the browser, fed with real events as JSON and real cursors. The server side is
//! the engine's rules without its tasks: what `engine::log`, `engine::finish` and `engine::follow` do, cut into the
//! steps between which a process may die, sleep, or be overtaken. Each broken rule must be caught, else the model
//! would prove nothing.
//!
//! `PARLANCE_CHAOS=full` runs a million seeds (`PARLANCE_CHAOS_SEEDS` another number); `PARLANCE_SEED=7` runs that one
//! and tells its steps. Must not enter: a clock, a runtime, a socket.

mod check;
mod client;
mod follow;
mod instance;
mod page;
mod rules;
mod runner;
mod store;
mod tally;
mod viewer;
mod world;
mod writer;

use client::Kind;
use rules::Rules;
use runner::Outcome;

/// Seeds of the recommended rules for each client: the short form has to fit into a test run.
const SHORT: u64 = 1_500;
const FULL: u64 = 1_000_000;
/// Seeds of each broken rule in the full form.
const FULL_BROKEN: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn is_full() -> bool {
    std::env::var("PARLANCE_CHAOS").is_ok_and(|word| word == "full")
}

/// Past the test runner's capture: these lines are the proof's figures.
fn say(line: &str) {
    use std::io::Write;
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn the_recommended_rules_keep_every_promise_to_both_clients() {
    if let Some(seed) = number("PARLANCE_SEED") {
        for client in Kind::BOTH {
            runner::tell(Rules::Recommended, client, seed).unwrap_or_else(|why| panic!("{why}"));
        }
        return;
    }
    let seeds = if is_full() {
        number("PARLANCE_CHAOS_SEEDS").unwrap_or(FULL)
    } else {
        SHORT
    };
    for client in Kind::BOTH {
        let outcome = runner::run(Rules::Recommended, client, 0..seeds);
        say(&format!("model: {client} client, {seeds} seeds: {outcome}"));
        if let Some((seed, why)) = &outcome.first {
            panic!("{client} client: {why}\nPARLANCE_SEED={seed} tells how");
        }
        assert_eq!(
            outcome.tally.gaps + outcome.tally.mismatches,
            0,
            "the client's own checks never have anything to do"
        );
        assert!(
            outcome.tally.has_met_everything(),
            "some fault never happened: {}",
            outcome.tally
        );
    }
}

#[test]
fn every_broken_rule_is_caught_within_its_number_of_seeds() {
    let tell = number("PARLANCE_SEED");
    for rules in Rules::BROKEN {
        if let Some(seed) = tell {
            for client in Kind::BOTH {
                let told = runner::tell(rules, client, seed);
                say(&format!("model: {rules}, {client} client: {told:?}"));
            }
            continue;
        }
        let patience = rules.patience();
        let seeds = if is_full() { FULL_BROKEN } else { patience };
        let [appending, checking] = Kind::BOTH.map(|client| runner::run(rules, client, 0..seeds));
        say(&format!(
            "model: {rules}: {}, {}",
            describe("appending", &appending, seeds),
            describe("checking", &checking, seeds)
        ));
        let caught = appending.first.is_some_and(|(seed, _)| seed < patience);
        assert!(caught, "{rules}: not caught within {patience} seeds");
    }
}

fn describe(name: &str, outcome: &Outcome, seeds: u64) -> String {
    let first = outcome
        .first
        .as_ref()
        .map_or_else(String::new, |(seed, why)| format!(" (first {seed}: {why})"));
    format!("{name} client {} of {seeds}{first}", outcome.violating)
}
