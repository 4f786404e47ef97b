//! The load bench: holds many replies at once and prints what each costs, beside the provider itself (`direct`) and a
//! plain reverse proxy (`nginx`, when the machine has one), measured in the same run.
//!
//! `parlance-load --server dist/parlance --upstream target/release/parlance-upstream [--quick] [--only SCENE,…]
//! [--replies N] [--minutes N] [--postgres URL] [--set KEY=VALUE]…`; `make bench` calls it so. Ends with 1 when a figure
//! that no machine excuses is missed.
//!
//! Everything runs in one thread: the load must leave the two cores to what it measures.

mod chat;
mod child;
mod held;
mod percentile;
mod postgres;
mod process;
mod relay;
mod reply;
mod report;
mod scene;
mod sockets;
mod tally;
mod trend;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::{report::Report, scene::Stage};

/// What the command line asks for.
#[derive(Debug, Default)]
pub struct Options {
    /// The server to measure.
    pub server: PathBuf,
    /// The provider that it asks.
    pub upstream: PathBuf,
    /// Fewer and shorter measurements, for work in progress.
    pub quick: bool,
    /// The scenes to play; empty: all.
    pub only: Vec<String>,
    /// Of the levels only the one with so many replies.
    pub replies: Option<usize>,
    /// How long the soak lasts; nothing: a few minutes at the most.
    pub minutes: Option<f64>,
    /// A database of the PostgreSQL cluster to work in instead of SQLite.
    pub postgres: Option<String>,
    /// Further settings of the server.
    pub set: Vec<(String, String)>,
}

fn main() -> ExitCode {
    let played = options().and_then(|options| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("no runtime")?
            .block_on(play(options))
    });
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("parlance-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `false` when a gate is missed.
async fn play(options: Options) -> Result<bool> {
    child::allow_sockets();
    let mut report = Report::default();
    let stage = Stage::set(options).await?;
    scene::play(&stage, &mut report).await?;
    Ok(report.close())
}

fn options() -> Result<Options> {
    let mut options = Options::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("{word} needs a value"))
        };
        match word.as_str() {
            "--server" => options.server = value()?.into(),
            "--upstream" => options.upstream = value()?.into(),
            "--quick" => options.quick = true,
            "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
            "--replies" => options.replies = Some(value()?.parse().context("--replies N")?),
            "--minutes" => options.minutes = Some(value()?.parse().context("--minutes N")?),
            "--postgres" => options.postgres = Some(value()?),
            "--set" => {
                let pair = value()?;
                let (key, value) = pair.split_once('=').context("--set takes KEY=VALUE")?;
                options.set.push((key.to_owned(), value.to_owned()));
            }
            _ => bail!("unknown word {word}"),
        }
    }
    for (name, path) in [("server", &options.server), ("upstream", &options.upstream)] {
        if !path.is_file() {
            bail!("--{name} must name a program, not {}", path.display());
        }
    }
    Ok(options)
}
