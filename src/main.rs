//! The program: reads the configuration and does what the first word says.

use std::{io::Write, process::ExitCode};

use parlance::{commands, files, launch, telemetry};
use parlance_server::config::{Config, ConfigError, Source};

/// glibc's allocator keeps the 19 MiB of a password hash for every thread that ever made one. This one gives them
/// back; `make bench` holds it to that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "Parlance: the AI chat platform that you host yourself.

Usage: parlance [COMMAND]

  serve      Serve (what happens without a command)
  check      Read the configuration, explain every bad value, and end
  audit verify [--head HASH]
             Walk the audit log; with a head that was noted, also see whether its end is missing
  keys rotate
             Go over to the next master key, while servers run or not
  openapi    Print the description of the API
  version    Print the version
  help       Print this

Settings come from the environment, over the file that PARLANCE_CONFIG names (./parlance.toml).
";

fn main() -> ExitCode {
    let word = std::env::args_os()
        .nth(1)
        .map(|word| word.to_string_lossy().into_owned());
    match word.as_deref() {
        None | Some("serve") => with_config(serve),
        Some("check") => with_config(|config| tell(commands::check(&config))),
        Some("audit" | "keys") => with_config(command),
        Some("openapi") => print(
            &parlance::web::openapi()
                .to_pretty_json()
                .unwrap_or_default(),
        ),
        Some("version" | "--version" | "-V") => {
            print(concat!("parlance ", env!("CARGO_PKG_VERSION")))
        }
        Some("help" | "--help" | "-h") => print(HELP),
        Some(word) => refuse(&format!("There is no command “{word}”.\n\n{HELP}")),
    }
}

fn with_config(command: impl FnOnce(Config) -> ExitCode) -> ExitCode {
    let errors = match Source::from_process().map(|source| Config::read(&source)) {
        Ok(Ok(config)) => return command(config),
        Ok(Err(errors)) => errors,
        Err(error) => vec![error],
    };
    let lines: Vec<String> = errors.iter().map(ConfigError::to_string).collect();
    refuse(&format!(
        "The configuration cannot be used:\n  {}",
        lines.join("\n  ")
    ))
}

#[tokio::main]
async fn serve(mut config: Config) -> ExitCode {
    if let Err(error) = telemetry::start(&config) {
        return refuse(&error.to_string());
    }
    config.streams = files::streams(config.streams);
    match launch::run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error.to_string()),
    }
}

#[tokio::main]
async fn command(config: Config) -> ExitCode {
    tell(commands::run(&config, std::env::args_os().skip(1)).await)
}

fn tell(outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(text) => print(&text),
        Err(text) => refuse(&text),
    }
}

/// A reader that has gone (`parlance openapi | head`) is no error.
fn print(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}

fn refuse(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}
