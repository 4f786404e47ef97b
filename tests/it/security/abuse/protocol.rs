//! HTTP/2 at its edges, spoken by hand: 71.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::harness::{Browser, Engine, Server, on_both};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Frame types (RFC 9113 §6).
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `GET /api/session`, in as few bytes as can be (RFC 7541 §6).
fn request(host: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04, 12];
    block.extend(b"/api/session");
    block.extend([0x01, u8::try_from(host.len()).unwrap()]);
    block.extend(host.bytes());
    block
}

/// A connection that has shaken hands.
fn connect(host: &str) -> TcpStream {
    let mut socket = TcpStream::connect(host).unwrap();
    socket.set_nodelay(true).unwrap();
    let wait = Some(Duration::from_secs(20));
    socket.set_read_timeout(wait).unwrap();
    socket.set_write_timeout(wait).unwrap();
    socket.write_all(PREFACE).unwrap();
    socket.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
    socket
}

/// The code of the server's goodbye (RFC 9113 §6.8), when it says one before it hangs up.
fn goodbye(mut socket: TcpStream) -> Option<u32> {
    let mut heard = Vec::new();
    // An end by reset has nothing more to say either.
    let _ = socket.read_to_end(&mut heard);
    let mut rest = heard.as_slice();
    while rest.len() >= 9 {
        let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
        let payload = rest.get(9..9 + length)?;
        if rest[3] == GOAWAY {
            return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
        rest = &rest[9 + length..];
    }
    None
}

/// What the server says about itself at first (RFC 9113 §6.5.1), by number.
fn settings(mut socket: TcpStream) -> BTreeMap<u16, u32> {
    let mut head = [0; 9];
    socket.read_exact(&mut head).unwrap();
    assert_eq!(head[3], SETTINGS);
    let length = usize::from(head[1]) << 8 | usize::from(head[2]);
    let mut payload = vec![0; length];
    socket.read_exact(&mut payload).unwrap();
    let pairs = payload.chunks_exact(6);
    let pair = |pair: &[u8]| {
        let number = u16::from_be_bytes(pair[..2].try_into().unwrap());
        (number, u32::from_be_bytes(pair[2..].try_into().unwrap()))
    };
    pairs.map(pair).collect()
}

async fn answers_others(browser: &Browser) {
    let begun = Instant::now();
    let answer = browser.get("/api/session").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

on_both! {
    async fn row_71_a_connection_is_told_how_much_it_may_ask_at_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let host = server.base.trim_start_matches("http://").to_owned();
        let told = tokio::task::spawn_blocking(move || settings(connect(&host))).await.unwrap();
        // SETTINGS_MAX_CONCURRENT_STREAMS and SETTINGS_MAX_HEADER_LIST_SIZE.
        assert_eq!((told.get(&3), told.get(&6)), (Some(&128), Some(&65_536)), "{told:?}");
    }

    /// CVE-2023-44487, RUSTSEC-2026-0258.
    async fn row_71_streams_that_are_opened_and_reset_without_end_end_their_own_connection(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let pid = server.pid();
        let host = server.base.trim_start_matches("http://").to_owned();
        for _ in 0..4 {
            let host = host.clone();
            let ended = tokio::task::spawn_blocking(move || {
                let mut socket = connect(&host);
                let block = request(&host);
                for number in 0..50_000_u32 {
                    let stream = number * 2 + 1;
                    let mut both = frame(HEADERS, END_STREAM | END_HEADERS, stream, &block);
                    both.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
                    if socket.write_all(&both).is_err() {
                        return (number, goodbye(socket));
                    }
                }
                (50_000, goodbye(socket))
            });
            answers_others(&ann).await;
            let (number, code) = ended.await.unwrap();
            // ENHANCE_YOUR_CALM, where the goodbye arrives before the end.
            assert!(number < 50_000 || code == Some(11), "{number} streams, and then {code:?}");
        }
        answers_others(&ann).await;
        assert!(server.is_well().await);
        assert_eq!(server.pid(), pid);
    }

    /// CVE-2024-27316 and its kind: headers that never end.
    async fn row_71_headers_without_an_end_end_their_own_connection(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let pid = server.pid();
        let host = server.base.trim_start_matches("http://").to_owned();
        let ended = tokio::task::spawn_blocking(move || {
            let mut socket = connect(&host);
            socket.write_all(&frame(HEADERS, END_STREAM, 1, &request(&host))).unwrap();
            // A header of its own name each time, not kept in the table: `0x00 name value`.
            let mut block = Vec::new();
            for _ in 0..64 {
                block.extend([0x00, 1, b'x', 126]);
                block.extend([b'y'; 126]);
            }
            for number in 0..20_000 {
                if socket.write_all(&frame(CONTINUATION, 0, 1, &block)).is_err() {
                    return number;
                }
            }
            20_000
        });
        answers_others(&ann).await;
        let number = ended.await.unwrap();
        assert!(number < 20_000, "160 MB of headers were taken");
        answers_others(&ann).await;
        assert!(server.is_well().await);
        assert_eq!(server.pid(), pid);
    }
}
