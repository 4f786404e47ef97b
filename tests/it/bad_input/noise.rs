//! Noise of every kind: what no client of sound mind sends.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use reqwest::Method;
use serde_json::Value;

use super::{KIB, start};

/// Says these bytes on a bare socket and hears what comes back, if anything.
fn say(base: &str, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    // The server may have hung up before all of it was written.
    let _ = socket.write_all(bytes);
    let mut heard = vec![0; 64 * KIB];
    let length = socket.read(&mut heard).unwrap_or_default();
    String::from_utf8_lossy(&heard[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_on_the_socket_harms_nobody() {
    let (mut server, _, messages) = start().await;
    let head = "Host: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n";
    for (noise, expected) in [
        ("GARBAGE\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}".repeat(20), "HTTP/1.1 400"),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
                "x".repeat(1_024 * KIB)
            ),
            "HTTP/1.1 431",
        ),
        (
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100 * KIB)),
            "HTTP/1.1 4",
        ),
        (
            format!("POST {messages} HTTP/1.1\r\n{head}Content-Length: 99999999999\r\n\r\n"),
            "HTTP/1.1 413",
        ),
        (
            format!("POST {messages} HTTP/1.1\r\n{head}Content-Length: -1\r\n\r\n"),
            "HTTP/1.1 400",
        ),
        (
            "GET /api/session HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(),
            "HTTP/1.1 4",
        ),
    ] {
        let heard = say(&server.base, noise.as_bytes());
        let shown: String = noise.chars().take(60).collect();
        assert!(heard.starts_with(expected), "{shown:?}: {heard:?}");
    }
    assert!(server.is_well().await);
}

/// One malformed body must not end the process, whichever route it goes to (CVE-2026-31949).
#[tokio::test]
async fn every_described_operation_survives_rubbish() {
    let (mut server, ann, _) = start().await;
    let api: Value = ann
        .get("/api/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut operations = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations += 1;
            for id in ["x", "00000000-0000-0000-0000-000000000000"] {
                let path = format!(
                    "/api{}?cursor=%00&limit=%00&after=%00",
                    path.replace("{id}", id)
                );
                for body in ["", "\u{0}", "{\"a\":", "[[[[", "{\"id\":{}}"] {
                    let request = ann
                        .request(method.clone(), &path)
                        .header("Content-Type", "application/json");
                    let status = request.body(body).send().await.unwrap().status().as_u16();
                    assert!(status < 500, "{method} {path} {body:?}: {status}");
                }
            }
        }
    }
    assert!(operations >= 11, "{operations}");
    assert!(server.is_well().await);
}
