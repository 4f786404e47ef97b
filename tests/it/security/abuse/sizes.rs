//! How large, how deep, how slow, and of what kind: 68 and 69.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use reqwest::Method;

use super::own;
use crate::{
    accounts::setup::admin,
    harness::{Engine, Server, on_both, refused},
    security::routes::{functions, operations},
};

const KIB: usize = 1024;

/// Says these bytes on a bare socket and hears what comes back, until the server hangs up or falls silent.
fn say(base: &str, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    // The server may have hung up before all of it was written.
    let _ = socket.write_all(bytes);
    let (mut heard, mut piece) = (Vec::new(), [0; 4 * KIB]);
    while let Ok(length @ 1..) = socket.read(&mut piece) {
        heard.extend_from_slice(&piece[..length]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

on_both! {
    async fn row_68_heads_are_bounded_in_number_and_size(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let cookie = |bytes: usize| {
            visitor
                .get("/api/session")
                .header("Cookie", "x".repeat(bytes))
        };
        assert_eq!(cookie(8 * KIB).send().await.unwrap().status(), 401);
        assert_eq!(
            refused(cookie(17 * KIB).send().await.unwrap(), 431).await,
            "headers_too_large"
        );
        let mut many = visitor.get("/api/session");
        for number in 0..70 {
            many = many.header(format!("x-{number}"), "y");
        }
        assert_eq!(
            refused(many.send().await.unwrap(), 431).await,
            "headers_too_large"
        );
        let long = visitor.get(&format!(
            "/api/conversations?cursor={}",
            "x".repeat(33 * KIB)
        ));
        assert_eq!(
            refused(long.send().await.unwrap(), 414).await,
            "address_too_long"
        );
        let lawful = visitor.get(&format!("/chat?q={}", "x".repeat(8 * KIB)));
        assert_eq!(lawful.send().await.unwrap().status(), 303);
        let huge = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
            "x".repeat(200 * KIB)
        );
        assert!(say(&server.base, huge.as_bytes()).starts_with("HTTP/1.1 431"));
        assert!(server.is_well().await);
    }
}

on_both! {
    async fn row_68_json_is_nested_sixty_four_deep_at_the_most(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        // An admin: at their doors a body is looked at only then.
        let ann = admin(&server).await;
        let own = own(&ann).await;
        for operation in operations(&ann)
            .await
            .iter()
            .filter(|one| !one.bodies.is_empty())
        {
            for body in [
                format!("{{\"x\":{}{}}}", "[".repeat(64), "]".repeat(64)),
                "{\"x\":".repeat(65),
                "[".repeat(500_000),
            ] {
                let mut request = operation.request(&ann, &own, None).build().unwrap();
                *request.body_mut() = Some(body.into());
                request.headers_mut().remove("content-length");
                let answer = ann.http.execute(request).await.unwrap();
                assert_eq!(
                    refused(answer, 400).await,
                    "bad_request",
                    "{}",
                    operation.words()
                );
            }
        }
        assert!(server.is_well().await);
    }
}

on_both! {
    async fn row_68_other_content_types_are_refused_wherever_a_body_is_read(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        // An admin: at their doors a body is looked at only then.
        let ann = admin(&server).await;
        let own = own(&ann).await;
        let mut tried = 0;
        for operation in operations(&ann)
            .await
            .iter()
            .filter(|one| !one.bodies.is_empty())
        {
            for kind in [
                "text/plain",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
            ] {
                let mut request = operation.request(&ann, &own, None).build().unwrap();
                request
                    .headers_mut()
                    .insert("content-type", kind.parse().unwrap());
                let answer = ann.http.execute(request).await.unwrap();
                assert_eq!(
                    refused(answer, 415).await,
                    "unsupported_media_type",
                    "{} {kind}",
                    operation.words()
                );
                tried += 1;
            }
        }
        assert!(tried >= 40, "{tried}");
        for function in functions().iter().filter(|function| !function.is_read) {
            for kind in [
                "text/plain",
                "application/json",
                "multipart/form-data; boundary=x",
            ] {
                let request = ann
                    .post(&function.path)
                    .header("Content-Type", kind)
                    .body("{\"x\":1}");
                assert_eq!(
                    refused(request.send().await.unwrap(), 415).await,
                    "unsupported_media_type",
                    "{function:?}"
                );
            }
        }
        let shared = ann
            .http
            .post(format!("{}/share-in", ann.base))
            .header("Sec-Fetch-Site", "none");
        let shared = shared.header("Content-Type", "text/plain").body("x");
        assert_eq!(
            refused(shared.send().await.unwrap(), 415).await,
            "unsupported_media_type"
        );
    }
}

on_both! {
    async fn row_68_a_body_that_dribbles_is_cut_off(engine: Engine) {
        let mut server =
            Server::start_with(engine, "echo", &[("PARLANCE_BODY_MS", "400")]).await;
        for (path, kind) in [
            ("/api/auth/login", "application/json"),
            (
                "/rpc/parlance_ui/rpc/accounts/login",
                "application/x-www-form-urlencoded",
            ),
        ] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{"
            );
            let begun = Instant::now();
            let heard = say(&server.base, head.as_bytes());
            assert!(heard.starts_with("HTTP/1.1 408"), "{path}: {heard}");
            assert!(
                heard.contains("too_slow") && begun.elapsed() < Duration::from_secs(8),
                "{heard}"
            );
        }
        assert!(server.is_well().await);
    }
}

on_both! {
    async fn row_69_no_body_harms_more_than_its_own_request(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let pid = server.pid();
        let bodies: [&[u8]; 9] = [
            b"",
            b"\0",
            b"\xff\xfe\xfd",
            b"=",
            b"&&&===&",
            b"%",
            b"%zz=%u1234",
            b"x[0][1][2]=3&x[]=4&x[a]=5",
            b"conversation_id=\0&text=%00&page=%ff&ids[999999999]=x",
        ];
        for function in functions() {
            // A fresh account each: some of them may be signed out by what is sent.
            let browser = server.visitor();
            let method = if function.is_read {
                Method::GET
            } else {
                Method::POST
            };
            for body in bodies {
                let request = browser.request(method.clone(), &function.path);
                let request = if function.is_read {
                    let query: String = body.iter().map(|byte| format!("%{byte:02x}")).collect();
                    browser.get(&format!("{}?{query}", function.path))
                } else {
                    request
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .body(body)
                };
                let status = request.send().await.unwrap().status().as_u16();
                assert!(status < 500, "{status} for {function:?} {body:?}");
            }
        }
        assert!(server.is_well().await);
        assert_eq!(server.pid(), pid);
    }
}
