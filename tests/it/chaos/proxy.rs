//! A network that misbehaves: a TCP proxy of our own between the clients and the server, whose weather can be
//! changed while it runs. What it carries it neither reads nor understands.

mod line;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};

use super::dice::Dice;

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// RST to both sides.
    Reset,
    /// FIN to both sides.
    Eof,
    /// FIN to the client; the server is listened to for a while yet.
    HalfToClient,
    /// FIN to the server, whose last words are dropped; to the client when the server has closed.
    HalfToServer,
    /// Silence: nothing is carried any more, nothing is closed.
    Swallow,
}

/// How connections fare, old and new ones.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// On the way, each way.
    pub latency: Duration,
    /// At most so much more.
    pub jitter: Duration,
    /// Bytes of the largest piece that is carried whole.
    pub slice: Option<u64>,
    /// Bytes per second, each connection, each way.
    pub bandwidth: Option<u64>,
    /// Every new connection breaks after so many bytes to the client, wherever they end.
    pub cut_after: Option<RangeInclusive<u64>>,
    /// How, one of these.
    pub cuts: Vec<Cut>,
}

/// A running proxy. Dropping it closes all its connections.
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    door: JoinHandle<()>,
}

struct Shared {
    /// Asked in turn; who does not listen is passed over.
    targets: Mutex<Vec<SocketAddr>>,
    turn: AtomicU64,
    weather: Mutex<Arc<Weather>>,
    dice: Mutex<Dice>,
    lines: Mutex<BTreeMap<u64, mpsc::UnboundedSender<Cut>>>,
    cuts: AtomicU64,
    to_client: AtomicU64,
}

impl Proxy {
    /// Starts in front of `base` (`http://127.0.0.1:PORT`), in fair weather.
    pub async fn start(base: &str, dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            targets: Mutex::new(vec![address(base)]),
            turn: AtomicU64::new(0),
            weather: Mutex::default(),
            dice: Mutex::new(dice),
            lines: Mutex::default(),
            cuts: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
        });
        let door = tokio::spawn(open(listener, shared.clone()));
        Self { addr, shared, door }
    }

    /// Where clients connect to.
    pub fn base(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Sends new connections to another server.
    pub fn aim(&self, base: &str) {
        self.spread(&[base]);
    }

    /// Spreads new connections over several servers, as a load balancer does.
    pub fn spread(&self, bases: &[&str]) {
        let bases = bases.iter().copied();
        *lock(&self.shared.targets) = bases.map(address).collect();
    }

    pub fn set(&self, weather: Weather) {
        *lock(&self.shared.weather) = Arc::new(weather);
    }

    /// Breaks every open connection; says how many.
    pub fn cut(&self, how: Cut) -> usize {
        let lines = lock(&self.shared.lines);
        lines.values().filter(|line| line.send(how).is_ok()).count()
    }

    /// Connections broken so far, on command and by the weather.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// Bytes carried to clients so far.
    pub fn to_client(&self) -> u64 {
        self.shared.to_client.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.door.abort();
    }
}

impl Shared {
    fn weather(&self) -> Arc<Weather> {
        lock(&self.weather).clone()
    }

    /// A connection to whoever is next and listens.
    async fn connect(&self) -> Option<TcpStream> {
        let mut targets = lock(&self.targets).clone();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) as usize % targets.len().max(1);
        targets.rotate_left(turn);
        for target in targets {
            if let Ok(stream) = TcpStream::connect(target).await {
                return Some(stream);
            }
        }
        None
    }
}

async fn open(listener: TcpListener, shared: Arc<Shared>) {
    let mut lines = JoinSet::new();
    for number in 0.. {
        let client = loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => break client,
                    // Out of file descriptors, or a peer gone already: both pass.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = lines.join_next() => {}
            }
        };
        let (orders, incoming) = mpsc::unbounded_channel();
        lock(&shared.lines).insert(number, orders);
        let (dice, shared) = (lock(&shared.dice).split(), shared.clone());
        lines.spawn(async move {
            line::carry(client, &shared, incoming, dice).await;
            lock(&shared.lines).remove(&number);
        });
    }
}

fn address(base: &str) -> SocketAddr {
    let (_, address) = base.split_once("://").expect("an address");
    address.parse().expect("an address with a port")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
