//! A line to the database that carries what is asked only when told to: all that the server has asked by then goes at
//! once. However long the way, so often somebody waits for it. Answers come back at once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reqwest::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};

/// A running line. Dropping it closes all its connections.
pub struct Gate {
    /// The database's own.
    url: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    door: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    shut: bool,
    held: Vec<Held>,
}

/// What one connection asked.
struct Held {
    bytes: Vec<u8>,
    words: Vec<String>,
    way: mpsc::UnboundedSender<Vec<u8>>,
}

impl Gate {
    /// In front of the database of `url`, open.
    pub async fn start(url: &str) -> Self {
        let own = url.to_owned();
        let url = Url::parse(url).expect("a database address");
        let host = url.host_str().expect("a host").to_owned();
        let target = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let door = tokio::spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let database = TcpStream::connect(&target).await.expect("it answers");
                lines.spawn(carry(client, database, shared.clone()));
            }
        });
        Self {
            url: own,
            address,
            state,
            door,
        }
    }

    /// The database itself.
    pub fn behind(&self) -> &str {
        &self.url
    }

    /// The way to it through this line.
    pub fn url(&self) -> String {
        let mut url = Url::parse(&self.url).expect("a database address");
        url.set_host(Some(&self.address.ip().to_string()))
            .expect("a host");
        url.set_port(Some(self.address.port())).expect("a port");
        url.into()
    }

    /// From now on questions wait.
    pub fn shut(&self) {
        lock(&self.state).shut = true;
    }

    /// Lets everything that waits go at once; says what it was, a line for each question.
    pub fn pass(&self) -> Vec<String> {
        let held = std::mem::take(&mut lock(&self.state).held);
        let mut words = Vec::new();
        for one in held {
            words.extend(one.words);
            // A connection that is gone asks no more.
            let _ = one.way.send(one.bytes);
        }
        words
    }

    /// Drops everything that waits, as a network does that forgot of these connections: no answer, and no end.
    pub fn lose(&self) -> usize {
        std::mem::take(&mut lock(&self.state).held).len()
    }

    /// From now on nothing waits.
    pub fn open(&self) {
        lock(&self.state).shut = false;
        self.pass();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.door.abort();
    }
}

async fn carry(client: TcpStream, database: TcpStream, state: Arc<Mutex<State>>) {
    let (asking, mut hearing) = client.into_split();
    let (mut answering, asked) = database.into_split();
    let (way, goes) = mpsc::unbounded_channel();
    tokio::select! {
        () = hold(asking, way, state) => {}
        () = send(goes, asked) => {}
        _ = copy(&mut answering, &mut hearing) => {}
    }
}

async fn hold(
    mut asking: OwnedReadHalf,
    way: mpsc::UnboundedSender<Vec<u8>>,
    state: Arc<Mutex<State>>,
) {
    let mut speech = Speech::default();
    let mut room = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = asking.read(&mut room).await {
        let bytes = room[..count].to_vec();
        let words = speech.read(&bytes);
        let mut state = lock(&state);
        if state.shut {
            let way = way.clone();
            state.held.push(Held { bytes, words, way });
        } else if way.send(bytes).is_err() {
            break;
        }
    }
}

async fn send(mut goes: mpsc::UnboundedReceiver<Vec<u8>>, mut asked: OwnedWriteHalf) {
    while let Some(bytes) = goes.recv().await {
        if asked.write_all(&bytes).await.is_err() {
            break;
        }
    }
}

/// What a client says on one connection (PostgreSQL's protocol, §55.7): good enough for telling a person.
#[derive(Default)]
struct Speech {
    greeted: bool,
    statements: HashMap<Vec<u8>, String>,
}

impl Speech {
    fn read(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut words = Vec::new();
        if !self.greeted {
            // Before anything else two messages without a letter: whether to encrypt, and who it is.
            self.greeted = bytes.get(4..8) != Some(&80_877_103_u32.to_be_bytes());
            return vec!["connect".to_owned()];
        }
        while let [tag, a, b, c, d, rest @ ..] = bytes {
            let length = u32::from_be_bytes([*a, *b, *c, *d]).saturating_sub(4) as usize;
            let (body, next) = rest.split_at(length.min(rest.len()));
            let mut texts = body.split(|byte| *byte == 0);
            let first = texts.next().unwrap_or_default();
            let second = texts.next().unwrap_or_default();
            let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            match tag {
                b'Q' => words.push(format!("query {}", text(first))),
                b'P' => {
                    self.statements.insert(first.to_owned(), text(second));
                    words.push(format!("parse {}", text(second)));
                }
                b'B' => {
                    let known = self.statements.get(second);
                    words.push(format!("bind {}", known.map_or("?", String::as_str)));
                }
                _ => {}
            }
            bytes = next;
        }
        if words.is_empty() {
            words.push("sync".to_owned());
        }
        words
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
