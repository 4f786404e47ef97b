//! What a new account's fields may hold.

use serde_json::json;

use super::{register, sign_in};
use crate::harness::{Engine, Server, browser::PASSWORD, fields, header, problem};

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let long = |count: usize| "x".repeat(count);
    let cases = [
        (
            json!({}),
            vec!["email required", "password required", "username required"],
        ),
        (
            json!({ "username": "  ", "email": " ", "password": "", "password_confirmation": "" }),
            vec!["email required", "password required", "username required"],
        ),
        (
            json!({ "username": "ab", "email": "nope", "password": "abc1234" }),
            vec![
                "email malformed",
                "password too_short",
                "username too_short",
            ],
        ),
        (
            json!({ "username": long(51), "email": format!("{}@x.yz", long(96)), "password": long(257) }),
            vec!["email too_long", "password too_long", "username too_long"],
        ),
        (
            json!({ "username": "a\u{7}bc", "email": "a b@c.de", "password": "abcdefgh" }),
            vec![
                "email malformed",
                "password needs_letter_and_digit",
                "username malformed",
            ],
        ),
        (
            json!({ "username": "张", "email": "a@b@c.de", "password": "12345678" }),
            vec![
                "email malformed",
                "password needs_letter_and_digit",
                "username too_short",
            ],
        ),
        (
            json!({ "username": "ann", "email": "Ann <ann@example.com>", "password": PASSWORD,
                "password_confirmation": "correct-horse-2" }),
            vec!["email malformed", "password_confirmation mismatch"],
        ),
    ];
    for (body, expected) in cases {
        let visitor = server.visitor();
        let response = register(&visitor, &body).await;
        assert!(header(&response, "set-cookie").is_empty(), "{body}");
        let problem = problem(response, 422).await;
        assert_eq!(problem["code"], "validation", "{body}");
        assert_eq!(problem["success"], false, "{body}");
        assert!(problem["message"].is_string(), "{body}");
        assert_eq!(fields(&problem), expected, "{body}");
        assert!(
            !problem.to_string().contains(PASSWORD),
            "a password was repeated"
        );
    }
}

#[tokio::test]
async fn what_is_just_within_the_limits_is_accepted() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let email = |head: usize| format!("{}@{}.com", "a".repeat(head), "b".repeat(100 - 5 - head));
    for (name, email, password) in [
        ("李四".to_owned(), email(50), "pa55w-rd".to_owned()),
        (
            "bob".to_owned(),
            email(40),
            "only letters, but long".to_owned(),
        ),
        ("x".repeat(50), email(45), "密1".repeat(128)),
        ("名".repeat(50), email(60), "            1a".to_owned()),
    ] {
        let visitor = server.visitor();
        let body = json!({ "username": name, "email": email, "password": password });
        let response = register(&visitor, &body).await;
        assert_eq!(
            response.status(),
            201,
            "{body}: {}",
            response.text().await.unwrap()
        );
        // No part of a long password is dropped.
        let shorter = &password[..password.len() - 1];
        assert_eq!(
            sign_in(&visitor, &email, shorter).await.status(),
            401,
            "{body}"
        );
        assert_eq!(
            sign_in(&visitor, &email, &password).await.status(),
            200,
            "{body}"
        );
    }
}
