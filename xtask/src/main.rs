//! The build tool: everything that `make` does is a command here, so that a fresh clone needs nothing
//! but rustup and a C compiler to run, and Node, PostgreSQL and Chromium to be tested.
//!
//! Only the reading of the command line lives here. What must not enter: anything the product needs while
//! it runs.

mod bench;
mod build;
mod chaos;
mod dev;
mod dist;
mod hash;
mod interrupt;
mod project;
mod sbom;
mod scenes;
mod serve;
mod setup;
mod shell;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{build::Quality, project::Project, setup::Need};

const HELP: &str = "\
cargo xtask COMMAND

  run              build what is missing and serve on http://127.0.0.1:3000
  dev              the same, rebuilt whenever a file changes
  build [quick]    the site alone: WASM, style, icons, into target/site; `quick` neither shrinks nor compresses
  test             everything: format, clippy, Rust tests, browser tests
  browser [ARGS]   the browser tests alone; ARGS go to Playwright
                   (PARLANCE_BIN=dist/parlance tests that binary)
  chaos [NAMES]    the proof of the streaming engine in its full form, with its figures;
                   NAMES choose among its tests
  dist             dist/parlance, one release binary with the site in it, and its bill of materials
  bench            size, start-up, memory, and load of dist/parlance beside its provider
  bench-page [ARGS]
                   what the page of dist/parlance costs: bytes, moments, memory, Lighthouse; ARGS go to Playwright
  shots [ARGS]     pictures of every page and state into target/shots; ARGS go to Playwright
  setup            install what `run` and `test` need
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.filter(|word| word != "--").collect();
    match dispatch(&command, &rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(if interrupt::pending() { 130 } else { 1 })
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<ExitCode> {
    if matches!(command, "" | "help" | "-h" | "--help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    interrupt::install()?;
    let project = Project::locate()?;
    let quick = command == "build" && rest == ["quick"];
    if !rest.is_empty()
        && !quick
        && !matches!(command, "browser" | "chaos" | "bench-page" | "shots")
    {
        bail!("`{command}` takes no arguments, got `{}`", rest.join(" "));
    }
    match command {
        "build" => {
            setup::ensure(&project, Need::Run)?;
            let quality = if quick {
                Quality::Quick
            } else {
                Quality::Release
            };
            build::site(&project, quality)?;
        }
        "run" => serve::run(&project)?,
        "dev" => dev::watch(&project)?,
        "dist" => dist::dist(&project)?,
        "bench" => return bench::bench(&project),
        "bench-page" => scenes::measure(&project, rest)?,
        "shots" => scenes::paint(&project, rest)?,
        "chaos" => return chaos::chaos(&project, rest),
        "setup" => setup::ensure(&project, Need::Test)?,
        "test" => return Ok(test::everything(&project)),
        "browser" => return Ok(test::browser_alone(&project, rest)),
        other => bail!("no command `{other}`\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}
