//! The composition root: adapters are chosen and put together here, and nowhere else.
//!
//! Must not enter: rules, and reading the environment (that is `server::config`).

use std::{
    fmt,
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use parlance_adapter::{
    clock::SystemClock,
    egress::{self, Egress},
    highlight::TextMate,
    keys::{self, MasterKeys},
    llm::{
        Agent, Anthropic, Demo, Gemini, Guard, OpenAi, OpenAiConfig, Prefix, RemoteConfig,
        SetupError, Timeouts, Workshop,
    },
    mailer::{self, LogMailer, Smtp, SmtpConfig},
    push::{self, WebPush},
    store::{self, OpenError, StoreConfig},
};
use parlance_server::{
    App,
    app::Parts,
    config::{self, Config, Durability, Model},
    engine::{Engine, Ports, Settings},
    port::{
        clock::Clock,
        keys::Keys,
        llm::Llm,
        mailer::Mailer,
        push::Push,
        store::{Store, StoreError},
    },
    service::{
        letters::Letters,
        models::Registry,
        vault::{Vault, VaultError},
    },
};
use secrecy::ExposeSecret;
use tokio::net::{TcpListener, TcpSocket};

use crate::{shutdown::Shutdown, web};

/// Between two looks for sessions and tickets that have expired.
const PURGE: Duration = Duration::from_secs(60 * 60);
/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 4_096;

/// Why the product cannot start, as a sentence for the person who starts it.
#[derive(Debug)]
pub enum LaunchError {
    Store(OpenError),
    Model(SetupError),
    Push(push::SetupError),
    Egress(egress::SetupError),
    Mail(mailer::SetupError),
    Vault(VaultError),
    Recovery(StoreError),
    Listen(SocketAddr, io::Error),
    Signals(io::Error),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}."),
            Self::Model(error) => write!(f, "The model cannot be used: {error}."),
            Self::Push(error) => write!(f, "Push messages cannot be sent: {error}."),
            Self::Egress(error) => write!(f, "Nothing outside can be called: {error}."),
            Self::Mail(error) => write!(f, "Letters cannot be sent: {error}."),
            Self::Vault(error) => write!(f, "Secrets cannot be kept: {error}."),
            Self::Recovery(error) => {
                write!(f, "Replies of the last run cannot be recovered: {error}.")
            }
            Self::Listen(addr, error) if error.kind() == io::ErrorKind::AddrInUse => write!(
                f,
                "Another program listens on {addr} already. Stop it, or choose another address: \
                 PARLANCE_ADDR=127.0.0.1:3001"
            ),
            Self::Listen(addr, error) => {
                write!(f, "Cannot listen on {addr} (PARLANCE_ADDR): {error}.")
            }
            Self::Signals(error) => write!(f, "Cannot listen for signals: {error}."),
        }
    }
}

impl std::error::Error for LaunchError {}

/// The product, recovered and ready to be served, and where its data lies.
pub struct Launched {
    pub app: App,
    /// The database, without secrets.
    pub place: String,
    /// What writes the replies.
    pub model: String,
}

/// Opens the data, ends what the last run left unfinished, and puts the services together.
///
/// # Errors
/// See [`LaunchError`].
pub async fn launch(config: Config) -> Result<Launched, LaunchError> {
    let llm = model(&config)?;
    let egress = egress(&config)?;
    let push = web_push(&config, egress.clone())?;
    let workshop = workshop(&config, egress.clone())?;
    let letters = Letters::new(mailer(&config)?, config.mail_retry());
    let opened = store::open(&place(&config))
        .await
        .map_err(LaunchError::Store)?;
    let clock = Arc::new(SystemClock);
    let vault = Vault::start(opened.store.clone(), clock.clone(), keys(&config))
        .await
        .map_err(LaunchError::Vault)?;
    let models = Registry::new(opened.store.clone(), vault.clone(), Arc::new(workshop));
    let model = llm.describe();
    let ports = Ports {
        store: opened.store.clone(),
        journal: opened.journal,
        llm,
        models: Arc::new(models.clone()),
        clock: clock.clone(),
        bus: opened.bus,
    };
    let settings = Settings::new(&config, opened.instance, opened.shared);
    let engine = Engine::start_up(ports, settings)
        .await
        .map_err(LaunchError::Recovery)?;
    let app = App::new(Parts {
        config: Arc::new(config),
        store: opened.store,
        clock,
        highlighter: Arc::new(TextMate::default()),
        push,
        egress,
        letters,
        vault,
        engine,
        models,
    });
    Ok(Launched {
        app,
        place: opened.place,
        model,
    })
}

