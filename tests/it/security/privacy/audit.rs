//! 79: each action leaves an entry in the audit log, and the command finds who changed one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{
        account,
        keys::{make, with},
        links,
        people::{change, id_of},
        program,
        setup::admin,
        sign_in,
    },
    audit::{count, head, post, verify},
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        intruder::{execute, number},
        on_both, totp,
    },
};

const NEW: &str = "canary-another-2";

/// What every kind was written down how often, before something is done.
struct Before<'a> {
    server: &'a Server,
    kind: &'static str,
    count: i64,
}

impl<'a> Before<'a> {
    async fn of(server: &'a Server, kind: &'static str) -> Self {
        let count = count(server, kind).await;
        Self {
            server,
            kind,
            count,
        }
    }

    /// It is one more now, with the address that it came from where the request is known, and no word of a secret.
    async fn one_more(self) {
        let now = count(self.server, self.kind).await;
        assert_eq!(now, self.count + 1, "{}", self.kind);
        let last = format!(
            "select count(*) from audit_events where kind = '{}' and (cast(notes as text) like '%canary%' or cast(notes as text) like '%@%')",
            self.kind
        );
        assert_eq!(
            number(self.server, &last).await,
            0,
            "{} tells more than it should",
            self.kind
        );
    }
}

async fn status(browser: &Browser, method: Method, path: &str, body: Value) -> u16 {
    let request = browser.request(method, path).json(&body);
    request.send().await.unwrap().status().as_u16()
}

