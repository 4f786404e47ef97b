//! E4, addresses that people supply (36 to 43), seen through the ones that there are: where a browser wants its push
//! messages. The spellings and the names that change what they stand for are tests of the client itself.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    audit::count,
    harness::{Browser, Engine, Server, intruder::number, on_both, problem},
    pwa::push::{VAPID_KEY, reply, subscribe, subscription},
};

const TAKEN: &str = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";

/// Somebody's server; remembers who asked for what.
struct Peer {
    place: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Does this with each request.
    async fn start<F, S>(serve: S) -> Self
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let kept = heads.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read(&mut stream).await;
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(head);
                tokio::spawn(serve(stream));
            }
        });
        Self { place, heads }
    }

    async fn answering(answer: impl Into<String>) -> Self {
        let answer = Arc::new(answer.into());
        Self::start(move |mut stream| {
            let answer = answer.clone();
            async move {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await
    }

    fn endpoint(&self) -> String {
        format!("http://{}/push/a", self.place)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The first request's head, once it is there.
    async fn asked(&self) -> String {
        for _ in 0..500 {
            if let Some(head) = self.heads().first() {
                return head.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody asked {}", self.place);
    }
}

/// A whole request; its head.
async fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or_default();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return text;
            }
            continue;
        };
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        let end = request
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        if count == 0 || request.len() >= end + length.unwrap_or_default() {
            return String::from_utf8_lossy(&request[..end]).into_owned();
        }
    }
}

async fn server(engine: Engine, settings: &[(&str, &str)]) -> Server {
    let own = [
        ("PARLANCE_VAPID_KEY", VAPID_KEY),
        ("PARLANCE_VAPID_SUBJECT", "mailto:owner@example.com"),
        ("PARLANCE_PUSH_HOSTS", "127.0.0.1"),
        ("PARLANCE_PUSH_AFTER_MS", "1"),
    ];
    Server::start_with(engine, "words-10@20", &[&own[..], settings].concat()).await
}

/// Has a member's browser told at this address.
async fn told_at(server: &Server, endpoint: &str) -> (Browser, String) {
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let answer = subscribe(&ann, &subscription(endpoint)).await;
    assert_eq!(answer.status(), 204, "{endpoint}");
    reply(&ann, &id).await;
    (ann, id)
}

on_both! {
    async fn row_40_a_member_who_adds_the_servers_own_machine_is_refused_and_noted(engine: Engine) {
        let hosts = "127.0.0.1,localhost,[::1],[::ffff:7f00:1],[64:ff9b::7f00:1],10.0.0.1,169.254.169.254,168.63.129.16,ollama,metadata.google.internal";
        let server = server(engine, &[("PARLANCE_PUSH_HOSTS", hosts)]).await;
        let ann = server.member("ann").await;
        for endpoint in [
            "https://localhost/x",
            "https://LOCALHOST:8443/x",
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://0177.0.0.1/x",
            "https://127。0。0。1/x",
            "https://[::1]/x",
            "https://[::ffff:127.0.0.1]/x",
            "https://[64:ff9b::127.0.0.1]/x",
            "https://10.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://168.63.129.16/x",
            "https://ollama/x",
            "https://metadata.google.internal/x",
            r"https://127.0.0.1\@1.1.1.1/x",
            "http://127.0.0.1:11434/x",
            "https://127.0.0.1:22/x",
        ] {
            let answer = problem(subscribe(&ann, &subscription(endpoint)).await, 403).await;
            assert_eq!(answer["code"], "endpoint_blocked", "{endpoint}");
            assert!(answer["detail"].is_null(), "{answer}");
        }
        assert_eq!(number(&server, "select count(*) from push_subscriptions").await, 0);
        // Of many tries one entry a minute is kept; no address stands in it.
        assert_eq!(count(&server, "endpoint_blocked").await, 1);
        let notes = "select count(*) from audit_events where kind = 'endpoint_blocked' and cast(notes as text) like '%internal%'";
        assert_eq!(number(&server, notes).await, 1);
    }
}

#[tokio::test]
async fn row_40_an_inner_address_on_the_list_is_called_and_its_neighbour_is_not() {
    let (listed, other) = (Peer::answering(TAKEN).await, Peer::answering(TAKEN).await);
    let server = server(Engine::Sqlite, &[("PARLANCE_EGRESS_ALLOW", &listed.place)]).await;
    let (ann, _) = told_at(&server, &listed.endpoint()).await;
    listed.asked().await;
    let refused = subscribe(&ann, &subscription(&other.endpoint())).await;
    assert_eq!(problem(refused, 403).await["code"], "endpoint_blocked");
    assert!(other.heads().is_empty());
}

#[tokio::test]
async fn row_40_what_is_taken_off_the_list_is_called_no_more() {
    let peer = Peer::answering(TAKEN).await;
    let mut server = server(Engine::Sqlite, &[("PARLANCE_EGRESS_ALLOW", &peer.place)]).await;
    let (ann, id) = told_at(&server, &peer.endpoint()).await;
    peer.asked().await;
    server.kill();
    server.restart_with(&[("PARLANCE_EGRESS_ALLOW", "127.0.0.1:1")]);
    let ann = ann.at(&server.base);
    reply(&ann, &id).await;
    for _ in 0..500 {
        if count(&server, "endpoint_blocked").await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(count(&server, "endpoint_blocked").await, 1);
    assert_eq!(peer.heads().len(), 1);
}

#[tokio::test]
async fn row_36_a_redirect_is_not_followed() {
    let inner = Peer::answering(TAKEN).await;
    let away = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/admin\r\ncontent-length: 0\r\n\r\n",
        inner.place
    );
    let peer = Peer::answering(away).await;
    // Even to where it might go by itself.
    let allow = format!("{},{}", peer.place, inner.place);
    let server = server(Engine::Sqlite, &[("PARLANCE_EGRESS_ALLOW", &allow)]).await;
    told_at(&server, &peer.endpoint()).await;
    peer.asked().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((peer.heads().len(), inner.heads()), (1, Vec::new()));
}

#[tokio::test]
async fn row_36_the_proxy_of_the_environment_is_not_asked() {
    let (peer, proxy) = (Peer::answering(TAKEN).await, Peer::answering(TAKEN).await);
    let address = format!("http://{}", proxy.place);
    let mut settings = vec![("PARLANCE_EGRESS_ALLOW", peer.place.as_str())];
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        settings.push((name, address.as_str()));
    }
    let server = server(Engine::Sqlite, &settings).await;
    told_at(&server, &peer.endpoint()).await;
    peer.asked().await;
    assert!(proxy.heads().is_empty());
}

