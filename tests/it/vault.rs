//! The master key, from outside: made, guarded, missed, and changed while a server runs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Server, browser::PASSWORD, on_both, totp};

pub(crate) async fn enrol(browser: &Browser) -> String {
    let begin = browser.post("/api/v1/account/factor");
    let begun = begin
        .json(&json!({ "current_password": PASSWORD }))
        .send()
        .await
        .unwrap();
    assert_eq!(begun.status(), 200);
    let begun: Value = begun.json().await.unwrap();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let confirm = browser.post("/api/v1/account/factor/confirm");
    let on = confirm
        .json(&json!({ "code": totp::code(&secret) }))
        .send()
        .await
        .unwrap();
    assert_eq!(on.status(), 200);
    secret
}

/// The answer to a code that was not used yet.
pub(crate) async fn use_code(browser: &Browser, secret: &str) -> u16 {
    let renew = browser.post("/api/v1/account/factor/codes");
    let body = json!({ "code": totp::next_code(secret) });
    renew.json(&body).send().await.unwrap().status().as_u16()
}

fn base64_of(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

on_both! {
    async fn keys_that_are_set_change_without_a_gap(engine: Engine) {
        let (old, new) = (base64_of(1), base64_of(2));
        let mut server = Server::start_with(engine, "echo", &[("PARLANCE_MASTER_KEY", &old)]).await;
        let ann = server.member("ann").await;
        let secret = enrol(&ann).await;
        assert!(!server.data_dir().join("master.key").exists());
        let alone = server.run(&["keys", "rotate"]);
        assert!(!alone.status.success());
        assert!(String::from_utf8(alone.stderr).unwrap().contains("PARLANCE_MASTER_KEY_NEXT"));

        server.kill();
        server.restart_with(&[("PARLANCE_MASTER_KEY_NEXT", &new)]);
        let rotated = server.run(&["keys", "rotate"]);
        assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
        let ann = ann.at(&server.base);
        assert_eq!(use_code(&ann, &secret).await, 200);

        server.kill();
        server.restart_with(&[("PARLANCE_MASTER_KEY", &new), ("PARLANCE_MASTER_KEY_NEXT", "")]);
        let bob = server.member("bob").await;
        enrol(&bob).await;

        // The old key alone opens nothing, so nothing starts with it.
        server.kill();
        let refused = server.run_with(&["serve"], &[("PARLANCE_MASTER_KEY", &old)]);
        assert!(!refused.status.success());
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("master key") && said.contains("PARLANCE_MASTER_KEY"), "{said}");
        assert!(!said.contains(&old) && !said.contains("panicked"), "{said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let file = server.data_dir().join("master.key");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.kill();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = server.run(&["serve"]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("mode 644") && said.contains("chmod 600"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_is_not_opened_with_a_key_that_is_not_its_own() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    enrol(&ann).await;
    server.kill();
    std::fs::remove_file(server.data_dir().join("master.key")).unwrap();
    let refused = server.run(&["serve"]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("which is not in") && said.contains("master.key"),
        "{said}"
    );
    assert!(
        !server.data_dir().join("master.key").exists(),
        "no other is made in its place"
    );
}
