//! E4, 45: what the server must be able to read again is sealed, for its row, its person and its purpose.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    harness::{
        Engine, Server,
        intruder::{dump, execute, holds, number},
        on_both, totp,
    },
    vault::{enrol, use_code},
};

on_both! {
    async fn row_45_a_dump_holds_no_secret_and_swapped_ones_open_nothing(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let (hers, his) = (enrol(&ann).await, enrol(&bob).await);
        let all = dump(&server).await;
        for secret in [&hers, &his] {
            let bytes = totp::bytes(secret);
            for form in [secret.as_bytes(), &bytes, STANDARD.encode(&bytes).as_bytes()] {
                assert!(!holds(&all, form), "the database holds a secret");
            }
        }
        let swap = "create table swap as select user_id, secret from factors; \
                    update factors set secret = (select other.secret from swap other where other.user_id <> factors.user_id)";
        execute(&server, swap).await.unwrap();
        for (person, secret) in [(&ann, &hers), (&ann, &his), (&bob, &his), (&bob, &hers)] {
            assert_eq!(use_code(person, secret).await, 500);
        }
        assert!(!server.log().contains(&hers) && server.log().contains("belongs to another row"));
    }

    async fn row_45_keys_change_while_a_server_runs(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let secret = enrol(&ann).await;
        let file = server.data_dir().join("master.key");
        let before = std::fs::read_to_string(&file).unwrap();
        let rotated = server.run(&["keys", "rotate"]);
        assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
        let said = String::from_utf8(rotated.stdout).unwrap();
        for word in ["version 2", "wrapped anew          1", "under an older key    0"] {
            assert!(said.contains(word), "{said}");
        }
        let after = std::fs::read_to_string(&file).unwrap();
        assert!(after.starts_with(&before) && after.lines().count() == 2);
        assert_eq!(use_code(&ann, &secret).await, 200, "the running server opens what was wrapped anew");
        let bob = server.member("bob").await;
        enrol(&bob).await;
        let of_first = "select count(*) from factors where substr(secret, 2, 8) = \
                        (select fingerprint from master_keys where version = 1)";
        assert_eq!(number(&server, of_first).await, 0, "and seals with the new key");
        let again = server.run(&["keys", "rotate"]);
        assert!(String::from_utf8(again.stdout).unwrap().contains("version 3"));
    }
}
