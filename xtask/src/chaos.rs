//! `cargo xtask chaos`: the tests of the streaming engine in their full forms, as often as the design's goals say,
//! and the table of their figures for `benches/RESULTS.md`.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    project::Project,
    setup::{self, Need},
    test::{Cluster, POSTGRES_URL, compile},
};

/// The modules of the one test binary that have a full form, and those that belong to the same goals.
const PROOFS: [&str; 3] = ["chaos::", "model::", "faults::"];
/// How a test marks a figure in its output.
const MARK: &str = "figure | ";

/// Runs the tests whose names contain one of `names`; without names, all of the proof.
///
/// # Errors
/// When they cannot be compiled or run. That one fails is no error but the exit code.
pub fn chaos(project: &Project, names: &[String]) -> Result<ExitCode> {
    setup::ensure(project, Need::Test)?;
    compile(project)?;
    let cluster = Cluster::start()?;
    let began = Instant::now();
    let mut table = Table::default();
    let proofs = PROOFS.map(str::to_owned);
    let status = project
        .cargo_packages("test")
        .env(POSTGRES_URL, cluster.url())
        .env("PARLANCE_CHAOS", "full")
        .args(["--bins", "--tests", "--no-fail-fast", "--"])
        .args(if names.is_empty() { &proofs[..] } else { names })
        // One at a time: several figures are times, and two cores are few.
        .args(["--nocapture", "--test-threads=1"])
        .lines(|line| {
            table.take(line);
            !line.is_empty() && line != "running 0 tests" && !line.contains(". 0 passed; 0 failed;")
        })?;
    println!("\n{}", table.write(began.elapsed()));
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The figures, by goal and database.
#[derive(Debug, Default)]
struct Table(BTreeMap<(u32, String), BTreeMap<String, Vec<String>>>);

impl Table {
    /// Notes the line if it holds a figure: `figure | D1 | SQLite | what was measured |`. Something else may stand
    /// before it: with one thread the test runner leaves its own line open.
    fn take(&mut self, line: &str) {
        let Some((_, row)) = line.split_once(MARK) else {
            return;
        };
        let mut fields = row.trim_end_matches([' ', '|']).splitn(3, " | ");
        let (Some(goal), Some(database), Some(text)) =
            (fields.next(), fields.next(), fields.next())
        else {
            return;
        };
        let digits = goal.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let place = (digits.parse().unwrap_or(u32::MAX), goal.to_owned());
        let row = self.0.entry(place).or_default();
        row.entry(database.to_owned())
            .or_default()
            .push(text.to_owned());
    }

    fn write(&self, took: Duration) -> String {
        let mut lines = vec![
            "| goal | SQLite | PostgreSQL |".to_owned(),
            "|---|---|---|".to_owned(),
        ];
        for ((_, goal), row) in &self.0 {
            let cell = |database: &str| {
                row.get(database)
                    .map_or_else(String::new, |texts| texts.join("; "))
            };
            // What concerns no database stands in the first column.
            let first = [cell("SQLite"), cell("-")]
                .into_iter()
                .filter(|text| !text.is_empty());
            let first = first.collect::<Vec<_>>().join("; ");
            lines.push(format!("| {goal} | {first} | {} |", cell("PostgreSQL")));
        }
        lines.push(format!(
            "\n`make chaos` took {} min.",
            took.as_secs().div_ceil(60)
        ));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_sorted_by_goal_and_joined() {
        let mut table = Table::default();
        for line in [
            "test a ... figure | D15 | SQLite | fast |",
            "figure | D2 | PostgreSQL | whole |",
            "figure | D2 | SQLite | whole too |",
            "figure | D2 | SQLite | and again |",
            "figure | D33 | - | a million |",
            "test b ... ok",
        ] {
            table.take(line);
        }
        let text = table.write(Duration::from_secs(61));
        let rows: Vec<_> = text.lines().skip(2).take(3).collect();
        assert_eq!(
            rows,
            [
                "| D2 | whole too; and again | whole |",
                "| D15 | fast |  |",
                "| D33 | a million |  |",
            ]
        );
        assert!(text.ends_with("took 2 min."));
    }
}
