//! 24: what is open follows the rights of now.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{
        cut,
        people::{change, id_of},
        program,
        setup::admin,
        sign_in,
    },
    doors::socket::{Socket, ticket},
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        on_both, refused,
    },
};

/// Both sockets of a person, open.
async fn sockets(server: &Server, person: &Browser) -> [Socket; 2] {
    let session = person.conversation().await;
    let mut sockets = [
        Socket::session(server, person, &session).await,
        Socket::chat(server, person).await,
    ];
    for socket in &mut sockets {
        socket.find("hello").await;
    }
    sockets
}

/// All are told why, and closed, within a second.
async fn closed(sockets: [Socket; 2], since: Instant) {
    for mut socket in sockets {
        assert_eq!(socket.find("bye").await["data"]["reason"], "revoked");
        assert_eq!(socket.closed().await, Some(4401));
    }
    let took = since.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

on_both! {
    async fn row_24_another_group_reaches_open_streams_at_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let id = id_of(&ann).await;
        let conversation = ann.conversation().await;
        let stream = ann.follow(&conversation, None).await;
        let response = change(&root, &id, &json!({ "group": "pro" })).await;
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["group"], &body["is_active"]), (&json!("pro"), &json!(true)));
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "a new session for new rights");
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let me: Value = ann.get("/api/user/me").send().await.unwrap().json().await.unwrap();
        assert_eq!(me["group"], "pro");

        for (body, status) in [(json!({ "group": "root" }), 422), (json!({}), 422), (json!({ "role": "x" }), 422)] {
            assert_eq!(change(&root, &id, &body).await.status(), status, "{body}");
        }
        let oneself = change(&root, &id_of(&root).await, &json!({ "group": "user" })).await;
        assert_eq!(refused(oneself, 409).await, "conflict");
        let nobody = change(&root, &uuid::Uuid::now_v7().to_string(), &json!({ "group": "pro" })).await;
        assert_eq!(nobody.status(), 404);
    }

    async fn row_24_who_is_shut_out_loses_everything_at_once_and_nothing_for_good(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let far = program(&server, "ann").await;
        let id = id_of(&ann).await;
        let conversation = ann.conversation().await;
        ann.say(&conversation, "hello").await;
        let stream = ann.follow(&conversation, None).await;
        let shut = change(&root, &id, &json!({ "is_active": false })).await;
        assert_eq!(shut.status(), 200);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!((far.get("/api/session").await.status().as_u16(), far.renew(far.refresh()).await.status().as_u16()), (401, 401));
        let refusal = sign_in(&ann, &email("ann"), PASSWORD).await;
        assert_eq!(refused(refusal, 401).await, "invalid_credentials");

        assert_eq!(change(&root, &id, &json!({ "is_active": true })).await.status(), 200);
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let opened = ann.open(&conversation).await;
        assert_eq!(opened["messages"][0]["content"], "hello");
    }

    async fn row_24_another_group_and_a_ban_close_sockets_at_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let id = id_of(&ann).await;
        for what in [json!({ "group": "admin" }), json!({ "group": "user" }), json!({ "is_active": false })] {
            let unused = ticket(&ann).await;
            let open = sockets(&server, &ann).await;
            let since = Instant::now();
            assert_eq!(change(&root, &id, &what).await.status(), 200, "{what}");
            closed(open, since).await;
            let path = format!("/api/chat/ws/chat?token={unused}");
            let mut late = Socket::open(&server.base, &path, &[]).await.unwrap();
            assert_eq!(late.closed().await, Some(4401), "a ticket of before {what}");
            assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "{what}");
            let again = sign_in(&ann, &email("ann"), PASSWORD).await;
            assert_eq!(again.status(), if what["is_active"] == false { 401 } else { 200 });
        }
    }

    /// CVE-2026-44553: a demoted admin kept a live socket, and with it the rights.
    async fn row_24_a_demoted_admin_is_none_by_any_way(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let id = id_of(&ann).await;
        assert_eq!(change(&root, &id, &json!({ "group": "admin" })).await.status(), 200);
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let far = program(&server, "ann").await;
        assert_eq!(ann.get("/api/admin/users").send().await.unwrap().status(), 200);
        assert_eq!(far.get("/api/admin/users").await.status(), 200);
        assert_eq!(change(&root, &id, &json!({ "group": "user" })).await.status(), 200);
        for status in [
            ann.get("/api/admin/users").send().await.unwrap().status(),
            far.get("/api/admin/users").await.status(),
            far.renew(far.refresh()).await.status(),
        ] {
            assert_eq!(status, 401);
        }
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        for path in ["/api/admin/users", "/api/admin/audit", "/api/admin/groups"] {
            let refusal = ann.get(path).send().await.unwrap();
            assert_eq!(refused(refusal, 403).await, "forbidden", "{path}");
        }
        let refusal = ann.request(Method::PATCH, &format!("/api/admin/users/{id}")).json(&json!({ "group": "admin" }));
        assert_eq!(refused(refusal.send().await.unwrap(), 403).await, "forbidden");
        let me: Value = ann.get("/api/user/me").send().await.unwrap().json().await.unwrap();
        assert_eq!(me["group"], "user");
    }
}
