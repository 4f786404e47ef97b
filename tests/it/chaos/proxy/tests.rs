//! Each kind of bad weather does what it says.

use std::{io, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::*;

/// A server that sends the alphabet and then repeats what it hears, and a proxy before it.
async fn proxied() -> (Proxy, mpsc::UnboundedReceiver<io::Result<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (ends, seen) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let ends = ends.clone();
            tokio::spawn(async move {
                socket
                    .write_all(b"abcdefghijklmnopqrstuvwxyz")
                    .await
                    .unwrap();
                let mut buffer = [0; 64];
                loop {
                    let read = socket.read(&mut buffer).await;
                    match read {
                        Ok(count) if count > 0 => socket.write_all(&buffer[..count]).await.unwrap(),
                        end => {
                            let _ = ends.send(end);
                            return;
                        }
                    }
                }
            });
        }
    });
    (Proxy::start(&base, Dice::of("proxy")).await, seen)
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.addr).await.unwrap()
}

async fn alphabet(proxy: &Proxy) -> TcpStream {
    let mut socket = connect(proxy).await;
    socket.read_exact(&mut [0; 26]).await.unwrap();
    socket
}

#[tokio::test]
async fn carries_both_ways_in_fair_weather() {
    let (proxy, mut seen) = proxied().await;
    let mut socket = alphabet(&proxy).await;
    socket.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!((&answer, proxy.to_client()), (b"hello", 31));
    drop(socket);
    assert_eq!(seen.recv().await.unwrap().unwrap(), 0);
    assert_eq!(proxy.cuts(), 0);
}

#[tokio::test]
async fn resets_closes_and_half_closes() {
    let (proxy, mut seen) = proxied().await;
    for (cut, client, server) in [
        (
            Cut::Reset,
            Some(io::ErrorKind::ConnectionReset),
            Some(io::ErrorKind::ConnectionReset),
        ),
        (Cut::Eof, None, None),
        (Cut::HalfToClient, None, None),
        (Cut::HalfToServer, None, None),
    ] {
        let mut socket = alphabet(&proxy).await;
        assert_eq!(proxy.cut(cut), 1);
        let end = socket.read(&mut [0; 8]).await;
        assert_eq!(end.err().map(|error| error.kind()), client, "{cut:?}");
        let end = seen.recv().await.unwrap();
        assert_eq!(end.err().map(|error| error.kind()), server, "{cut:?}");
    }
    assert_eq!(proxy.cuts(), 4);
}

#[tokio::test]
async fn swallows_without_a_word() {
    let (proxy, mut seen) = proxied().await;
    let mut socket = alphabet(&proxy).await;
    proxy.cut(Cut::Swallow);
    tokio::time::sleep(Duration::from_millis(20)).await;
    socket.write_all(b"hello").await.unwrap();
    let silence = Duration::from_millis(100);
    assert!(timeout(silence, socket.read(&mut [0; 8])).await.is_err());
    assert!(timeout(silence, seen.recv()).await.is_err());
}

#[tokio::test]
async fn breaks_after_so_many_bytes() {
    let (proxy, _seen) = proxied().await;
    proxy.set(Weather {
        cut_after: Some(7..=7),
        slice: Some(1),
        cuts: vec![Cut::Eof],
        ..Weather::default()
    });
    let mut heard = Vec::new();
    connect(&proxy).await.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"abcdefg");
}

#[tokio::test]
async fn slows_down() {
    let (proxy, _seen) = proxied().await;
    proxy.set(Weather {
        latency: Duration::from_millis(50),
        ..Weather::default()
    });
    let began = Instant::now();
    alphabet(&proxy).await;
    assert!(began.elapsed() >= Duration::from_millis(50));
    proxy.set(Weather {
        bandwidth: Some(260),
        slice: Some(4),
        ..Weather::default()
    });
    let began = Instant::now();
    alphabet(&proxy).await;
    assert!(began.elapsed() >= Duration::from_millis(70));
}
