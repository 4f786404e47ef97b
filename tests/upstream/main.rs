//! The provider as a process of its own, for browser tests: prints its base URL as the first line, then serves until
//! it is killed. What it answers lives in the library.

use std::{io::Write, net::SocketAddr, process::ExitCode};

use parlance_upstream::Upstream;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("parlance-upstream: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let addr = address(std::env::args().skip(1))?;
    let upstream = Upstream::bind(addr)
        .await
        .map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let mut out = std::io::stdout();
    // A reader on a pipe waits for this line: it must not stay in the buffer.
    writeln!(out, "{}", upstream.base_url())
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())?;
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| error.to_string())
}

fn address(mut args: impl Iterator<Item = String>) -> Result<SocketAddr, String> {
    const USAGE: &str = "usage: parlance-upstream [--addr HOST:PORT]";
    let text = match (args.next().as_deref(), args.next()) {
        (None, _) => "127.0.0.1:0".to_owned(),
        (Some("--addr"), Some(text)) => text,
        _ => return Err(USAGE.to_owned()),
    };
    text.parse()
        .map_err(|_| format!("{text} is not an address such as 127.0.0.1:4010"))
}
