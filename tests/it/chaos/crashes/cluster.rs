//! A PostgreSQL cluster of a test's own, to be crashed: on a port of its own, in a temporary directory, with the
//! settings that PostgreSQL comes with, but for syncs: what is written survives the death of processes without.
//!
//! Its programs are looked for where `cargo xtask setup` puts them, so `make test` always finds them.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    chaos::{figure, ports},
    harness::Engine,
};

/// For recovery after a crash, on a busy machine.
const START: Duration = Duration::from_secs(60);
/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A cluster, running or crashed. Dropping it ends it and removes its files.
pub struct Cluster {
    bin: PathBuf,
    dir: TempDir,
    port: u16,
    owner: Owner,
    settings: Vec<String>,
    server: Option<Child>,
}

impl Cluster {
    /// A running one with these settings (`name=value`); `None` where PostgreSQL's programs are not to be found.
    pub async fn start(settings: &[&str]) -> Option<Self> {
        let Some(bin) = programs() else {
            let why = "SKIPPED: PostgreSQL's initdb and postgres are not to be found";
            figure("D24", Engine::Postgres, why);
            return None;
        };
        let owner = Owner::choose();
        let dir = TempDir::with_prefix("parlance-crashes-").expect("temporary directory");
        owner.give(dir.path());
        let made = owner
            .command(&bin.join("initdb"), dir.path())
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--pgdata"])
            .arg(dir.path().join("data"))
            .output()
            .expect("initdb runs");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no cluster was made: {said}");
        let settings = settings.iter().map(|setting| (*setting).to_owned());
        let mut cluster = Self {
            bin,
            dir,
            port: ports::reserved(),
            owner,
            settings: settings.collect(),
            server: None,
        };
        cluster.start_again().await;
        Some(cluster)
    }

    /// `DATABASE_URL` of its first database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// `DATABASE_URL` of a new database.
    pub async fn database(&self, name: &str) -> String {
        use sqlx::{Connection, Executor};
        let mut db = sqlx::PgConnection::connect(&self.url())
            .await
            .expect("connects");
        let statement = format!("create database {name}");
        db.execute(sqlx::AssertSqlSafe(statement))
            .await
            .expect("made");
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// What `pg_ctl stop -m immediate` does: all its processes quit where they stand, and what was not in its log
    /// yet is lost.
    pub fn crash(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = server.id().to_string();
            let sent = Command::new("kill").args(["-s", "QUIT", &pid]).status();
            assert!(sent.expect("kill runs").success(), "SIGQUIT not sent");
            server.wait().expect("child of ours");
        }
    }

    /// Starts it on what the crash left, and waits until it accepts connections.
    pub async fn start_again(&mut self) {
        let began = Instant::now();
        let mut server = self.spawn();
        loop {
            if self.is_ready(server.id()) {
                self.server = Some(server);
                return;
            }
            let ended = server.try_wait().expect("child of ours");
            assert!(
                ended.is_none() && began.elapsed() < START,
                "PostgreSQL did not start: {}",
                std::fs::read_to_string(self.log()).unwrap_or_default()
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn spawn(&self) -> Child {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("log file");
        let settings = self.settings.iter().flat_map(|setting| ["-c", setting]);
        self.owner
            .command(&self.bin.join("postgres"), self.dir.path())
            .arg("-D")
            .arg(self.dir.path().join("data"))
            .arg("-k")
            .arg(self.dir.path())
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-c", "fsync=off"])
            .args(settings)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("file handle"))
            .stderr(log)
            .spawn()
            .expect("postgres starts")
    }

    /// The server writes its process into the first line of this file, and its state into the last.
    fn is_ready(&self, pid: u32) -> bool {
        let file = self.dir.path().join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        lines.next() == Some(&pid.to_string()) && lines.next_back() == Some("ready")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            eprintln!("--- log of PostgreSQL ---\n{log}");
        }
        self.crash();
    }
}

/// The directory of `initdb` and `postgres`: of the newest version that Debian keeps aside, else of the PATH.
fn programs() -> Option<PathBuf> {
    let complete = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    let version = |dir: &PathBuf| -> Option<u32> {
        let name = dir.parent()?.file_name()?;
        name.to_str()?.parse().ok()
    };
    let kept = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    kept.map(|entry| entry.path().join("bin"))
        .filter(complete)
        .max_by_key(version)
        .or_else(|| {
            let path = std::env::var_os("PATH")?;
            // What lies there is often a link into the place where all of them are.
            std::env::split_paths(&path)
                .filter_map(|dir| dir.join("initdb").canonicalize().ok())
                .filter_map(|file| file.parent().map(Path::to_owned))
                .find(complete)
        })
}

/// Who runs it: PostgreSQL refuses root.
enum Owner {
    Caller,
    Other { uid: u32, gid: u32 },
}

impl Owner {
    fn choose() -> Self {
        if id("-u", None) != Some(0) {
            return Self::Caller;
        }
        let found = ["postgres", "nobody"].into_iter().find_map(|name| {
            let (uid, gid) = (id("-u", Some(name))?, id("-g", Some(name))?);
            Some(Self::Other { uid, gid })
        });
        found.expect("root can run it as `postgres` or `nobody`")
    }

    fn give(&self, dir: &Path) {
        if let Self::Other { uid, gid } = *self {
            std::os::unix::fs::chown(dir, Some(uid), Some(gid)).expect("root gives away");
        }
    }

    /// A command run as the owner, from a directory that it can enter.
    fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = match self {
            Self::Caller => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command
                    .args([format!("--reuid={uid}"), format!("--regid={gid}")])
                    // Should the tests be killed, it still ends.
                    .args(["--clear-groups", "--pdeathsig=QUIT"])
                    .arg(program);
                command
            }
        };
        command.current_dir(dir);
        command
    }
}

/// A number of a user's, by name; without one, of the user who runs the tests.
fn id(which: &str, name: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(which).args(name).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
