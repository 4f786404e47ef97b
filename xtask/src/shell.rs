//! Running other programs: each failure names its command, and a signal to this process ends them all.
//!
//! What must not enter: knowledge of any program in particular.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::interrupt;

/// How often a running program is looked at; also the delay with which a signal is noticed.
const POLL: Duration = Duration::from_millis(20);
/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// A command under construction.
#[derive(Debug)]
pub struct Cmd {
    inner: Command,
    silence: Option<Duration>,
}

/// Starts to describe a command.
pub fn cmd(program: impl AsRef<OsStr>) -> Cmd {
    Cmd {
        inner: Command::new(program),
        silence: None,
    }
}

impl Cmd {
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.inner.arg(arg);
        self
    }

    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.inner.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    pub fn env_remove(mut self, name: &str) -> Self {
        self.inner.env_remove(name);
        self
    }

    pub fn env_clear(mut self) -> Self {
        self.inner.env_clear();
        self
    }

    pub fn dir(mut self, dir: &Path) -> Self {
        self.inner.current_dir(dir);
        self
    }

    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.inner.stdout(to);
        self
    }

    pub fn stderr(mut self, to: impl Into<Stdio>) -> Self {
        self.inner.stderr(to);
        self
    }

    /// How long it may print nothing before [`Self::lines`] ends it.
    pub fn silent_at_most(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Runs it with its output shown.
    pub fn run(self) -> Result<()> {
        let shown = self.shown();
        let status = self.spawn()?.wait()?;
        expect_success(&shown, status)
    }

    /// Runs it with the terminal in its hands, for programs that ask questions.
    pub fn run_interactive(mut self) -> Result<()> {
        let shown = self.shown();
        let status = self
            .inner
            .status()
            .with_context(|| format!("cannot start `{shown}`"))?;
        expect_success(&shown, status)
    }

    /// Runs it and hands each line of its standard output to `shown`, which says whether to print it. Failing
    /// is not an error here; being silent for too long is.
    pub fn lines(self, mut shown: impl FnMut(&str) -> bool) -> Result<ExitStatus> {
        let silence = self.silence;
        let mut heard = Instant::now();
        let mut running = self.stdout(Stdio::piped()).spawn()?;
        let stdout = running.child.stdout.take().expect("stdout is piped");
        let (lines, incoming) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        // A grandchild that outlives the program may keep the pipe open: the program's end decides, and what
        // it wrote before is in the pipe by then.
        let mut status = None;
        loop {
            match incoming.recv_timeout(POLL) {
                Ok(line) => {
                    heard = Instant::now();
                    let line = String::from_utf8_lossy(&line);
                    if shown(&line) {
                        println!("{line}");
                    }
                }
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) if status.is_some() => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    if let Some(limit) = silence.filter(|limit| heard.elapsed() > *limit) {
                        bail!("it printed nothing for {} s and was ended", limit.as_secs());
                    }
                    status = running.poll()?;
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        match status {
            Some(status) => Ok(status),
            None => running.wait(),
        }
    }

    /// Runs it silently and gives its standard output; its standard error becomes part of the error.
    pub fn read(mut self) -> Result<String> {
        let shown = self.shown();
        let output = self
            .inner
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start `{shown}`"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`{shown}` failed ({}):\n{}", output.status, said.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Starts it in a process group of its own, without a terminal to read from.
    pub fn spawn(mut self) -> Result<Running> {
        let shown = self.shown();
        let child = self
            .inner
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        Ok(Running {
            child,
            stop_signal: Signal::TERM,
        })
    }

    /// Becomes that program.
    pub fn exec(mut self) -> Result<()> {
        let shown = self.shown();
        let error = self.inner.exec();
        Err(error).with_context(|| format!("cannot start `{shown}`"))
    }

    fn shown(&self) -> String {
        let program = Path::new(self.inner.get_program());
        std::iter::once(program.file_name().unwrap_or_default())
            .chain(self.inner.get_args())
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn expect_success(shown: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    if interrupt::pending() {
        bail!("interrupted");
    }
    bail!("`{shown}` failed ({status})");
}

/// A program that runs; dropping this ends it with everything it started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stop_signal: Signal,
}

impl Running {
    /// Chooses the signal that asks the program to end, instead of TERM.
    pub fn stop_with(mut self, signal: Signal) -> Self {
        self.stop_signal = signal;
        self
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended, and how; an error when this process was asked to end.
    pub fn poll(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait().context("cannot wait for a process")?;
        if status.is_none() && interrupt::pending() {
            bail!("interrupted");
        }
        Ok(status)
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.poll()? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It fails only when nothing of the group is left, which is what is wanted.
            let _gone = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.signal_group(self.stop_signal);
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(POLL);
        }
        self.signal_group(Signal::KILL);
        let _reaped = self.child.wait();
    }
}
