//! The audit log's command. What is written down, and how a change is found, is row 79 of `security::privacy`.

use serde_json::Value;

use crate::harness::{Browser, Engine, Server, intruder::number};

pub(crate) async fn post(browser: &Browser, path: &str, body: &Value) -> u16 {
    browser
        .post(path)
        .json(body)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

pub(crate) async fn count(server: &Server, kind: &str) -> i64 {
    number(
        server,
        &format!("select count(*) from audit_events where kind = '{kind}'"),
    )
    .await
}

/// Walks the log; what was printed, or what was complained of.
pub(crate) fn verify(server: &Server, words: &[&str]) -> Result<String, String> {
    let ended = server.run(&[&["audit", "verify"], words].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if ended.status.success() {
        Ok(text(ended.stdout))
    } else {
        assert_eq!(ended.status.code(), Some(1));
        Err(text(ended.stderr))
    }
}

pub(crate) fn head(said: &str) -> String {
    let line = said.lines().find(|line| line.contains("head  ")).unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

#[tokio::test]
async fn the_command_tells_how_it_is_used() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    for words in [
        &["audit"][..],
        &["audit", "x"],
        &["audit", "verify", "--head"],
        &["keys"],
    ] {
        let ended = server.run(words);
        assert!(!ended.status.success());
        assert!(
            String::from_utf8(ended.stderr)
                .unwrap()
                .contains("Usage: parlance"),
            "{words:?}"
        );
    }
    let said = verify(&server, &["--head", "abc"]).unwrap_err();
    assert!(said.contains("64 hexadecimal digits"), "{said}");
    let empty = tempfile::TempDir::new().unwrap();
    let elsewhere = empty.path().display().to_string();
    let ended = server.run_with(&["audit", "verify"], &[("PARLANCE_DATA_DIR", &elsewhere)]);
    assert!(
        String::from_utf8(ended.stderr)
            .unwrap()
            .contains("there is no database")
    );
}