/// Listens and serves until the process is asked to end, then lets the replies come to an end.
///
/// # Errors
/// See [`LaunchError`].
pub async fn run(config: Config) -> Result<(), LaunchError> {
    let shutdown = Shutdown::on_signal().map_err(LaunchError::Signals)?;
    // Before the data is touched: a busy port is the commonest mistake, and the cheapest to report.
    let addr = config.addr;
    let listener = listen(addr).map_err(|error| LaunchError::Listen(addr, error))?;
    let Launched { app, place, model } = launch(config).await?;
    let addr = listener.local_addr().unwrap_or(addr);
    announce(&app.config, addr, &place, &model);
    match app.accounts.open_setup().await {
        Ok(Some(token)) => announce_setup(&app.config, addr, &token),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "there is no way to make the first admin"),
    }
    tokio::spawn(purge(app.clone()));
    tokio::spawn(app.pushes.clone().tell_always());
    web::serve(listener, app.clone(), shutdown).await;
    let grace = app.config.times.drain;
    tokio::join!(app.engine.settle(), app.letters.settle(grace));
    Ok(())
}

/// Where the data lies.
fn place(config: &Config) -> StoreConfig {
    StoreConfig {
        url: config
            .database_url
            .as_ref()
            .map(|url| url.expose_secret().to_owned()),
        data_dir: config.data_dir.clone(),
        durability: match config.durability {
            Durability::Process => store::Durability::Process,
            Durability::Power => store::Durability::Power,
            Durability::Off => store::Durability::Off,
        },
    }
}

/// The data of a server that may be running, for a command beside it.
///
/// # Errors
/// `Store`.
pub(crate) async fn beside(config: &Config) -> Result<Arc<dyn Store>, LaunchError> {
    store::open_beside(&place(config))
        .await
        .map_err(LaunchError::Store)
}