#[tokio::test]
async fn row_42_what_looks_like_a_variable_arrives_as_it_was_written() {
    let peer = Peer::answering(TAKEN).await;
    let server = server(Engine::Sqlite, &[("PARLANCE_EGRESS_ALLOW", &peer.place)]).await;
    let endpoint = format!(
        "{}/${{OPENAI_API_KEY}}/$PATH/%7B%7Buser.id%7D%7D",
        peer.endpoint()
    );
    told_at(&server, &endpoint).await;
    let head = peer.asked().await;
    let asked = "POST /push/a/$%7BOPENAI_API_KEY%7D/$PATH/%7B%7Buser.id%7D%7D HTTP/1.1\r\n";
    assert!(head.starts_with(asked), "{head}");
    assert!(!head.contains("sk-canary"));
}

#[tokio::test]
async fn row_43_an_answer_without_an_end_is_not_read_to_it_and_not_repeated() {
    let written = Arc::new(Mutex::new(None));
    let total = written.clone();
    let peer = Peer::start(move |mut stream| {
        let total = total.clone();
        async move {
            let _ = stream.write_all(b"HTTP/1.1 500 Oh\r\n\r\n").await;
            let (mut bytes, part) = (0_u64, b"canary-inner-page ".repeat(1_000));
            while bytes < 10_000_000_000 && stream.write_all(&part).await.is_ok() {
                bytes += part.len() as u64;
            }
            *total.lock().unwrap() = Some(bytes);
        }
    })
    .await;
    let mut server = server(Engine::Sqlite, &[("PARLANCE_EGRESS_ALLOW", &peer.place)]).await;
    told_at(&server, &peer.endpoint()).await;
    peer.asked().await;
    let mut bytes = None;
    for _ in 0..500 {
        bytes = *written.lock().unwrap();
        if bytes.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What lies in the sockets' buffers comes on top.
    assert!(bytes.is_some_and(|bytes| bytes < 50_000_000), "{bytes:?}");
    assert!(server.is_well().await);
    let log = server.log();
    assert!(
        log.contains("a push message was lost") && log.contains("status 500"),
        "{log}"
    );
    assert!(!log.contains("canary-inner-page") && !log.contains("/push/a"));
}
