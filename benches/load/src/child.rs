//! The programs under measurement: the provider, a plain reverse proxy, the server. Each on a free port, each ended
//! with the value that stands for it.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use tokio::time::{Instant, sleep};

use crate::chat::Line;

/// After this a program that does not answer counts as broken.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between asking a program to end and ending it.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// Where distributions put what only root used to run.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";

/// A running program that answers at an address.
#[derive(Debug)]
pub struct Program {
    child: Child,
    pub addr: SocketAddr,
}

impl Program {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn answering(child: Child, addr: SocketAddr, path: &str) -> Result<Self> {
        let mut program = Self { child, addr };
        let begun = Instant::now();
        while !answers(addr, path).await {
            if let Some(status) = program.child.try_wait()? {
                bail!("a program under measurement ended at once ({status})");
            }
            if begun.elapsed() > PATIENCE {
                bail!("a program under measurement does not answer at {addr}");
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked, because nginx leaves its workers behind when it is killed; then not waited for, because a server that
        // takes its time to end is no business of this program, and what it stored must survive that.
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let _already_gone = pid.map(|pid| kill_process(pid, Signal::TERM));
        std::thread::sleep(LAST_WORDS);
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Lets this program and those it starts hold as many sockets as the system allows at all.
pub fn allow_sockets() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it fails, connecting will say so.
    let _refused = setrlimit(Resource::Nofile, limit);
}

async fn answers(addr: SocketAddr, path: &str) -> bool {
    match Line::open(addr).await {
        Ok(mut line) => line
            .get(path, "")
            .await
            .is_ok_and(|a| a.status().is_success()),
        Err(_) => false,
    }
}

/// The provider, which says on its first line where it is.
pub async fn upstream(binary: &Path) -> Result<Program> {
    let mut child = Command::new(binary)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let mut line = String::new();
    let stdout = child.stdout.take().context("no standard output")?;
    BufReader::new(stdout).read_line(&mut line)?;
    let addr = line
        .trim()
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix("/v1")?.parse().ok())
        .with_context(|| format!("the provider said {line:?} instead of its address"))?;
    Program::answering(child, addr, "/stats").await
}

/// The server, asking `provider` for `model`, with its data in `data`.
pub async fn server(
    binary: &Path,
    data: &Path,
    provider: SocketAddr,
    model: &str,
    settings: &[(String, String)],
) -> Result<Program> {
    let addr = free_port()?;
    let log = fs::File::create(data.with_extension("log"))?;
    let child = Command::new(fs::canonicalize(binary)?)
        .current_dir(data.parent().unwrap_or(data))
        .env_clear()
        .env("PARLANCE_ADDR", addr.to_string())
        .env("PARLANCE_DATA_DIR", data)
        .env("PARLANCE_LOG", "warn")
        .env("OPENAI_BASE_URL", format!("http://{provider}/v1"))
        .env("OPENAI_MODEL", model)
        .envs(settings.iter().map(|(key, value)| (key, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    Program::answering(child, addr, "/healthz")
        .await
        .with_context(|| fs::read_to_string(data.with_extension("log")).unwrap_or_default())
}

/// A plain reverse proxy before the provider; `None` when the machine has no nginx.
pub async fn nginx(dir: &Path, provider: SocketAddr) -> Result<Option<Program>> {
    let Some(binary) = find("nginx") else {
        return Ok(None);
    };
    let addr = free_port()?;
    fs::create_dir_all(dir)?;
    let conf = dir.join("nginx.conf");
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("  {name}_temp_path {name};\n"))
        .collect();
    fs::write(
        &conf,
        format!(
            "daemon off;\nworker_processes 1;\nworker_rlimit_nofile 16384;\npid nginx.pid;\nerror_log error.log;\n\
             events {{ worker_connections 8192; }}\nhttp {{\n  access_log off;\n{temporary}\
             \x20 upstream provider {{ server {provider}; keepalive 64; }}\n\
             \x20 server {{\n    listen {addr};\n    location / {{\n      proxy_pass http://provider;\n\
             \x20     proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n\
             \x20     proxy_buffering off;\n    }}\n  }}\n}}\n"
        ),
    )?;
    let child = Command::new(binary)
        .arg("-p")
        .arg(dir)
        .args(["-e", "error.log", "-c"])
        .arg(&conf)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start nginx")?;
    Program::answering(child, addr, "/stats").await.map(Some)
}

/// A program on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from(SYSTEM_PROGRAMS)])
        .map(|dir| dir.join(program))
        .find(|program| program.is_file())
}

/// A port that was free a moment ago.
fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
