//! `cargo xtask test`: everything that must hold before a change lands, step by step, and the count.
//!
//! A step that cannot be done, because a tool is missing or an earlier step failed, counts as failed.

mod browser;
mod postgres;
mod rust;
mod tally;

use std::process::ExitCode;

use anyhow::{Result, bail};

pub use self::{
    browser::play,
    postgres::Cluster,
    rust::{POSTGRES_URL, compile},
};

use self::tally::{Counts, Tally};
use crate::{
    build::{self, Quality},
    project::{Project, WASM_TARGET},
    setup::{self, Need},
};

/// All steps. The last line printed is the count.
pub fn everything(project: &Project) -> ExitCode {
    let mut tally = Tally::new(8);
    let ready = tally.quiet("setup", || setup::ensure(project, Need::Test));
    if ready {
        tally.step("format", || single(format(project)));
        tally.step("clippy, server", || single(clippy_native(project)));
        tally.step("clippy, browser", || single(clippy_wasm(project)));
        let site = tally.step("site", || single(build::site(project, Quality::Release)));
        let built = tally.step("compile the tests", || single(rust::compile(project)));
        tally.step("Rust tests", || {
            needs(built, "the tests did not compile")?;
            rust::run(project)
        });
        tally.step("types of the browser tests", || {
            single(browser::types(project))
        });
        tally.step("browser tests", || {
            needs(site, "the site was not built")?;
            needs(built, "the binaries were not built")?;
            browser::run(project, &["--forbid-only".to_owned()])
        });
    }
    tally.finish(project)
}

/// The browser suite alone, against `PARLANCE_BIN` if that is set.
pub fn browser_alone(project: &Project, args: &[String]) -> ExitCode {
    let mut tally = Tally::new(2);
    if tally.quiet("setup", || setup::ensure(project, Need::Test)) {
        let built = tally.step("build", || {
            if browser::given_binary().is_none() {
                build::site(project, Quality::Release)?;
            }
            rust::compile(project)?;
            Ok(Counts::default())
        });
        tally.step("browser tests", || {
            needs(built, "the binaries were not built")?;
            browser::run(project, args)
        });
    }
    tally.finish(project)
}

fn needs(met: bool, otherwise: &str) -> Result<()> {
    if !met {
        bail!("not run: {otherwise}");
    }
    Ok(())
}

/// A step that is one check.
fn single(outcome: Result<()>) -> Result<Counts> {
    outcome.map(|()| Counts {
        passed: 1,
        failed: 0,
    })
}

fn format(project: &Project) -> Result<()> {
    project.cargo("fmt").args(["--all", "--check"]).run()
}

/// The same packages and features as the tests, so that the two share build scripts and macros.
fn clippy_native(project: &Project) -> Result<()> {
    std::fs::create_dir_all(project.site())?;
    project
        .cargo_packages("clippy")
        .args(["--all-targets", "--", "-D", "warnings"])
        .run()?;
    project
        .cargo("clippy")
        .args(["-p", "xtask", "-p", "parlance-load"])
        .args(["--all-targets", "--", "-D", "warnings"])
        .run()
}

/// In the profile of the shipped WASM, for the same reason.
fn clippy_wasm(project: &Project) -> Result<()> {
    for package in [
        &[
            "-p",
            "parlance",
            "--no-default-features",
            "--features",
            "hydrate",
        ][..],
        &["-p", "parlance-render"],
    ] {
        project
            .cargo("clippy")
            .args(package)
            .args([
                "--lib",
                "--target",
                WASM_TARGET,
                "--profile",
                "wasm-release",
            ])
            .args(["--", "-D", "warnings"])
            .run()?;
    }
    Ok(())
}
