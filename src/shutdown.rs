//! The wish to end: from SIGTERM, SIGINT or a test, to everybody who has to wind something up.
//!
//! Must not enter: what is wound up.

use tokio::sync::watch;

/// Whether the process should end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Asks for the end; so does dropping it.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

impl Shutdown {
    /// One that somebody in this process triggers.
    #[must_use]
    pub fn manual() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// One that the operating system triggers: SIGTERM or SIGINT (Ctrl-C). A second signal, while
    /// things are being wound up, ends the process at once.
    ///
    /// # Errors
    /// The signal handlers cannot be installed.
    pub fn on_signal() -> std::io::Result<Self> {
        let mut signals = Signals::install()?;
        let (trigger, shutdown) = Self::manual();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "shutting down");
            trigger.pull();
            signals.next().await;
            tracing::warn!("second signal: ending at once");
            std::process::exit(130);
        });
        Ok(shutdown)
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Resolves once the end is asked for.
    pub async fn requested(&mut self) {
        // An error means that the trigger is gone, which counts as pulled.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

impl Trigger {
    /// Asks for the end.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

/// The system's word for a write beyond the limit on file sizes. tokio has no name for it; the number is the same
/// wherever this runs (signal(7), all but MIPS).
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

#[cfg(unix)]
impl Signals {
    fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Not the end: with a handler, though nobody ever asks it, such a write is an error like that of a full disk.
        drop(signal(SignalKind::from_raw(SIGXFSZ))?);
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn install() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_hears_of_the_end() {
        let (trigger, mut first) = Shutdown::manual();
        let mut second = first.clone();
        assert!(!first.is_requested());
        trigger.pull();
        first.requested().await;
        second.requested().await;
        assert!(second.is_requested());
    }

    #[tokio::test]
    async fn a_lost_trigger_counts_as_pulled() {
        let (trigger, mut shutdown) = Shutdown::manual();
        drop(trigger);
        shutdown.requested().await;
        assert!(shutdown.is_requested());
    }
}
