//! The real binary in a process of its own, so that it can be killed.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use parlance_upstream::Upstream;
use tempfile::TempDir;

use super::{Browser, Database, Engine};

/// Limits that tests of other things must not meet: all of them come from one address, in no time.
const WIDE: [&str; 13] = [
    "PARLANCE_RATE_ADDRESS_ENTRANCE",
    "PARLANCE_RATE_ADDRESS_SENDS",
    "PARLANCE_RATE_ADDRESS_WRITES",
    "PARLANCE_RATE_ADDRESS_READS",
    "PARLANCE_RATE_ADDRESS_STREAMS",
    "PARLANCE_RATE_USER_ENTRANCE",
    "PARLANCE_RATE_USER_SENDS",
    "PARLANCE_RATE_USER_WRITES",
    "PARLANCE_RATE_USER_READS",
    "PARLANCE_RATE_USER_STREAMS",
    "PARLANCE_TRIES_ACCOUNT",
    "PARLANCE_TRIES_ADDRESS",
    "PARLANCE_TRIES_SUBNET",
];

/// How long a debug binary on a busy machine may take to start.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end: longer than the longest reply that it waits for, and all it does afterwards.
const END: Duration = Duration::from_secs(120);

/// A server with its data, and the provider that it asks.
pub struct Server {
    pub base: String,
    pub upstream: Upstream,
    pub database_url: Option<Database>,
    settings: BTreeMap<String, String>,
    data: TempDir,
    child: Child,
}

impl Server {
    /// A fresh one whose provider behaves as `model` says (see `parlance_upstream`).
    pub async fn start(engine: Engine, model: &str) -> Self {
        Self::start_with(engine, model, &[]).await
    }

    /// The same with further settings.
    pub async fn start_with(engine: Engine, model: &str, settings: &[(&str, &str)]) -> Self {
        Self::start_after(engine, model, settings, &[]).await
    }

