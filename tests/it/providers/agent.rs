//! The example of `docs/agent.md`, as a person would run it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::*;

/// The example, running.
struct Example {
    process: Child,
    url: String,
}

impl Example {
    /// `None` where there is no Python to run it, which is said; on a build machine that is a failure.
    fn start() -> Option<Self> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/providers/agent.py");
        let spawned = Command::new("python3")
            .arg(file)
            .env("AGENT_KEY", KEY)
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "python3: {error}");
                eprintln!("the example agent was not tested: python3 cannot be run ({error})");
                return None;
            }
        };
        let mut url = String::new();
        let said = process.stdout.take().expect("piped");
        BufReader::new(said).read_line(&mut url).expect("a line");
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://"), "the example says where it is");
        Some(Self { process, url })
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn server(example: &Example, key: &str) -> Server {
    let settings = [
        ("PARLANCE_PROVIDER", "agent"),
        ("PARLANCE_AGENT_URL", example.url.as_str()),
        ("PARLANCE_AGENT_KEY", key),
    ];
    Server::start_with(Engine::Sqlite, "words-1", &settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_python_answers() {
    let Some(example) = Example::start() else {
        return;
    };
    let server = server(&example, KEY).await;
    let ann = server.member("ann").await;
    let id = conversation(&ann).await;
    let told = follow(&ann, &id, "Guten Tag, 世界!").await;
    assert_eq!(told.status(), "completed", "{}", told.end);
    assert_eq!(told.reply.text.trim(), "Guten Tag, 世界!");
    let message = &told.end["message"];
    assert_eq!(message["model"], "parrot-1");
    assert_eq!(message["usage"]["completion_tokens"], 3);
    let thoughts = message["reasoning"].as_str().expect("thoughts");
    assert!(
        thoughts.starts_with("2 messages") && thoughts.contains("[repeat]"),
        "{thoughts}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_knows_its_key() {
    let Some(example) = Example::start() else {
        return;
    };
    let server = server(&example, "another-canary-key").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let told = follow(&ann, &id, "Hello").await;
    assert_eq!((told.status(), told.code()), ("failed", "upstream_auth"));
    assert!(!server.log().contains("canary"));
}
