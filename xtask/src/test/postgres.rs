//! A PostgreSQL cluster for one test run: on a free port of the loopback, in a temporary directory, with
//! every promise of durability off, and gone afterwards.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    setup,
    shell::{self, Cmd, Running},
};

/// How long the cluster may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running cluster; dropping it stops the server and removes its files.
#[derive(Debug)]
pub struct Cluster {
    // Declared first: the server ends before its files go.
    server: Running,
    port: u16,
    dir: TempDir,
}

impl Cluster {
    /// Makes a cluster and waits until it accepts connections.
    pub fn start() -> Result<Self> {
        let bin = setup::postgres_bin().context("the PostgreSQL server is not installed")?;
        let owner = Owner::choose()?;
        let dir = tempfile::Builder::new()
            .prefix("parlance-postgres-")
            .tempdir()
            .context("no temporary directory")?;
        owner.give(dir.path())?;
        let data = dir.path().join("data");
        owner
            .cmd(&bin.join("initdb"), dir.path())
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--pgdata"])
            .arg(&data)
            .read()?;

        // Free a moment ago; should another program have taken it since, the server says so and ends.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = File::create(dir.path().join("log")).context("cannot write the server's log")?;
        let server = owner
            .cmd(&bin.join("postgres"), dir.path())
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(dir.path())
            .args(["-h", "127.0.0.1", "-p", &port.to_string()])
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off"])
            .args(["-c", "full_page_writes=off", "-c", "max_connections=300"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?
            // Immediate shutdown: nothing here is worth a checkpoint.
            .stop_with(Signal::QUIT);
        let mut cluster = Self { server, port, dir };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The address of its first database, as its superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let began = Instant::now();
        // The server writes its state into the last line of this file.
        let state = self.dir.path().join("data/postmaster.pid");
        loop {
            let text = std::fs::read_to_string(&state).unwrap_or_default();
            if text
                .lines()
                .last()
                .is_some_and(|line| line.trim() == "ready")
            {
                return Ok(());
            }
            let ended = self.server.poll()?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                bail!("PostgreSQL did not start:\n{log}");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Who runs the server: PostgreSQL refuses root.
#[derive(Debug)]
enum Owner {
    Caller,
    Other { uid: u32, gid: u32 },
}

impl Owner {
    fn choose() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Caller);
        }
        for name in ["postgres", "nobody"] {
            let id = |flag: &str| -> Option<u32> {
                shell::cmd("id")
                    .args([flag, name])
                    .read()
                    .ok()?
                    .parse()
                    .ok()
            };
            if let (Some(uid), Some(gid)) = (id("-u"), id("-g")) {
                return Ok(Self::Other { uid, gid });
            }
        }
        bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
    }

    fn give(&self, dir: &Path) -> Result<()> {
        match *self {
            Self::Caller => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::chown(dir, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} away", dir.display())),
        }
    }

    /// A command run as the owner, from a directory that it can enter.
    fn cmd(&self, program: &PathBuf, dir: &Path) -> Cmd {
        let cmd = match self {
            Self::Caller => shell::cmd(program),
            Self::Other { uid, gid } => shell::cmd("setpriv")
                .args([format!("--reuid={uid}"), format!("--regid={gid}")])
                // Should this process be killed, the server still ends.
                .args(["--clear-groups", "--pdeathsig=QUIT"])
                .arg(program),
        };
        cmd.dir(dir)
    }
}