on_both! {
    async fn row_79_signing_in_and_the_factor_leave_one_entry_each(engine: Engine) {
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
        assert_eq!(factor("/disable", end).await, 200);
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

    async fn row_79_what_is_done_with_an_account_leaves_one_entry_each(engine: Engine) {
        let settings = [("PARLANCE_REFRESH_GRACE", "1s"), ("PARLANCE_EMAIL_VERIFICATION", "required")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let before = Before::of(&server, "setup_done").await;
        let root = admin(&server).await;
        before.one_more().await;
        links::tokens(&server, "verify", 1).await;
        let ann = server.visitor();
        assert_eq!(status(&ann, Method::POST, "/api/auth/register", account("ann")).await, 202);

        let (before, made) = (Before::of(&server, "email_verified").await, Before::of(&server, "account_created").await);
        let token = links::tokens(&server, "verify", 2).await.pop().unwrap();
        assert_eq!(status(&server.visitor(), Method::POST, "/api/auth/verify", json!({ "token": token, "password": PASSWORD })).await, 204);
        before.one_more().await;
        made.one_more().await;
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let id = id_of(&ann).await;

        let before = Before::of(&server, "username_changed").await;
        assert_eq!(status(&ann, Method::POST, "/api/user/me/username", json!({ "username": "canary-name" })).await, 200);
        before.one_more().await;

        let (asked, before) = (Before::of(&server, "email_change_asked").await, Before::of(&server, "email_changed").await);
        let body = json!({ "email": "canary@example.com", "current_password": PASSWORD });
        assert_eq!(status(&ann, Method::POST, "/api/user/me/email", body).await, 202);
        asked.one_more().await;
        let token = links::tokens(&server, "verify", 3).await.pop().unwrap();
        assert_eq!(status(&server.visitor(), Method::POST, "/api/auth/verify", json!({ "token": token })).await, 204);
        before.one_more().await;

        let before = Before::of(&server, "password_changed").await;
        let body = json!({ "current_password": PASSWORD, "password": NEW });
        assert_eq!(status(&ann, Method::POST, "/api/user/me/password", body).await, 200);
        before.one_more().await;

        let (before, asked) = (Before::of(&server, "reset_done").await, Before::of(&server, "reset_asked").await);
        links::ask(&server.visitor(), "canary@example.com").await;
        let token = links::tokens(&server, "reset", 1).await.pop().unwrap();
        asked.one_more().await;
        assert_eq!(links::reset(&server.visitor(), &token, PASSWORD).await.status(), 204);
        before.one_more().await;
        assert_eq!(sign_in(&ann, "canary@example.com", PASSWORD).await.status(), 200);

        // One device, then all others.
        let other = server.visitor();
        assert_eq!(sign_in(&other, "canary@example.com", PASSWORD).await.status(), 200);
        let devices: Value = ann.get("/api/account/devices").send().await.unwrap().json().await.unwrap();
        let device = devices["items"].as_array().unwrap().iter().find(|one| one["is_current"] == false).unwrap();
        let path = format!("/api/account/devices/{}", device["id"].as_str().unwrap());
        for path in [path.as_str(), "/api/account/devices"] {
            let before = Before::of(&server, "session_revoked").await;
            assert!(status(&ann, Method::DELETE, path, json!({})).await < 300, "{path}");
            before.one_more().await;
        }

        let before = Before::of(&server, "api_key_made").await;
        let (key, secret) = make(&ann, "canary-key").await;
        before.one_more().await;
        let before = Before::of(&server, "api_key_revoked").await;
        assert_eq!(status(&ann, Method::DELETE, &format!("/api/account/keys/{key}"), json!({})).await, 204);
        before.one_more().await;
        let before = Before::of(&server, "api_key_refused").await;
        assert_eq!(with(&server, "X-API-Key", &secret, Method::GET, "/api/session").await.status(), 401);
        before.one_more().await;

        let before = Before::of(&server, "exported").await;
        assert_eq!(status(&ann, Method::GET, "/api/account/export", json!({})).await, 200);
        before.one_more().await;

        for path in ["/api/admin/users", "/api/admin/audit"] {
            let before = Before::of(&server, "admin_read").await;
            assert_eq!(status(&root, Method::GET, path, json!({})).await, 200);
            before.one_more().await;
        }
        let before = Before::of(&server, "group_changed").await;
        assert_eq!(change(&root, &id, &json!({ "group": "pro" })).await.status(), 200);
        before.one_more().await;
        let before = Before::of(&server, "account_disabled").await;
        assert_eq!(change(&root, &id, &json!({ "is_active": false })).await.status(), 200);
        before.one_more().await;

        let bob = links::newcomer(&server, "bob").await;
        let before = Before::of(&server, "account_deleted").await;
        let body = json!({ "current_password": PASSWORD });
        assert_eq!(status(&bob, Method::DELETE, "/api/account", body).await, 204);
        before.one_more().await;

        // What was refused is no such action.
        let before = count(&server, "group_changed").await;
        let cleo = links::newcomer(&server, "cleo").await;
        assert_eq!(change(&cleo, &id, &json!({ "group": "admin" })).await.status(), 403);
        assert_eq!(count(&server, "group_changed").await, before);

        let said = verify(&server, &[]).unwrap();
        assert!(said.contains("is whole"), "{said}");
        assert!(!server.log().contains("canary-another") && !said.contains("canary"));
    }

    async fn row_79_a_stolen_refresh_token_leaves_one_entry(engine: Engine) {
        let server = Server::start_with(engine, "echo", &[("PARLANCE_REFRESH_GRACE", "1s")]).await;
        server.member("ann").await;
        let mut ann = program(&server, "ann").await;
        let first = ann.refresh().to_owned();
        ann.tokens = ann.renew(&first).await.json().await.unwrap();
        let before = Before::of(&server, "refresh_reused").await;
        tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
        assert_eq!(ann.renew(&first).await.status(), 401);
        before.one_more().await;
        let about = "select count(*) from audit_events where kind = 'refresh_reused' \
                     and subject = (select id from users where username = 'ann') and address = '127.0.0.1'";
        assert_eq!(number(&server, about).await, 1);
    }

    async fn row_79_a_changed_row_and_a_cut_end_are_found(engine: Engine) {
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
async fn row_79_one_byte_in_the_file_is_enough() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    assert!(verify(&server, &[]).is_ok());
    assert!(server.terminate().await.success());
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
