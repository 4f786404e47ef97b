//! Log lines: JSON for machines, text for people, on standard error.
//!
//! Must not enter: what people write and what opens doors. A panic's message may quote a person's
//! text (slicing does), so of a panic only the place and messages that are literals are logged.

use std::{io::IsTerminal, panic::PanicHookInfo};

use parlance_server::config::{Config, LogFormat};
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Why no log can be written.
#[derive(Debug)]
pub enum Failure {
    /// `PARLANCE_LOG` is no filter.
    Filter(tracing_subscriber::filter::ParseError),
    /// A logger is installed already.
    Taken,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filter(error) => write!(
                f,
                "PARLANCE_LOG is not a filter such as “info” or “info,parlance_server=debug” ({error})."
            ),
            Self::Taken => f.write_str("a logger is installed already"),
        }
    }
}

impl std::error::Error for Failure {}

/// What is logged, as `PARLANCE_LOG` says.
///
/// # Errors
/// The filter cannot be read.
pub fn filter(config: &Config) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(&config.log).map_err(Failure::Filter)
}

/// Installs the logger and the panic hook for the whole process.
///
/// # Errors
/// The filter cannot be read, or there is a logger already.
pub fn start(config: &Config) -> Result<(), Failure> {
    let filter = filter(config)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written (a full disk) would be complained of on standard error, where that fails too,
        // as a panic.
        .log_internal_errors(false)
        .with_span_events(FmtSpan::NONE);
    match config.log_format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    }
    .map_err(|_| Failure::Taken)?;
    std::panic::set_hook(Box::new(note_panic));
    Ok(())
}

fn note_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    // A literal cannot hold what a person wrote; a formatted message can.
    let message = info
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(withheld)");
    tracing::error!(place, message, "panic");
}
