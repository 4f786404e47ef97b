//! Counting and reporting: which step runs, how long it took, and how many tests passed and failed.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{interrupt, project::Project};

/// Tests that were run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The count so far.
#[derive(Debug)]
pub struct Tally {
    steps: usize,
    done: usize,
    began: Instant,
    total: Counts,
    failures: Vec<String>,
}

impl Tally {
    /// Begins a run of so many steps.
    pub fn new(steps: usize) -> Self {
        Self {
            steps,
            done: 0,
            began: Instant::now(),
            total: Counts::default(),
            failures: Vec::new(),
        }
    }

    /// A preparation: it counts only when it fails. Tells whether it succeeded.
    pub fn quiet(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        match work() {
            Ok(()) => true,
            Err(error) => {
                self.failed(name, &error);
                false
            }
        }
    }

    /// One step. An error counts as one failure. Tells whether all of it passed. After an interruption
    /// nothing more is begun.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Counts>) -> bool {
        if interrupt::pending() {
            return false;
        }
        self.done += 1;
        let head = format!("[{}/{}] {name}", self.done, self.steps);
        println!("\n=== {head}");
        let began = Instant::now();
        let outcome = work();
        let took = seconds(began.elapsed());
        let so_far = seconds(self.began.elapsed());
        let passed = match outcome {
            Ok(counts) => {
                self.total += counts;
                if counts.failed > 0 {
                    self.failures
                        .push(format!("{name}: {} failed", counts.failed));
                }
                counts.failed == 0
            }
            Err(error) => {
                self.failed(name, &error);
                false
            }
        };
        let verdict = if passed { "ok" } else { "FAILED" };
        println!("=== {head}: {verdict} after {took}, {so_far} in all");
        passed
    }

    /// Prints what failed, and the count as the last line.
    pub fn finish(mut self, project: &Project) -> ExitCode {
        if interrupt::pending() {
            self.total.failed += 1;
            self.failures.push("interrupted".to_owned());
        }
        println!();
        for failure in &self.failures {
            println!("FAILED: {failure}");
        }
        let line = format!("{} passed, {} failed", self.total.passed, self.total.failed);
        // Where a caller finds it whose own last words would follow. Not worth failing for.
        let _unwritten = std::fs::write(project.target.join("tally.txt"), format!("{line}\n"));
        println!("{line}");
        match (interrupt::pending(), self.total.failed) {
            (true, _) => ExitCode::from(130),
            (false, 0) => ExitCode::SUCCESS,
            (false, _) => ExitCode::FAILURE,
        }
    }

    fn failed(&mut self, name: &str, error: &anyhow::Error) {
        if interrupt::pending() {
            // Counted once, at the end.
            return;
        }
        self.total.failed += 1;
        println!("error: {error:#}");
        let first = format!("{error:#}");
        let first = first.lines().next().unwrap_or_default();
        self.failures.push(format!("{name}: {first}"));
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_minutes_only_when_there_are_some() {
        assert_eq!(seconds(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn counts_an_error_as_one_failure() {
        let mut tally = Tally::new(2);
        assert!(tally.step("fine", || Ok(Counts {
            passed: 3,
            failed: 0
        })));
        assert!(!tally.step("broken", || anyhow::bail!("no")));
        assert_eq!(
            tally.total,
            Counts {
                passed: 3,
                failed: 1
            }
        );
    }
}
