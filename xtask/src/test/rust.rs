//! The Rust tests: one build of all packages, one run, and the count of its results.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result};

use super::{postgres::Cluster, tally::Counts};
use crate::{project::Project, shell::Cmd};

/// The address of the throw-away database, for the tests.
pub const POSTGRES_URL: &str = "PARLANCE_TEST_POSTGRES_URL";
/// Without a word for so long, a test waits for what never comes: no test takes half of it.
const SILENCE: Duration = Duration::from_secs(8 * 60);

/// Compiles the tests and, with the very same features, the binaries that the browser tests start.
pub fn compile(project: &Project) -> Result<()> {
    std::fs::create_dir_all(project.site())?;
    project
        .cargo_packages("build")
        .args(["--bins", "--tests"])
        .run()
}

/// Runs them with a PostgreSQL of their own.
pub fn run(project: &Project) -> Result<Counts> {
    let cluster = Cluster::start()?;
    let product = project
        .cargo_packages("test")
        .env(POSTGRES_URL, cluster.url());
    let mut counts = count(product)?;
    counts += count(
        project
            .cargo("test")
            .args(["-p", "xtask", "-p", "parlance-load"]),
    )?;
    Ok(counts)
}

fn count(cmd: Cmd) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut slow = BTreeSet::new();
    let cmd = cmd.arg("--no-fail-fast").silent_at_most(SILENCE);
    let ended = cmd.lines(|line| {
        if let Some(name) = line.strip_suffix(" has been running for over 60 seconds") {
            slow.insert(name.to_owned());
        } else if let Some((name, _)) = line.split_once(" ... ") {
            slow.remove(name);
        }
        let Some(found) = result_line(line) else {
            return !(line.is_empty() || line == "running 0 tests");
        };
        counts += found;
        // Most binaries of a workspace this size hold no tests; they would bury the others.
        found != Counts::default()
    });
    let status = ended.with_context(|| format!("under way: {slow:?}"))?;
    if !status.success() && counts.failed == 0 {
        // It did not compile, or a test took its whole process down before anything was counted.
        println!("error: `cargo test` ended with {status} although no test is said to have failed");
        counts.failed = 1;
    }
    Ok(counts)
}

/// The numbers of `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
fn result_line(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| -> Option<u64> {
        numbers
            .split("; ")
            .find_map(|part| part.trim().strip_suffix(word))?
            .trim()
            .parse()
            .ok()
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_result_line_of_a_test_binary() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; \
                    finished in 0.31s";
        assert_eq!(
            result_line(line),
            Some(Counts {
                passed: 12,
                failed: 2
            })
        );
    }

    #[test]
    fn takes_no_other_line_for_a_result() {
        assert_eq!(result_line("test result_line ... ok"), None);
        assert_eq!(result_line("running 3 tests"), None);
    }
}
