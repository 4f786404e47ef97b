//! What stops the disk of a running server, from outside of it, and lets it go on again.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::harness::Server;

/// For `strace` to get hold of all threads.
const ATTACH: Duration = Duration::from_secs(20);

/// What the disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Files may not be as large as a write would make them.
    Limit,
    /// There is no space.
    Space,
    /// Writes succeed, bringing them to the disk fails.
    Sync,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Limit, Self::Space, Self::Sync];

    pub fn name(self) -> &'static str {
        match self {
            Self::Limit => "every write fails (EFBIG)",
            Self::Space => "no space (ENOSPC, strace)",
            Self::Sync => "syncs fail (EIO, strace, level `power`)",
        }
    }

    /// System calls and how they fail.
    fn injection(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Limit => None,
            // What SQLite writes with; the log goes on.
            Self::Space => Some(("pwrite64,fallocate", "ENOSPC")),
            Self::Sync => Some(("fsync,fdatasync", "EIO")),
        }
    }
}

/// A fault that lasts until [`Self::end`].
pub enum Fault {
    Limit { pid: String },
    Traced(Tracer),
}

/// A running `strace`; it lets go when dropped.
pub struct Tracer(Child);

impl Fault {
    /// `None` where it cannot be had: no such program, or no right to.
    pub async fn begin(kind: Kind, server: &Server) -> Option<Self> {
        let pid = server.pid().to_string();
        let Some((calls, error)) = kind.injection() else {
            let limited = limit(&pid, "0");
            return limited.then_some(Self::Limit { pid });
        };
        let tracer = Command::new("strace")
            .args(["-f", "-q", "-o", "/dev/null", "-p", &pid])
            .args(["-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:error={error}")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut tracer = Tracer(tracer.ok()?);
        let began = Instant::now();
        while !is_traced(&pid) {
            let ended = tracer.0.try_wait().expect("child of ours");
            if ended.is_some() || began.elapsed() > ATTACH {
                return None;
            }
            sleep(Duration::from_millis(5)).await;
        }
        Some(Self::Traced(tracer))
    }

    /// The disk works again, or the server is gone.
    pub async fn end(self) {
        match self {
            Self::Limit { pid } => {
                limit(&pid, "unlimited");
            }
            Self::Traced(tracer) => drop(tracer),
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        // It lets its processes go on only when it is asked to end. It may have ended, with the server.
        let _ = Command::new("kill").args(["-s", "INT", &pid]).status();
        let _ = self.0.wait();
    }
}

/// Sets the soft limit on the size of files; anybody may raise that again.
fn limit(pid: &str, bytes: &str) -> bool {
    let limit = format!("--fsize={bytes}:");
    let set = Command::new("prlimit")
        .args(["--pid", pid, &limit])
        .stderr(Stdio::null())
        .status();
    set.is_ok_and(|status| status.success())
}

/// Whether all threads are.
fn is_traced(pid: &str) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    threads.into_iter().flatten().flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let tracer = status
            .lines()
            .find_map(|line| line.strip_prefix("TracerPid:"));
        tracer.is_some_and(|pid| pid.trim() != "0")
    })
}
