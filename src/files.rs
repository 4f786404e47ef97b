//! How many files, and so sockets, the system lets this process open.

/// Databases, requests, sign-ins: files beside those of streams.
#[cfg(unix)]
const OTHER_FILES: u64 = 200;

/// As many streams of the `wanted` as there can be files for, at least one; raises the process's limit as far as it may
/// first. A reply that streams takes two files, its reader's and its provider's.
#[must_use]
#[cfg(unix)]
pub fn streams(wanted: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    // Shells and service managers begin with 1024 and allow much more.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, files) {
        tracing::debug!(%error, "the limit on open files stays");
    }
    let Some(most) = getrlimit(Resource::Nofile).current else {
        return wanted;
    };
    let room = usize::try_from(most.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX);
    if room < wanted {
        tracing::warn!(
            files = most,
            streams = room.max(1),
            "fewer live streams than set: the limit on open files is low"
        );
    }
    wanted.min(room.max(1))
}

/// The system has no such limit.
#[must_use]
#[cfg(not(unix))]
pub fn streams(wanted: usize) -> usize {
    wanted
}
