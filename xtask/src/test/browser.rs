//! The Playwright suite: its packages, its browser, its run, and the count from its JSON report.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::tally::Counts;
use crate::{
    hash,
    project::Project,
    setup,
    shell::{self, Cmd},
};

/// The server under test, when it is not the debug build.
const BINARY: &str = "PARLANCE_BIN";

/// The binary that the caller wants to be tested.
pub fn given_binary() -> Option<PathBuf> {
    std::env::var_os(BINARY).map(PathBuf::from)
}

/// Checks the types of the specs; Playwright itself only strips them.
pub fn types(project: &Project) -> Result<()> {
    packages(&end2end(project))?;
    tool(project, "tsc").args(["--noEmit"]).run()
}

/// Runs the suite.
pub fn run(project: &Project, args: &[String]) -> Result<Counts> {
    packages(&end2end(project))?;
    let server = match given_binary() {
        Some(path) => path
            .canonicalize()
            .with_context(|| format!("{BINARY}={}", path.display()))?,
        None => project.debug_binary("parlance"),
    };
    let playwright = playwright(project, &server)?.args(args);

    let report = end2end(project).join("test-results/report.json");
    let _old_one = std::fs::remove_file(&report);
    let status = playwright.lines(|_| true)?;
    let mut counts = read(&report).with_context(|| format!("Playwright ended with {status}"))?;
    if !status.success() && counts.failed == 0 {
        println!("error: Playwright ended with {status} although no test is said to have failed");
        counts.failed = 1;
    }
    if counts == Counts::default() {
        bail!("Playwright ran no test");
    }
    Ok(counts)
}

/// Runs what lies in the folder `scenes` of `end2end`, which is no test: it measures or paints `server`.
pub fn play(
    project: &Project,
    scenes: &str,
    server: &Path,
    settings: &[(&str, &str)],
    args: &[String],
) -> Result<()> {
    packages(&end2end(project))?;
    let folder = end2end(project).join(scenes);
    if folder.join("package-lock.json").exists() {
        packages(&folder)?;
    }
    settings
        .iter()
        .fold(playwright(project, server)?, |cmd, (name, value)| {
            cmd.env(name, value)
        })
        .args(["-c", scenes])
        .args(args)
        .run()
}

/// `playwright test` with the programs that its fixtures start.
fn playwright(project: &Project, server: &Path) -> Result<Cmd> {
    let mut playwright = tool(project, "playwright")
        .arg("test")
        .env(BINARY, server)
        .env(
            "PARLANCE_UPSTREAM_BIN",
            project.debug_binary("parlance-upstream"),
        );
    if let Some(chromium) = setup::chromium() {
        playwright = playwright.env("PLAYWRIGHT_CHROMIUM", chromium);
    } else {
        // Where the system has no Chromium; nothing is fetched when it is there already. Its libraries are
        // packages of the system.
        let libraries = setup::unasked().then_some("--with-deps");
        tool(project, "playwright")
            .args(["install", "chromium"])
            .args(libraries)
            .run()?;
    }
    Ok(playwright)
}

/// Installs the packages that `package-lock.json` names, if they are not those that lie there.
fn packages(dir: &Path) -> Result<()> {
    let lock = dir.join("package-lock.json");
    let lock = std::fs::read(&lock).with_context(|| lock.display().to_string())?;
    let wanted = hash::of(&[&lock]);
    let stamp = dir.join("node_modules/.installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    shell::cmd("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .dir(dir)
        .run()?;
    std::fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())
}

fn tool(project: &Project, name: &str) -> Cmd {
    let dir = end2end(project);
    shell::cmd(dir.join("node_modules/.bin").join(name)).dir(&dir)
}

fn end2end(project: &Project) -> PathBuf {
    project.root.join("end2end")
}

#[derive(Deserialize)]
struct Report {
    stats: Stats,
}

#[derive(Deserialize)]
struct Stats {
    expected: u64,
    unexpected: u64,
    flaky: u64,
}

fn read(report: &Path) -> Result<Counts> {
    let text =
        std::fs::read_to_string(report).context("there is no report of the browser tests")?;
    count(&text)
}

/// A test that passed only at its second try counts as failed; one that was skipped does not count.
fn count(report: &str) -> Result<Counts> {
    let Report { stats } = serde_json::from_str(report).context("an unreadable report")?;
    Ok(Counts {
        passed: stats.expected,
        failed: stats.unexpected + stats.flaky,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_a_flaky_test_as_failed_and_a_skipped_one_not_at_all() -> Result<()> {
        let report = r#"{"stats":{"startTime":"","duration":1.5,"expected":7,"skipped":2,"unexpected":1,"flaky":1}}"#;
        let counted = count(report)?;
        assert_eq!(
            counted,
            Counts {
                passed: 7,
                failed: 2
            }
        );
        Ok(())
    }
}
