//! Starting: what cannot work is refused at once, in one sentence that says what to change.

mod config;

use std::{
    collections::BTreeMap,
    io::Read,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::harness::{Engine, Server, server::command};

/// Longer than a refusal may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a process ended that should not have served.
struct Ended {
    success: bool,
    out: String,
    err: String,
}

impl Ended {
    /// What stands on standard error beside log lines.
    fn sentences(&self) -> Vec<&str> {
        self.err
            .lines()
            .filter(|line| !line.starts_with('{') && !line.trim().is_empty())
            .collect()
    }

    /// One sentence for a person, with these words in it.
    fn assert_one_sentence(&self, words: &[&str]) {
        assert!(!self.success);
        let sentences = self.sentences();
        assert_eq!(sentences.len(), 1, "{}", self.err);
        assert!(
            sentences[0].len() < 400 && sentences[0].ends_with(['.', '1']),
            "{}",
            sentences[0]
        );
        self.assert_says(words);
    }

    fn assert_says(&self, words: &[&str]) {
        for word in words {
            assert!(
                self.sentences().join("\n").contains(word),
                "“{word}” in: {}",
                self.err
            );
        }
        for noise in ["hunter2", "panicked", "RUST_BACKTRACE", "Os {", "Error {"] {
            assert!(
                !self.err.contains(noise) && !self.out.contains(noise),
                "{noise}: {}{}",
                self.err,
                self.out
            );
        }
    }
}

/// Settings that work, with these over them.
fn settings(dir: &Path, over: &[(&str, &str)]) -> BTreeMap<String, String> {
    let base = [
        ("PARLANCE_ADDR", "127.0.0.1:0".to_owned()),
        ("PARLANCE_DATA_DIR", dir.join("data").display().to_string()),
    ];
    let over = over.iter().map(|(key, value)| (*key, (*value).to_owned()));
    base.into_iter()
        .chain(over)
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn end(command: &mut Command) -> Ended {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("child of ours") {
            break status;
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("still running");
            child.wait().expect("child of ours");
            let mut out = String::new();
            child
                .stdout
                .take()
                .expect("piped")
                .read_to_string(&mut out)
                .expect("text");
            panic!("it neither refused nor ended: {out}");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let (mut out, mut err) = (String::new(), String::new());
    child
        .stdout
        .take()
        .expect("piped")
        .read_to_string(&mut out)
        .expect("text");
    child
        .stderr
        .take()
        .expect("piped")
        .read_to_string(&mut err)
        .expect("text");
    Ended {
        success: status.success(),
        out,
        err,
    }
}

/// Starts in `dir` with these settings over those that work.
fn start(dir: &TempDir, over: &[(&str, &str)]) -> Ended {
    end(command(&settings(dir.path(), over)).current_dir(dir))
}

fn check(dir: &TempDir, over: &[(&str, &str)]) -> Ended {
    end(command(&settings(dir.path(), over))
        .arg("check")
        .current_dir(dir))
}

fn somewhere() -> TempDir {
    TempDir::new().expect("temporary directory")
}

#[test]
fn a_busy_port_is_named_before_anything_is_touched() {
    let dir = somewhere();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    start(&dir, &[("PARLANCE_ADDR", &address)]).assert_one_sentence(&[
        &address,
        "PARLANCE_ADDR",
        "already",
    ]);
    assert!(!dir.path().join("data").exists());
}

#[test]
fn an_address_of_another_machine_cannot_be_listened_on() {
    let dir = somewhere();
    start(&dir, &[("PARLANCE_ADDR", "192.0.2.1:3000")])
        .assert_one_sentence(&["192.0.2.1:3000", "PARLANCE_ADDR"]);
}

#[test]
fn a_data_directory_that_cannot_be_one_is_named() {
    let dir = somewhere();
    let file = dir.path().join("in-the-way");
    std::fs::write(&file, "a file").unwrap();
    for place in [file.clone(), file.join("below")] {
        let place = place.display().to_string();
        start(&dir, &[("PARLANCE_DATA_DIR", &place)])
            .assert_one_sentence(&[&place, "PARLANCE_DATA_DIR"]);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a file");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let dir = somewhere();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file = data.join("main.db");
    std::fs::write(&file, "my diary, not a database".repeat(200)).unwrap();
    start(&dir, &[]).assert_one_sentence(&[&file.display().to_string()]);
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("my diary")
    );
}

#[test]
fn a_bad_database_url_is_refused_without_its_password() {
    let dir = somewhere();
    for (url, words) in [
        (
            "mysql://root:hunter2@localhost/chat",
            vec!["DATABASE_URL", "postgres://", "sqlite:"],
        ),
        ("hunter2", vec!["DATABASE_URL", "postgres://", "sqlite:"]),
        ("postgres://me:hunter2@host:port/chat", vec!["DATABASE_URL"]),
    ] {
        for ended in [
            start(&dir, &[("DATABASE_URL", url)]),
            check(&dir, &[("DATABASE_URL", url)]),
        ] {
            assert!(!ended.success, "{url}");
            ended.assert_says(&words);
        }
    }
    for (url, words) in [
        (
            "postgres://me:hunter2@127.0.0.1:1/chat",
            vec!["127.0.0.1:1/chat", "DATABASE_URL"],
        ),
        (
            "postgres://me:hunter2@nowhere.invalid/chat",
            vec!["nowhere.invalid", "DATABASE_URL"],
        ),
        ("sqlite::memory:", vec!["DATABASE_URL"]),
    ] {
        start(&dir, &[("DATABASE_URL", url)]).assert_one_sentence(&words);
    }
}

#[test]
fn a_database_that_does_not_exist_is_named() {
    if !Engine::postgres_is_there() {
        return;
    }
    let dir = somewhere();
    let cluster = std::env::var("PARLANCE_TEST_POSTGRES_URL").unwrap();
    let (base, _) = cluster.rsplit_once('/').unwrap();
    let url = format!("{base}/no_such_database");
    start(&dir, &[("DATABASE_URL", &url)])
        .assert_one_sentence(&["no_such_database", "DATABASE_URL"]);
}

#[tokio::test]
async fn a_second_process_on_the_same_data_is_refused() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let data = server.data_dir().display().to_string();
    let dir = somewhere();
    start(&dir, &[("PARLANCE_DATA_DIR", &data)])
        .assert_one_sentence(&[&data, "another Parlance process"]);
    // Another data directory does not lead to the same file either.
    let url = format!("sqlite:{data}/main.db");
    start(&dir, &[("DATABASE_URL", &url)])
        .assert_one_sentence(&[&data, "another Parlance process"]);
    assert!(server.is_well().await);
    server.member("ann").await;
}

#[tokio::test]
async fn data_of_a_newer_version_is_not_touched() {
    use sqlx::Connection;
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    server.kill();
    let url = format!("sqlite:{}", server.data_dir().join("main.db").display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    let data = server.data_dir().display().to_string();
    start(&somewhere(), &[("PARLANCE_DATA_DIR", &data)]).assert_one_sentence(&["9999", "newer"]);
}

#[test]
fn an_unknown_command_is_answered_with_those_that_exist() {
    let dir = somewhere();
    let run = |word: &str| {
        end(command(&settings(dir.path(), &[]))
            .arg(word)
            .current_dir(&dir))
    };
    let unknown = run("sevre");
    assert!(!unknown.success);
    unknown.assert_says(&["sevre", "serve", "check"]);
    let version = run("--version");
    assert!(
        version.success && version.out.starts_with("parlance 0."),
        "{}",
        version.out
    );
    let help = run("help");
    assert!(
        help.success && help.out.contains("PARLANCE_CONFIG") && help.err.is_empty(),
        "{}",
        help.out
    );
}

#[tokio::test]
async fn probes_answer_without_a_session_or_a_name() {
    let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    for (path, word) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let response = reqwest::get(format!("{}{path}", server.base))
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers().get("set-cookie").is_none());
        let text = response.text().await.unwrap();
        assert!(text.starts_with(word), "{path}: {text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_directory_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = somewhere();
    let data = dir.path().join("deep/down/data");
    let text = data.display().to_string();
    let server = Server::start_with(Engine::Sqlite, "echo", &[("PARLANCE_DATA_DIR", &text)]).await;
    server.member("ann").await;
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(data.join("main.db").exists() && data.join("journal.db").exists());
}
