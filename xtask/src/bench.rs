//! `cargo xtask bench`: what `dist/parlance` costs the person who runs it, beside what was promised. First what it costs
//! to have it; then what it costs under load, which is `benches/load`'s business.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    build::{FIRST_LOAD_BUDGET, Manifest},
    project::Project,
    shell::{self, Running},
};

/// Starts of which the median is taken.
const STARTS: usize = 5;
/// Time after which the memory of an idle server is read.
const SETTLE: Duration = Duration::from_secs(3);
/// Threads that have nothing to do end after ten seconds, and give back what they held.
const IDLE_THREADS: Duration = Duration::from_secs(15);
/// Sign-ups at once: each needs 19 MiB for its password hash, which must not stay.
const ACCOUNTS: usize = 30;
/// Time after which a start counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// `PARLANCE_BENCH=quick` leaves out all that takes long.
const FORM: &str = "PARLANCE_BENCH";

/// One line of the result.
struct Row {
    what: &'static str,
    value: f64,
    target: f64,
    unit: &'static str,
    /// Whether missing it fails the command. Times depend on the machine, so they never do.
    gate: bool,
}

/// Measures and prints; fails when a figure that no machine excuses is missed.
pub fn bench(project: &Project) -> Result<ExitCode> {
    let binary = project.dist_binary();
    if !binary.exists() {
        bail!(
            "there is no {}; run `make dist` first",
            project.show(&binary)
        );
    }
    let manifest = Manifest::read(&project.site())?;
    let first_load = manifest.sent(&manifest.first_load());

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(Server::start(&binary)?.took.as_secs_f64() * 1e3);
    }
    starts.sort_by(f64::total_cmp);

    let server = Server::start(&binary)?;
    get(server.at, "/").context("the first page")?;
    thread::sleep(SETTLE);
    let rss = resident_mib(server.running.id())?;
    thread::scope(|scope| {
        let signing_up: Vec<_> = (0..ACCOUNTS)
            .map(|number| scope.spawn(move || register(server.at, number)))
            .collect();
        signing_up
            .into_iter()
            .try_for_each(|done| done.join().unwrap_or_else(|_| bail!("a sign-up died")))
    })
    .context("the sign-ups")?;
    thread::sleep(IDLE_THREADS);
    let rss_after = resident_mib(server.running.id())?;
    drop(server);

    let rows = [
        Row {
            what: "binary",
            value: std::fs::metadata(&binary)?.len() as f64 / 1e6,
            target: 40.0,
            unit: "MB",
            gate: true,
        },
        Row {
            what: "start to the first 200",
            value: starts[STARTS / 2],
            target: 200.0,
            unit: "ms",
            gate: false,
        },
        Row {
            what: "idle memory (RSS)",
            value: rss,
            target: 40.0,
            unit: "MiB",
            gate: true,
        },
        Row {
            what: "memory after 30 sign-ups",
            value: rss_after,
            target: 60.0,
            unit: "MiB",
            gate: true,
        },
        Row {
            what: "first load, brotli",
            value: first_load as f64 / 1024.0,
            target: FIRST_LOAD_BUDGET as f64 / 1024.0,
            unit: "KiB",
            gate: true,
        },
    ];
    println!("{:<26} {:>12} {:>14}", "", "measured", "target");
    let mut missed = false;
    for row in rows {
        let over = row.value > row.target;
        missed |= over && row.gate;
        let mark = if over { "  MISSED" } else { "" };
        let Row {
            what,
            value,
            target,
            unit,
            ..
        } = row;
        println!(
            "{what:<26} {value:>8.1} {unit:<3} {:>10} {unit:<3}{mark}",
            format!("≤ {target}")
        );
    }
    println!();
    missed |= !load(project, &binary)?;
    Ok(if missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Builds the load and the provider, and lets them loose on the server; `false` when a gate was missed.
fn load(project: &Project, server: &Path) -> Result<bool> {
    // Not together with the server: their choice of features would build all its dependencies a second time.
    project
        .cargo("build")
        .args([
            "--release",
            "-p",
            "parlance-load",
            "-p",
            "parlance-upstream",
        ])
        .run()?;
    let release = project.target.join("release");
    let mut cmd = shell::cmd(release.join("parlance-load"))
        .arg("--server")
        .arg(server)
        .arg("--upstream")
        .arg(release.join("parlance-upstream"));
    if std::env::var_os(FORM).is_some_and(|form| form == "quick") {
        cmd = cmd.arg("--quick");
    }
    Ok(cmd.spawn()?.wait()?.success())
}

/// A server in an empty directory of its own.
struct Server {
    // Declared first: the process ends before its directory is removed.
    running: Running,
    at: SocketAddr,
    /// From the start of the process to the answer of `/healthz`.
    took: Duration,
    _dir: tempfile::TempDir,
}

impl Server {
    fn start(binary: &Path) -> Result<Self> {
        let dir = tempfile::tempdir().context("no temporary directory")?;
        let at = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let data = dir.path().join("data");
        let begun = Instant::now();
        let mut running = shell::cmd(binary)
            .dir(dir.path())
            .env_clear()
            .env("PARLANCE_ADDR", at.to_string())
            .env("PARLANCE_DATA_DIR", &data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while get(at, "/healthz").is_err() {
            if let Some(status) = running.poll()? {
                bail!("{} ended at once ({status})", binary.display());
            }
            if begun.elapsed() > PATIENCE {
                bail!("{} does not answer", binary.display());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self {
            running,
            at,
            took: begun.elapsed(),
            _dir: dir,
        })
    }
}

/// One page.
fn get(at: SocketAddr, path: &str) -> Result<()> {
    ask(
        at,
        path,
        &format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n"),
    )
}

/// One new account.
fn register(at: SocketAddr, number: usize) -> Result<()> {
    let path = "/api/auth/register";
    let body = format!(
        r#"{{"username":"bench{number}","email":"bench{number}@example.com","password":"bench-pass-1"}}"#
    );
    let length = body.len();
    ask(
        at,
        path,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

/// One request over a connection of its own; an error unless the answer is a 2xx or 3xx.
fn ask(at: SocketAddr, path: &str, request: &str) -> Result<()> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = answer.get(9..12).unwrap_or_default();
    if !matches!(status.first(), Some(b'2' | b'3')) {
        bail!("{path} answered {}", String::from_utf8_lossy(status));
    }
    Ok(())
}

/// Memory of a process in MiB, as Linux counts it.
fn resident_mib(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("{path} (Linux only)"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse().ok())
        .context("no VmRSS")?;
    Ok(kib / 1024.0)
}
