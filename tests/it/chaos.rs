//! The proof that no word is lost: real processes, connections that break, clients that come and go, and a
//! checker that reads what all of them saw.
//!
//! Short forms run with every `make test`; `make chaos` sets `PARLANCE_CHAOS=full` and runs the counts of the
//! design's goals (D1 to D30), each of which prints its figures. `PARLANCE_CHAOS_SEED` repeats a run's dice.
//! What must not enter: knowledge of the product's insides. These are its witnesses.

mod crashes;
mod cuts;
mod dice;
mod disk;
mod fleet;
mod history;
mod joins;
mod kills;
mod nginx;
mod permits;
mod ports;
mod proxy;
mod reader;
mod screen;
mod sends;
mod stops;
mod talk;
mod witness;
mod writes;

use std::fmt::Display;

use crate::harness::Engine;

/// Whether the goals' full counts are asked for.
fn full() -> bool {
    std::env::var("PARLANCE_CHAOS").is_ok_and(|form| form == "full")
}

/// How often: `short` with every change, `full` in the full form.
fn scale(short: usize, long: usize) -> usize {
    if full() { long } else { short }
}

/// One line of the table that `make chaos` prints.
fn figure(goal: &str, engine: Engine, text: impl Display) {
    let engine = match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    println!("figure | {goal} | {engine} | {text} |");
}

/// The value that `percent` of all do not exceed.
fn percentile(values: &mut [u64], percent: usize) -> u64 {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values
        .get((values.len() * percent / 100).min(last))
        .copied()
        .unwrap_or_default()
}
