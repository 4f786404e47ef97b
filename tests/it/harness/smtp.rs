//! A mail server that listens on a socket, speaks as much SMTP as one needs (RFC 5321, RFC 4954), and delivers nowhere:
//! tests read what came. It can be told to refuse.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mailparse::MailHeaderMap;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

pub const USER: &str = "parlance";
pub const PASSWORD: &str = "canary smtp/pass:word";
/// Longer than a letter may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The mail server. Ends with the test.
pub struct Sink {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    letters: Vec<Letter>,
    /// What letters are answered with, in order, instead of being taken.
    refusals: VecDeque<&'static str>,
    /// How many letters were handed over, taken or not.
    tries: usize,
    /// Every line that clients said.
    said: Vec<String>,
}

/// A letter that was taken.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Envelope.
    pub from: String,
    pub to: Vec<String>,
    /// As it came, with its headers.
    pub raw: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter {
    /// A header's value, decoded; empty if it is absent.
    pub fn header(&self, name: &str) -> String {
        let (headers, _) = mailparse::parse_headers(self.raw.as_bytes()).expect("headers");
        headers.get_first_value(name).unwrap_or_default()
    }

    /// The first address in the text.
    pub fn link(&self) -> String {
        let from = self.text.find("http").expect("a link");
        let rest = &self.text[from..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest[..end].to_owned()
    }
}

impl Sink {
    pub async fn start() -> Self {
        Self::refusing(&[]).await
    }

    /// One that answers the first letters so (`451 later`), and takes the rest.
    pub async fn refusing(refusals: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Mutex::new(Shared {
            refusals: refusals.iter().copied().collect(),
            ..Shared::default()
        }));
        let all = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, all.clone()));
            }
        });
        Self { port, shared }
    }

    /// What a server is set to so that it sends here.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let password = PASSWORD
            .replace(' ', "%20")
            .replace('/', "%2F")
            .replace(':', "%3A");
        vec![
            (
                "PARLANCE_SMTP_URL",
                format!("smtp://{USER}:{password}@127.0.0.1:{}", self.port),
            ),
            (
                "PARLANCE_MAIL_FROM",
                "Parlance 会话 <parlance@example.com>".to_owned(),
            ),
            ("PARLANCE_MAIL_RETRY_MS", "50".to_owned()),
        ]
    }

    /// Everything that was taken so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.lock().unwrap().letters.clone()
    }

    /// How often a letter was handed over, taken or not.
    pub fn tries(&self) -> usize {
        self.shared.lock().unwrap().tries
    }

    /// Everything that clients said, line by line.
    pub fn said(&self) -> Vec<String> {
        self.shared.lock().unwrap().said.clone()
    }

    /// The newest letter to this address whose subject holds `word`, as soon as there is one.
    pub async fn letter(&self, to: &str, word: &str) -> Letter {
        let began = Instant::now();
        loop {
            let found = self.letters().into_iter().rev().find(|letter| {
                letter.to.iter().any(|one| one.eq_ignore_ascii_case(to))
                    && letter.subject.contains(word)
            });
            if let Some(letter) = found {
                return letter;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "no letter “{word}” to {to}: {:?}",
                self.letters()
                    .iter()
                    .map(|letter| (&letter.to, &letter.subject))
                    .collect::<Vec<_>>()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    // A client that hangs up is no failure of the server.
    let _ = talk(stream, &shared).await;
}

async fn talk(stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut is_in, mut from, mut to) = (false, String::new(), Vec::new());
    write.write_all(b"220 sink.example ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        shared.lock().unwrap().said.push(line.clone());
        let word = line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => {
                "250-sink.example\r\n250-AUTH PLAIN\r\n250-SMTPUTF8\r\n250 8BITMIME".to_owned()
            }
            "AUTH" => {
                let expected = STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
                is_in = line == format!("AUTH PLAIN {expected}");
                if is_in { "235 welcome" } else { "535 wrong" }.to_owned()
            }
            "MAIL" | "RCPT" | "DATA" if !is_in => "530 sign in first".to_owned(),
            "MAIL" => {
                from = address(&line);
                to.clear();
                "250 ok".to_owned()
            }
            "RCPT" => {
                to.push(address(&line));
                "250 ok".to_owned()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                take(shared, &from, &to, raw)
            }
            "RSET" | "NOOP" => "250 ok".to_owned(),
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "500 what?".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn take(shared: &Mutex<Shared>, from: &str, to: &[String], raw: String) -> String {
    let mut shared = shared.lock().unwrap();
    shared.tries += 1;
    if let Some(refusal) = shared.refusals.pop_front() {
        return refusal.to_owned();
    }
    let mail = mailparse::parse_mail(raw.as_bytes()).expect("a letter");
    let part = |kind: &str| {
        let part = mail.parts().find(|part| part.ctype.mimetype == kind);
        part.map(|part| part.get_body().expect("text"))
            .unwrap_or_default()
    };
    let letter = Letter {
        from: from.to_owned(),
        to: to.to_vec(),
        subject: mail.headers.get_first_value("Subject").unwrap_or_default(),
        text: part("text/plain"),
        html: part("text/html"),
        raw: raw.clone(),
    };
    shared.letters.push(letter);
    "250 taken".to_owned()
}

/// What stands between the brackets.
fn address(line: &str) -> String {
    let inner = line.split(['<', '>']).nth(1);
    inner.unwrap_or_default().to_owned()
}