/// The master keys.
pub(crate) fn keys(config: &Config) -> Arc<dyn Keys> {
    let source = match config.master_keys.source.clone() {
        config::KeySource::Given(key) => keys::KeySource::Given(key),
        config::KeySource::File(path) => keys::KeySource::File(path),
        config::KeySource::Own(path) => keys::KeySource::Own(path),
    };
    Arc::new(MasterKeys::new(source, config.master_keys.next.clone()))
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// As `TcpListener::bind`, with room for more who come at once: all readers come back together after a break.
fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Where it means that others may take the port over, it stays off.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

async fn purge(app: App) {
    let mut ticks = tokio::time::interval(PURGE);
    loop {
        ticks.tick().await;
        if let Err(error) = app.accounts.purge().await {
            tracing::warn!(%error, "expired sessions stay for now");
        }
        if let Err(error) = app.conversations.purge().await {
            tracing::warn!(%error, "what left the bin stays in storage for now");
        }
    }
}

/// What the configuration says shall write the replies; asks it nothing yet.
///
/// # Errors
/// `Model`: a base URL or key that can never work.
pub fn model(config: &Config) -> Result<Arc<dyn Llm>, LaunchError> {
    let remote = |remote: &config::Remote| RemoteConfig {
        api_key: remote.api_key.clone(),
        base_url: remote.base_url.as_ref().map(ToString::to_string),
        model: remote.model.clone(),
        context_tokens: remote.context_tokens,
        timeouts: timeouts(config),
        guard: None,
    };
    let model: Result<Arc<dyn Llm>, SetupError> = match &config.model {
        Model::Demo => Ok(Arc::new(Demo::new())),
        Model::OpenAi { remote: it, prefix } => OpenAi::new(OpenAiConfig {
            remote: remote(it),
            prefix: match prefix {
                config::Prefix::Auto => Prefix::ByHost,
                config::Prefix::Never => Prefix::Never,
                config::Prefix::DeepSeek => Prefix::Flag,
                config::Prefix::DashScope => Prefix::Partial,
                config::Prefix::Vllm => Prefix::FinalMessage,
            },
        })
        .map(|model| Arc::new(model) as _),
        Model::Anthropic(it) => Anthropic::new(remote(it)).map(|model| Arc::new(model) as _),
        Model::Gemini(it) => Gemini::new(remote(it)).map(|model| Arc::new(model) as _),
        Model::Agent(it) => Agent::new(remote(it)).map(|model| Arc::new(model) as _),
    };
    model.map_err(LaunchError::Model)
}

/// How long providers are waited for.
fn timeouts(config: &Config) -> Timeouts {
    Timeouts {
        connect: config.times.upstream_connect,
        first_byte: config.times.upstream_first_byte,
        gap: config.times.upstream_gap,
    }
}

/// What makes the models that people configure.
fn workshop(config: &Config, egress: Arc<Egress>) -> Result<Workshop, LaunchError> {
    let timeouts = timeouts(config);
    let guard = Guard::new(egress, timeouts, config.times.generation);
    Ok(Workshop::new(guard.map_err(LaunchError::Model)?, timeouts))
}

/// The way to addresses that people supply.
fn egress(config: &Config) -> Result<Arc<Egress>, LaunchError> {
    let allow = config.egress.allow.clone();
    let egress = Egress::new(allow, config.times.upstream_connect);
    Ok(Arc::new(egress.map_err(LaunchError::Egress)?))
}

/// The way to push services, where there is a key for it.
fn web_push(config: &Config, egress: Arc<Egress>) -> Result<Option<Arc<dyn Push>>, LaunchError> {
    let Some(settings) = &config.push else {
        return Ok(None);
    };
    let push = WebPush::new(settings.key.expose_secret(), &settings.subject, egress);
    Ok(Some(Arc::new(push.map_err(LaunchError::Push)?)))
}

/// The way to letter boxes; without one, letters go into the log.
///
/// # Errors
/// `Mail`: a sender or a host that can never work.
pub fn mailer(config: &Config) -> Result<Arc<dyn Mailer>, LaunchError> {
    Ok(match &config.mail {
        Some(mail) => {
            let settings = SmtpConfig {
                host: mail.host.clone(),
                port: mail.port,
                tls: match mail.tls {
                    config::Tls::Whole => mailer::Tls::Whole,
                    config::Tls::Required => mailer::Tls::Required,
                    config::Tls::Opportunistic => mailer::Tls::Opportunistic,
                    config::Tls::None => mailer::Tls::None,
                },
                login: mail.login.clone(),
                from_name: mail.from.name.clone(),
                from_address: mail.from.address.clone(),
            };
            Arc::new(Smtp::new(&settings).map_err(LaunchError::Mail)?)
        }
        // Behind a proxy, too, a server may listen on its own machine alone; but then it has an address by https.
        None => Arc::new(LogMailer::new(
            config.addr.ip().is_loopback() && !config.is_https(),
        )),
    })
}

/// How people reach the server.
fn address(config: &Config, addr: SocketAddr) -> String {
    let address = config
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{addr}"), ToString::to_string);
    address.trim_end_matches('/').to_owned()
}

/// Says once how the first admin is made: on the terminal alone, since logs are kept and read by many.
fn announce_setup(config: &Config, addr: SocketAddr, token: &str) {
    let address = address(config, addr);
    let _ = writeln!(
        io::stdout(),
        "  There is no admin yet. Make the first here: {address}/setup?token={token}"
    );
}

/// Tells the person at the terminal where to look; machines read the log instead.
fn announce(config: &Config, addr: SocketAddr, place: &str, model: &str) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        %addr,
        database = place,
        model,
        durability = config.durability.as_str(),
        "serving"
    );
    if !addr.ip().is_loopback() && !config.is_https() {
        tracing::warn!(
            "plain http beyond this machine: passwords and sessions can be read on the way. \
             Put a TLS proxy in front and set PARLANCE_PUBLIC_URL=https://…"
        );
    }
    let mut out = io::stdout();
    let _ = writeln!(
        out,
        "\n  Parlance is at {}\n  Data: {place}\n  Model: {model}",
        address(config, addr)
    );
    if matches!(config.model, Model::Demo) {
        let _ = writeln!(out, "{REAL_MODELS}");
    }
}

const REAL_MODELS: &str = "
  The demo model answers until you set a real one, for example:
    OpenAI     OPENAI_API_KEY=sk-…
    Anthropic  ANTHROPIC_API_KEY=sk-ant-…
    Gemini     GEMINI_API_KEY=… GEMINI_MODEL=gemini-2.5-flash
    Ollama     OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=qwen3
    DashScope  DASHSCOPE_API_KEY=sk-… OPENAI_MODEL=qwen-plus
    DeepSeek   OPENAI_API_KEY=sk-… OPENAI_BASE_URL=https://api.deepseek.com/v1 OPENAI_MODEL=deepseek-chat
    vLLM       OPENAI_BASE_URL=http://127.0.0.1:8000/v1
";
