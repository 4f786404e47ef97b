//! What Linux says about a running program: processor time, memory, threads, open files. Must not enter: how the program was started.

use std::{collections::HashMap, fs, time::Duration};

use anyhow::{Context, Result};

/// Processor time of a program, thread by thread, to the nanosecond: the 10 ms ticks of `stat` are too coarse for one
/// stream of 20 tokens a second.
#[derive(Clone, Debug, Default)]
pub struct Spent(HashMap<u32, u64>);

impl Spent {
    /// Reads it for these processes and their children.
    ///
    /// # Errors
    /// Not Linux.
    pub fn of(pids: &[u32]) -> Result<Self> {
        Ok(Self::of_these(&family(pids)?))
    }

    fn of_these(pids: &[u32]) -> Self {
        let mut threads = HashMap::new();
        for pid in pids {
            // A process may end while it is looked at.
            let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
                continue;
            };
            for task in tasks.flatten() {
                let id = task.file_name().to_string_lossy().parse::<u32>();
                let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
                let spent = text.split_whitespace().next().and_then(|n| n.parse().ok());
                if let (Ok(id), Some(spent)) = (id, spent) {
                    threads.insert(id, spent);
                }
            }
        }
        Self(threads)
    }

    /// Reads it for this program alone.
    pub fn own() -> Self {
        Self::of_these(&[std::process::id()])
    }

    /// What was spent since `earlier`. A thread that ended in between takes its last part with it.
    pub fn since(&self, earlier: &Self) -> Duration {
        let parts = self.0.iter().map(|(thread, spent)| {
            spent.saturating_sub(earlier.0.get(thread).copied().unwrap_or_default())
        });
        Duration::from_nanos(parts.sum())
    }
}

/// These processes and the children of each, one generation deep: nginx works in children.
fn family(pids: &[u32]) -> Result<Vec<u32>> {
    let mut all = pids.to_vec();
    for pid in pids {
        let path = format!("/proc/{pid}/task/{pid}/children");
        let children = fs::read_to_string(&path).with_context(|| format!("{path} (Linux only)"))?;
        all.extend(
            children
                .split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    Ok(all)
}

/// What a program holds at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holding {
    /// Memory (RSS), KiB.
    pub resident_kib: u64,
    /// The part of it that is its own, not a file's, KiB.
    pub anonymous_kib: u64,
    pub threads: u64,
    /// Open files, sockets included.
    pub files: u64,
}

impl Holding {
    /// # Errors
    /// It has ended, or this is not Linux.
    pub fn of(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/fd");
        let files = fs::read_dir(&path).with_context(|| format!("{path} (Linux only)"))?;
        Ok(Self {
            resident_kib: status(pid, "VmRSS:")?,
            anonymous_kib: status(pid, "RssAnon:")?,
            threads: status(pid, "Threads:")?,
            files: files.count() as u64,
        })
    }
}

/// Memory in KiB that a process holds now (RSS).
///
/// # Errors
/// It has ended, or this is not Linux.
pub fn resident_kib(pid: u32) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// A number among what the kernel says of a process; of memory, in KiB.
fn status(pid: u32, name: &str) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("{path} (Linux only)"))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("no {name} of {pid}"))
}
