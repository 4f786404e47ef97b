//! Stands between the server and the provider and has some replies run at another pace. The server knows one model, whose
//! name says how fast it replies; here the requests that hold a certain word are given another. Must not enter: answers,
//! which pass as they are.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// Which requests, and what becomes of them.
#[derive(Clone, Debug)]
pub struct Swap {
    /// A word in the request.
    pub word: &'static str,
    /// The model that the server asks for, and the one that the provider is asked for: as long as one another.
    pub from: String,
    pub to: String,
}

/// A relay at work; dropped, it is gone with its connections.
#[derive(Debug)]
pub struct Relay {
    pub addr: SocketAddr,
    _accepting: JoinSet<()>,
}

impl Relay {
    pub async fn open(provider: SocketAddr, swap: Swap) -> Result<Self> {
        if swap.from.len() != swap.to.len() {
            bail!("{} is not as long as {}", swap.from, swap.to);
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((server, _)) = listener.accept().await {
                let swap = swap.clone();
                // One that breaks ends; the server notices as it would with the provider.
                connections.spawn(async move { drop(pass(server, provider, swap).await) });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            addr,
            _accepting: accepting,
        })
    }
}

async fn pass(server: TcpStream, provider: SocketAddr, swap: Swap) -> Result<()> {
    let provider = TcpStream::connect(provider).await?;
    server.set_nodelay(true)?;
    provider.set_nodelay(true)?;
    let (asked, mut answer) = server.into_split();
    let (mut answered, ask) = provider.into_split();
    tokio::select! {
        done = requests(asked, ask, &swap) => done,
        done = copy(&mut answered, &mut answer) => done.map(drop).map_err(Into::into),
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swap: &Swap) -> Result<()> {
    let mut held = Vec::new();
    loop {
        while let Some(length) = whole(&held)? {
            let mut request: Vec<u8> = held.drain(..length).collect();
            let meant = memmem::find(&request, swap.word.as_bytes()).is_some();
            if let Some(at) = memmem::find(&request, swap.from.as_bytes()).filter(|_| meant) {
                request[at..at + swap.to.len()].copy_from_slice(swap.to.as_bytes());
            }
            to.write_all(&request).await?;
        }
        if from.read_buf(&mut held).await? == 0 {
            return Ok(());
        }
    }
}

/// Length of the first request, head and body, once all of it is there.
fn whole(held: &[u8]) -> Result<Option<usize>> {
    let Some(end) = memmem::find(held, b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&held[..end])?.to_ascii_lowercase();
    let mut lines = head.lines();
    let body = match lines.find_map(|line| line.strip_prefix("content-length:")) {
        Some(length) => length.trim().parse::<usize>().context("content-length")?,
        None => 0,
    };
    let length = end + 4 + body;
    Ok((held.len() >= length).then_some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_the_whole_request() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET";
        assert_eq!(whole(request).unwrap(), Some(request.len() - 3));
        assert_eq!(whole(&request[..request.len() - 4]).unwrap(), None);
        assert_eq!(whole(b"GET / HTTP/1.1\r\n\r\n").unwrap(), Some(18));
    }
}
