//! The client against servers that mean harm, and names that change what they stand for.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use parlance_server::port::egress::Egress as _;
use reqwest::{
    Method,
    dns::{Name, Resolving},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    bytes: 64 * 1024,
};

/// Names that stand for these addresses, an answer a question; after the last, for nothing. An address with a port is
/// called there, whatever the URL says.
#[derive(Default)]
pub(crate) struct Names {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    pub(crate) fn of(answers: &[&[&str]]) -> Arc<Self> {
        let answer = |one: &&[&str]| {
            let addresses = one.iter().map(|text| match text.parse() {
                Ok(place) => place,
                Err(_) => SocketAddr::new(text.parse().unwrap(), 0),
            });
            addresses.collect()
        };
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(answer).collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let next = self.answers.lock().unwrap().pop_front();
        let addrs: reqwest::dns::Addrs = Box::new(next.unwrap_or_default().into_iter());
        Box::pin(async move { Ok(addrs) })
    }
}

fn get(address: &str) -> Request {
    Request::new(Method::GET, Url::parse(address).unwrap())
}

fn blocked(answer: Result<Response, EgressError>) -> Blocked {
    match answer {
        Err(EgressError::Blocked(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A server that reads a request's head and then does this with the connection; and a client that may go there.
async fn server<F, S>(serve: S) -> (Egress, String)
where
    S: Fn(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4_096];
            let _ = stream.read(&mut head).await;
            tokio::spawn(serve(stream));
        }
    });
    let allow = vec![(Host::parse("127.0.0.1").unwrap(), place.port())];
    let egress = Egress::new(allow, SECOND).unwrap();
    (egress, format!("http://{place}/"))
}

#[tokio::test]
async fn row_37_a_name_that_changes_what_it_stands_for_is_not_followed() {
    let names = Names::of(&[
        &["8.8.8.8"],
        &["127.0.0.1"],
        &["8.8.4.4", "10.0.0.1"],
        &["::1"],
    ]);
    // As a careless check would have seen it.
    let name = || "rebind.example.com".parse::<Name>().unwrap();
    let seen = PublicOnly(names.clone()).resolve(name()).await.unwrap();
    assert_eq!(
        seen.map(|one| one.ip().to_string()).collect::<Vec<_>>(),
        ["8.8.8.8"]
    );

    let egress = Egress::resolving(Vec::new(), SECOND, names.clone()).unwrap();
    let address = "https://rebind.example.com/";
    egress.check(address).unwrap();
    for asked in 2..=4 {
        let answer = egress.send(get(address), LIMITS).await;
        assert_eq!(blocked(answer), Blocked::Internal);
        assert_eq!(
            names.asked.load(Ordering::SeqCst),
            asked,
            "once a connection"
        );
    }
}

#[tokio::test]
async fn row_37_numbers_are_looked_at_although_nobody_resolves_them() {
    let names = Names::of(&[]);
    let egress = Egress::resolving(Vec::new(), SECOND, names.clone()).unwrap();
    for address in [
        "https://127.0.0.1/",
        "https://0x7f.1/",
        "https://[::ffff:7f00:1]/",
    ] {
        assert_eq!(
            blocked(egress.send(get(address), LIMITS).await),
            Blocked::Internal
        );
    }
    let answer = egress.send(get("http://rebind.example.com/"), LIMITS).await;
    assert_eq!(blocked(answer), Blocked::Scheme);
    assert_eq!(names.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn row_40_a_name_on_the_list_is_free_on_its_port_alone() {
    let names = Names::of(&[&["127.0.0.1"]]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let allow = vec![
        (Host::parse("localhost").unwrap(), port),
        (Host::parse("llm.example.com").unwrap(), port),
    ];
    let egress = Egress::resolving(allow, SECOND, names).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
        stream.write_all(answer).await.unwrap();
    });
    let listed = egress
        .send(get(&format!("http://localhost:{port}/")), LIMITS)
        .await;
    assert_eq!(listed.unwrap().text().await.unwrap(), "hi");
    let other = egress.send(get("https://llm.example.com/"), LIMITS).await;
    assert_eq!(blocked(other), Blocked::Internal);
}

#[tokio::test]
async fn row_36_a_redirect_is_an_answer_and_no_order() {
    let hits = Arc::new(AtomicUsize::new(0));
    let count = hits.clone();
    let (egress, address) = server(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            let head = b"HTTP/1.1 302 Found\r\nlocation: /admin\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(head).await;
        }
    })
    .await;
    let answer = egress.send(get(&address), LIMITS).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(hits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn row_43_a_body_without_an_end_is_cut() {
    let (egress, address) = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
    })
    .await;
    let answer = egress.send(get(&address), LIMITS).await.unwrap();
    let error = answer.bytes().await.unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn row_43_a_body_within_its_limit_is_whole() {
    let (egress, address) = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let _ = stream.write_all(&vec![b'x'; LIMITS.bytes]).await;
    })
    .await;
    let answer = egress.send(get(&address), LIMITS).await.unwrap();
    assert_eq!(answer.bytes().await.unwrap().len(), LIMITS.bytes);
}

#[tokio::test]
async fn row_43_headers_without_an_end_are_refused() {
    for lines in [40, 1_000_000] {
        let (egress, address) = server(move |mut stream| async move {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n")
                .await;
            let line = format!("x-filler: {}\r\n", "x".repeat(2_000));
            for _ in 0..lines {
                if stream.write_all(line.as_bytes()).await.is_err() {
                    return;
                }
            }
            let _ = stream.write_all(b"\r\n").await;
        })
        .await;
        let answer = egress.send(get(&address), LIMITS).await;
        match (lines, answer) {
            // Within what the parser takes, and beyond it.
            (40, Err(EgressError::Headers)) | (1_000_000, Err(EgressError::Http(_))) => {}
            (_, other) => panic!("{lines}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn row_43_a_drip_ends_in_time() {
    let limits = Limits {
        time: Duration::from_millis(300),
        ..LIMITS
    };
    // Within the head, and within the body.
    for head in ["HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\n\r\n"] {
        let (egress, address) = server(move |mut stream| async move {
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        let exchange = async {
            let answer = egress.send(get(&address), limits).await?;
            Ok::<_, EgressError>(answer.bytes().await?)
        };
        match exchange.await {
            Err(EgressError::Http(error)) => assert!(error.is_timeout(), "{error:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_error_does_not_name_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let allow = vec![(Host::parse("127.0.0.1").unwrap(), port)];
    let egress = Egress::new(allow, SECOND).unwrap();
    let address = format!("http://127.0.0.1:{port}/secret");
    let error = egress.send(get(&address), LIMITS).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}
