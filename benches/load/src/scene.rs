//! The stage (provider, proxy, server, people) and the order of what is measured on it.

mod burst;
mod flood;
mod growth;
mod level;
mod log_bytes;
mod memory;
mod single;
mod soak;
mod stalled;
mod storm;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{
    Options,
    chat::{self, Target},
    child::{self, Program},
    postgres::Cluster,
    report::Report,
};

/// Those who ask, conversations in turn.
const USERS: usize = 20;
/// Sign-ups at once: each is one password hash of some 50 ms, on one core at a time.
const SIGN_UPS: usize = 4;
/// The most replies at once.
const MOST: usize = 1_000;
/// In the quick form.
const MOST_QUICK: usize = 100;
/// The replies that the load asks for must not wait for one another, and each must cost the provider one request: a title
/// or a summary would be a second reply of the same length, which `direct` does not have.
const SETTINGS: [(&str, &str); 15] = [
    ("PARLANCE_UPSTREAM_PERMITS", "4000"),
    ("PARLANCE_USER_PERMITS", "4000"),
    ("PARLANCE_STREAMS_PER_USER", "4000"),
    ("PARLANCE_TITLES", "off"),
    ("PARLANCE_SUMMARIES", "off"),
    // One machine asks for thousands.
    ("PARLANCE_RATE_ADDRESS_ENTRANCE", "1000000"),
    ("PARLANCE_RATE_ADDRESS_SENDS", "1000000"),
    ("PARLANCE_RATE_ADDRESS_WRITES", "1000000"),
    ("PARLANCE_RATE_ADDRESS_READS", "1000000"),
    ("PARLANCE_RATE_ADDRESS_STREAMS", "1000000"),
    ("PARLANCE_RATE_USER_ENTRANCE", "1000000"),
    ("PARLANCE_RATE_USER_SENDS", "1000000"),
    ("PARLANCE_RATE_USER_WRITES", "1000000"),
    ("PARLANCE_RATE_USER_READS", "1000000"),
    ("PARLANCE_RATE_USER_STREAMS", "1000000"),
];

/// All that takes part.
pub struct Stage {
    pub options: Options,
    pub upstream: Program,
    pub nginx: Option<Program>,
    users: Vec<String>,
    cluster: Mutex<Option<Cluster>>,
    // Last: programs end before their files go.
    dir: TempDir,
}

impl Stage {
    /// Starts the provider and the proxy, and makes the accounts.
    pub async fn set(options: Options) -> Result<Self> {
        let dir = tempfile::tempdir().context("no temporary directory")?;
        let upstream = child::upstream(&options.upstream).await?;
        let nginx = child::nginx(&dir.path().join("nginx"), upstream.addr).await?;
        let cluster = options.postgres.as_deref().map(Cluster::at).transpose()?;
        let mut stage = Self {
            cluster: Mutex::new(cluster),
            options,
            upstream,
            nginx,
            users: Vec::new(),
            dir,
        };
        stage.users = stage.sign_up("main", USERS).await?;
        Ok(stage)
    }

    /// The most replies at once.
    pub fn most(&self) -> usize {
        if self.options.quick { MOST_QUICK } else { MOST }
    }

    fn cluster(&self) -> MutexGuard<'_, Option<Cluster>> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process of PostgreSQL, when the server works with it.
    pub fn postmaster(&self) -> Option<u32> {
        self.cluster().as_ref().map(|cluster| cluster.postmaster)
    }

    /// Makes accounts in a data directory of that name.
    async fn sign_up(&self, data: &str, count: usize) -> Result<Vec<String>> {
        if let Some(cluster) = self.cluster().as_mut() {
            cluster.create(data)?;
        }
        let server = self.start(data, "words-1").await?;
        let mut signing = JoinSet::new();
        let mut users = Vec::with_capacity(count);
        for number in 0..count {
            if signing.len() >= SIGN_UPS {
                users.extend(signing.join_next().await.transpose()?.transpose()?);
            }
            signing.spawn(chat::register(server.addr, number));
        }
        for user in signing.join_all().await {
            users.push(user?);
        }
        Ok(users)
    }

    async fn start(&self, data: &str, model: &str) -> Result<Program> {
        self.start_asking(self.upstream.addr, data, model).await
    }

    async fn start_asking(&self, provider: SocketAddr, data: &str, model: &str) -> Result<Program> {
        self.start_set(provider, data, model, &[]).await
    }

    /// The same with settings of a scene's own.
    async fn start_set(
        &self,
        provider: SocketAddr,
        data: &str,
        model: &str,
        own: &[(&str, &str)],
    ) -> Result<Program> {
        let mut settings: Vec<(String, String)> = SETTINGS
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        settings.extend(
            own.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        settings.extend(self.options.set.iter().cloned());
        if let Some(cluster) = self.cluster().as_ref() {
            settings.push(("DATABASE_URL".to_owned(), cluster.url(data)));
        }
        let binary = &self.options.server;
        let data = self.data(data);
        child::server(binary, &data, provider, model, &settings).await
    }

    /// A data directory.
    fn data(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts the server with everybody's accounts; replies are those of `model`.
    pub async fn server(&self, model: &str) -> Result<Program> {
        self.start("main", model).await
    }

    /// The same with settings of a scene's own.
    pub async fn server_with(&self, model: &str, own: &[(&str, &str)]) -> Result<Program> {
        self.start_set(self.upstream.addr, "main", model, own).await
    }

    pub fn direct(&self, model: &str) -> Target {
        provider(&self.upstream, model)
    }

    pub fn parlance(&self, server: &Program) -> Target {
        self.asked_by(server, self.users.clone())
    }

    fn asked_by(&self, server: &Program, users: Vec<String>) -> Target {
        let addr = server.addr;
        Target::Parlance { addr, users }
    }
}

fn provider(at: &Program, model: &str) -> Target {
    Target::Provider {
        addr: at.addr,
        model: model.to_owned(),
    }
}

/// Plays every scene that was asked for.
pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    if stage.nginx.is_none() {
        report.note("no nginx on this machine: processor time is compared with the provider's own");
    }
    let only = &stage.options.only;
    let wanted = |name: &str| only.is_empty() || only.iter().any(|chosen| chosen == name);
    if wanted("memory") {
        memory::play(stage, report).await.context("memory")?;
    }
    if wanted("level") {
        level::play(stage, report).await.context("level")?;
    }
    if wanted("burst") {
        burst::play(stage, report).await.context("burst")?;
    }
    if wanted("single") {
        single::play(stage, report).await.context("single")?;
    }
    if wanted("growth") {
        growth::play(stage, report).await.context("growth")?;
    }
    if wanted("log") {
        log_bytes::play(stage, report).await.context("log")?;
    }
    if wanted("stalled") {
        stalled::play(stage, report).await.context("stalled")?;
    }
    if wanted("storm") {
        storm::play(stage, report).await.context("storm")?;
    }
    if wanted("flood") {
        flood::play(stage, report).await.context("flood")?;
    }
    if wanted("soak") {
        soak::play(stage, report).await.context("soak")?;
    }
    Ok(())
}
