//! Ctrl-C and `kill`, turned into a flag, so that everything started here is stopped and every temporary
//! directory is removed by ordinary `Drop` before the process ends. A second signal ends it at once.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Starts listening. `exec` puts the default behaviour back, so a program that replaces this one is not
/// affected.
pub fn install() -> Result<()> {
    let flag = FLAG.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(flag))
            .and_then(|_| flag::register(signal, Arc::clone(flag)))
            .context("cannot listen for signals")?;
    }
    Ok(())
}

/// Whether somebody asked for the end.
pub fn pending() -> bool {
    FLAG.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}
