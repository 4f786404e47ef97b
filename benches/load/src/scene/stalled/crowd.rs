//! Those who ask and read, and those who only open a stream.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use http_body_util::BodyExt;
use tokio::{net::TcpStream, task::JoinSet, time::Instant};

use crate::{
    chat::Chat,
    reply::{Reply, now},
    sockets,
};

type Replies = Arc<Mutex<Vec<Reply>>>;

/// Replies that are read until nobody needs them any more.
pub struct Asking {
    readers: JoinSet<()>,
    replies: Replies,
}

impl Asking {
    /// Asks in all of these conversations at once.
    pub fn begin(chats: Vec<Chat>, question: Option<&'static str>) -> Self {
        let replies: Replies = Arc::new(Mutex::new(chats.iter().map(Reply::new).collect()));
        let mut readers = JoinSet::new();
        for (number, chat) in chats.into_iter().enumerate() {
            let replies = replies.clone();
            readers.spawn(async move {
                if let Err(error) = read(chat, question, &replies, number).await {
                    let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
                    replies[number].refused = Some(format!("{error:#}"));
                }
            });
        }
        Self { readers, replies }
    }

    /// Hangs up on those that are not over.
    pub async fn leave(mut self) -> Vec<Reply> {
        self.readers.shutdown().await;
        std::mem::take(&mut self.replies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn read(
    mut chat: Chat,
    question: Option<&str>,
    replies: &Replies,
    number: usize,
) -> Result<()> {
    let answer = match question {
        Some(question) => chat.ask_about(question).await?,
        None => chat.ask().await?,
    };
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref() {
            let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
            replies[number].tally.feed(bytes, now());
        }
    }
    Ok(())
}

/// Readers that never read, and what was seen of their connections.
pub struct Crowd {
    server: SocketAddr,
    readers: Vec<Stalled>,
    /// Bytes that the kernel held for all of them at the last look, and at the one before.
    held: [u64; 2],
}

struct Stalled {
    port: u16,
    most: u64,
    /// When the kernel first held something that this reader did not take.
    stalled: Option<Instant>,
    gone: Option<Instant>,
    _open: TcpStream,
}

impl Crowd {
    /// So many for each request.
    pub async fn gather(server: SocketAddr, requests: &[String], each: usize) -> Result<Self> {
        let mut readers = Vec::with_capacity(requests.len() * each);
        for request in requests {
            for _ in 0..each {
                let open = sockets::ignore(server, request).await?;
                readers.push(Stalled {
                    port: open.local_addr()?.port(),
                    most: 0,
                    stalled: None,
                    gone: None,
                    _open: open,
                });
            }
        }
        let held = [0; 2];
        Ok(Self {
            server,
            readers,
            held,
        })
    }

    pub fn len(&self) -> usize {
        self.readers.len()
    }

    /// Those whose connection the server still keeps.
    pub fn standing(&self) -> usize {
        let gone = |reader: &&Stalled| reader.gone.is_none();
        self.readers.iter().filter(gone).count()
    }

    /// Whether no more is taken in for them.
    pub fn is_full(&self) -> bool {
        let [now, before] = self.held;
        before > 0 && now <= before
    }

    /// Looks at all connections.
    pub fn look(&mut self) -> Result<()> {
        let waiting = sockets::waiting(self.server)?;
        let now = Instant::now();
        let own = self
            .readers
            .iter()
            .filter_map(|reader| waiting.get(&reader.port));
        self.held = [own.sum(), self.held[0]];
        for reader in self
            .readers
            .iter_mut()
            .filter(|reader| reader.gone.is_none())
        {
            match waiting.get(&reader.port) {
                Some(bytes) => {
                    reader.most = reader.most.max(*bytes);
                    if *bytes > 0 {
                        reader.stalled.get_or_insert(now);
                    }
                }
                None => reader.gone = Some(now),
            }
        }
        Ok(())
    }

    /// The most bytes that the kernel held for each.
    pub fn most_waiting(&self) -> Vec<i64> {
        let most = self.readers.iter().map(|reader| reader.most);
        most.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
            .collect()
    }

    /// µs from stalling to the end of the connection.
    pub fn dropped(&self) -> Vec<i64> {
        let dropped = self.readers.iter().filter_map(|reader| {
            let took = reader.gone?.duration_since(reader.stalled?);
            i64::try_from(took.as_micros()).ok()
        });
        dropped.collect()
    }
}