    /// The same, after it was killed so long after each of some earlier starts, ready or not.
    pub async fn start_after(
        engine: Engine,
        model: &str,
        settings: &[(&str, &str)],
        stumbles: &[Duration],
    ) -> Self {
        let upstream = Upstream::start().await;
        let data = TempDir::new().expect("temporary directory");
        let database_url = engine.fresh_database().await;
        let mut all = BTreeMap::from([
            ("PARLANCE_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            (
                "PARLANCE_DATA_DIR".to_owned(),
                data.path().display().to_string(),
            ),
            ("PARLANCE_LOG".to_owned(), "info".to_owned()),
            // What asks the provider of its own accord is switched on by the tests of just that.
            ("PARLANCE_TITLES".to_owned(), "off".to_owned()),
            ("PARLANCE_SUMMARIES".to_owned(), "off".to_owned()),
            ("OPENAI_BASE_URL".to_owned(), upstream.base_url()),
            (
                "OPENAI_API_KEY".to_owned(),
                "sk-canary-0123456789".to_owned(),
            ),
            ("OPENAI_MODEL".to_owned(), model.to_owned()),
        ]);
        all.extend(WIDE.map(|key| (key.to_owned(), "1000000".to_owned())));
        if let Some(url) = &database_url {
            all.insert("DATABASE_URL".to_owned(), url.to_string());
        }
        all.extend(
            settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        let log = data.path().join("log");
        for after in stumbles {
            stumble(&all, &log, *after).await;
        }
        let (child, base) = spawn(&all, &log);
        Self {
            base,
            upstream,
            database_url,
            settings: all,
            data,
            child,
        }
    }

    /// A client without an account.
    pub fn visitor(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// A client with a new account of this name.
    pub async fn member(&self, name: &str) -> Browser {
        let browser = self.visitor();
        browser.register(name).await;
        browser
    }

    /// SIGKILL: no handler runs.
    pub fn kill(&mut self) {
        self.child.kill().expect("still running");
        self.child.wait().expect("child of ours");
    }

    /// Starts the binary again on the same data, after [`Self::kill`], as another `model` if given.
    pub fn restart(&mut self) {
        let (child, base) = spawn(&self.settings, &self.log_file());
        self.child = child;
        self.base = base;
    }

    /// Starts the killed server and kills it again so much later, ready or not.
    pub async fn stumble(&self, after: Duration) {
        stumble(&self.settings, &self.log_file(), after).await;
    }

    /// The same with other settings.
    pub fn restart_with(&mut self, settings: &[(&str, &str)]) {
        let settings = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        self.settings.extend(settings);
        self.restart();
    }

    /// Whether it is still the process that was started, alive and answering.
    pub async fn is_well(&mut self) -> bool {
        let ended = self.child.try_wait().expect("child of ours").is_some();
        let healthy = reqwest::get(format!("{}/healthz", self.base)).await;
        !ended
            && healthy.is_ok_and(|response| response.status() == 200)
            && !self.log().contains("panic")
    }

    /// SIGTERM, and how it ended.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// The binary once more with these words, beside the server or after it, and how it ended.
    pub fn run(&self, words: &[&str]) -> std::process::Output {
        self.run_with(words, &[])
    }

    /// The same with other settings.
    pub fn run_with(&self, words: &[&str], settings: &[(&str, &str)]) -> std::process::Output {
        command(&self.settings)
            .args(words)
            .envs(settings.iter().copied())
            .current_dir(self.data.path())
            .output()
            .expect("the binary starts")
    }

    /// Sends a signal by its name (`TERM`, `STOP`, `CONT`).
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill runs").success(), "SIG{name} not sent");
    }

    /// The process, for what is done to it from outside.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, as soon as it has.
    ///
    /// # Panics
    /// It has not, although it was asked so long ago.
    pub async fn ended(&mut self) -> ExitStatus {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("child of ours") {
                return status;
            }
            assert!(
                asked.elapsed() < END,
                "the server does not end; its threads: {:#?}",
                threads(self.child.id())
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything that was logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// What it said on the terminal.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.data.path().join("said")).unwrap_or_default()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.data.path().join("log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- log of the server ---\n{}", self.log());
        }
    }
}

/// The binary with a clean environment but for `settings`.
pub fn command(settings: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlance"));
    command.env_clear().envs(settings).stdin(Stdio::null());
    command
}

async fn stumble(settings: &BTreeMap<String, String>, log: &std::path::Path, after: Duration) {
    let mut child = command(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::from(append(log)))
        .spawn()
        .expect("the binary starts");
    tokio::time::sleep(after).await;
    child.kill().expect("child of ours");
    child.wait().expect("child of ours");
}

fn append(log: &std::path::Path) -> std::fs::File {
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .expect("log file")
}

fn spawn(settings: &BTreeMap<String, String>, path: &std::path::Path) -> (Child, String) {
    let log = append(path);
    let mut child = command(settings)
        .stdout(Stdio::piped())
        .stderr(Stdio::from(log.try_clone().expect("file handle")))
        .spawn()
        .expect("the binary starts");
    let lines = said_by(&mut child, path.with_file_name("said"));
    let began = Instant::now();
    while let Ok(line) = lines.recv_timeout(START.saturating_sub(began.elapsed())) {
        if let Some((_, address)) = line.split_once("Parlance is at ") {
            let announced = address.trim().to_owned();
            // A public address is another server's, in front of this one; where it listens is in the log.
            let base = if announced.starts_with("http://127.0.0.1:") {
                announced
            } else {
                listens_at(path)
            };
            return (child, base);
        }
    }
    let stuck = threads(child.id());
    let _ = child.kill();
    let _ = child.wait();
    let log = std::fs::read_to_string(path).unwrap_or_default();
    panic!("the server did not start: {settings:?}\n{log}\nits threads, if it went on: {stuck:#?}");
}

/// The lines that it prints, also into a file. They are read to their end whoever listens, so that the server never
/// writes into a closed pipe.
fn said_by(child: &mut Child, file: PathBuf) -> mpsc::Receiver<String> {
    let stdout = child.stdout.take().expect("piped");
    let (lines, said) = mpsc::channel();
    std::thread::spawn(move || {
        let file = append(&file);
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = writeln!(&file, "{line}");
            let _ = lines.send(line);
        }
    });
    said
}

/// What each thread of a process waits for, as far as this system tells: its name, and the kernel's function.
fn threads(pid: u32) -> Vec<(String, String)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    tasks
        .map(|task| {
            let read = |name| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
            (read("comm").trim().to_owned(), read("wchan"))
        })
        .collect()
}

fn listens_at(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).expect("log file");
    let lines = text
        .lines()
        .rev()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let addresses = lines.filter_map(|line| line["addr"].as_str().map(str::to_owned));
    format!(
        "http://{}",
        addresses.into_iter().next().expect("the address is logged")
    )
}
