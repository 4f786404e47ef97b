//! E1, 1: what a hash costs and what goes into it are settings that may change; hashes follow.

use crate::{
    accounts::{of_the_user, sign_in},
    harness::{
        Engine, Server,
        browser::{PASSWORD, email},
        intruder::{dump, holds},
        on_both,
    },
};

const PEPPER: &str = "cGVwcGVyIGNhbmFyeSwgMzIgYnl0ZXMgb2YgcGVwcGU=";
const FLOOR: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

on_both! {
    async fn row_1_a_hash_follows_the_settings_when_its_password_is_typed(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let first = of_the_user(&server, "password_hash").await.unwrap();
        assert!(first.starts_with(FLOOR), "{first}");
        let passes = [("PARLANCE_PASSWORD_PASSES", "3"), ("PARLANCE_PASSWORD_MEMORY_KIB", "20480")];
        let pepper = [("PARLANCE_PASSWORD_PEPPER", PEPPER)];
        for (settings, prefix) in [
            (&passes[..], "$argon2id$v=19$m=20480,t=3,p=1$"),
            (&pepper[..], "$argon2id$v=19$m=20480,t=3,p=1,keyid="),
        ] {
            server.kill();
            server.restart_with(settings);
            let ann = server.visitor();
            let before = of_the_user(&server, "password_hash").await.unwrap();
            assert_eq!(sign_in(&ann, &email("ann"), "another-horse-2").await.status(), 401);
            assert_eq!(of_the_user(&server, "password_hash").await.unwrap(), before, "a wrong one raises nothing");
            assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
            let after = of_the_user(&server, "password_hash").await.unwrap();
            assert!(after.starts_with(prefix), "{after}");
            assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
            assert_eq!(of_the_user(&server, "password_hash").await.unwrap(), after, "and stays");
        }
        let all = dump(&server).await;
        assert!(!holds(&all, b"pepper canary") && !holds(&all, PEPPER.as_bytes()));
        assert!(!server.log().contains(PEPPER));

        // With the database alone nobody can tell whether a password is right.
        server.kill();
        server.restart_with(&[("PARLANCE_PASSWORD_PEPPER", "")]);
        assert_eq!(sign_in(&server.visitor(), &email("ann"), PASSWORD).await.status(), 401);
        assert!(server.log().contains("another pepper"));
    }
}

#[tokio::test]
async fn row_1_what_is_cheaper_than_the_floor_starts_nothing() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    for (key, value) in [
        ("PARLANCE_PASSWORD_MEMORY_KIB", "8192"),
        ("PARLANCE_PASSWORD_PASSES", "1"),
        ("PARLANCE_PASSWORD_PEPPER", "short"),
    ] {
        let ended = server.run_with(&["check"], &[(key, value)]);
        assert!(!ended.status.success(), "{key}");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains(key), "{said}");
    }
}
