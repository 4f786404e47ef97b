//! The audit log, from outside: each action leaves an entry, and the command finds who changed one.

use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    intruder::{execute, number},
    on_both, totp,
};

async fn post(browser: &Browser, path: &str, body: &Value) -> u16 {
    browser
        .post(path)
        .json(body)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

async fn count(server: &Server, kind: &str) -> i64 {
    number(
        server,
        &format!("select count(*) from audit_events where kind = '{kind}'"),
    )
    .await
}

/// Walks the log; what was printed, or what was complained of.
fn verify(server: &Server, words: &[&str]) -> Result<String, String> {
    let ended = server.run(&[&["audit", "verify"], words].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if ended.status.success() {
        Ok(text(ended.stdout))
    } else {
        assert_eq!(ended.status.code(), Some(1));
        Err(text(ended.stderr))
    }
}

fn head(said: &str) -> String {
    let line = said.lines().find(|line| line.contains("head  ")).unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

on_both! {
    async fn each_action_leaves_one_entry(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        assert_eq!(count(&server, "account_created").await, 1);

        let visitor = server.visitor();
        let wrong = json!({ "email": email("ann"), "password": "canary-wrong-1" });
        assert_eq!(post(&visitor, "/api/auth/login", &wrong).await, 401);
        let unknown = json!({ "email": email("nobody"), "password": "canary-wrong-1" });
        assert_eq!(post(&visitor, "/api/auth/login", &unknown).await, 401);
        assert_eq!(count(&server, "sign_in_failed").await, 2);

        let before = count(&server, "signed_in").await;
        let right = json!({ "email": email("ann"), "password": PASSWORD });
        assert_eq!(post(&visitor, "/api/auth/login", &right).await, 200);
        assert_eq!(count(&server, "signed_in").await, before + 1);
        assert_eq!(post(&visitor, "/api/auth/logout", &json!({})).await, 204);
        assert_eq!(count(&server, "signed_out").await, 1);

        let begin = ann.post("/api/v1/account/factor").json(&json!({ "current_password": PASSWORD }));
        let begun: Value = begin.send().await.unwrap().json().await.unwrap();
        let secret = begun["secret"].as_str().unwrap();
        let factor = async |path: &str, body: Value| post(&ann, &format!("/api/v1/account/factor{path}"), &body).await;
        assert_eq!(factor("/confirm", json!({ "code": "000000" })).await, 401);
        assert_eq!(factor("/confirm", json!({ "code": totp::code(secret) })).await, 200);
        assert_eq!(factor("/codes", json!({ "code": "000000" })).await, 401);
        let end = json!({ "current_password": PASSWORD, "code": totp::next_code(secret) });
        assert_eq!(factor("/disable", end).await, 204);
        for (kind, times) in [("factor_failed", 2), ("factor_enrolled", 1), ("backup_codes_made", 1), ("factor_disabled", 1)] {
            assert_eq!(count(&server, kind).await, times, "{kind}");
        }
        let of_ann = "select count(*) from audit_events where actor = (select id from users where username = 'ann') \
                      and address = '127.0.0.1'";
        assert!(number(&server, of_ann).await >= 5);
        assert!(verify(&server, &[]).unwrap().contains("is whole"));
        // In the log as well, for those who keep logs elsewhere.
        assert!(server.log().lines().any(|line| line.contains("factor_enrolled") && line.contains("\"hash\"")));
        assert!(!server.log().contains("canary"));
    }

    async fn a_changed_row_and_a_cut_end_are_found(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        for name in ["ann", "bob", "cleo"] {
            server.member(name).await;
        }
        let whole = verify(&server, &[]).unwrap();
        let noted = head(&whole);
        assert!(verify(&server, &["--head", &noted]).is_ok());
        let rows = number(&server, "select count(*) from audit_events").await;
        assert!(whole.contains(&format!("rows  {rows}")), "{whole}");
        // More may follow after the head that was noted.
        server.member("dora").await;
        assert!(verify(&server, &["--head", &noted]).is_ok());

        let change = "update audit_events set address = '10.0.0.1' where no = 2";
        let error = execute(&server, change).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
        let unguard = match engine {
            Engine::Sqlite => "drop trigger audit_events_no_update; drop trigger audit_events_no_delete",
            Engine::Postgres => "alter table audit_events disable trigger user",
        };
        execute(&server, unguard).await.unwrap();
        execute(&server, &format!("delete from audit_events where no >= {rows}")).await.unwrap();
        assert!(verify(&server, &[]).is_ok(), "what is left is whole by itself");
        let said = verify(&server, &["--head", &noted]).unwrap_err();
        assert!(said.contains("noted head") && !said.contains("panicked"), "{said}");
        execute(&server, change).await.unwrap();
        let said = verify(&server, &[]).unwrap_err();
        assert!(said.contains("row 2 was changed"), "{said}");
    }
}

#[tokio::test]
async fn one_byte_in_the_file_is_enough() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    assert!(verify(&server, &[]).is_ok());
    assert!(server.terminate().success());
    execute(&server, "pragma wal_checkpoint(truncate)")
        .await
        .unwrap();
    let path = server.data_dir().join("main.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let word = b"account_created";
    let place = bytes
        .windows(word.len())
        .position(|window| window == word)
        .unwrap();
    bytes[place] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let said = verify(&server, &[]).unwrap_err();
    assert!(said.contains("was changed"), "{said}");
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
