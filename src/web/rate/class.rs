//! What a request is for, as far as limits care.

use axum::http::Method;

/// Kinds of requests that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Class {
    /// Costs a password hash, or sends a letter.
    Entrance,
    /// Makes a model write.
    Sends,
    /// Any other change.
    Writes,
    Reads,
    /// Opens a stream or a socket.
    Streams,
}

/// Last words of the addresses that make a model write; siblings belong here as soon as they exist.
const SENDS: [&str; 12] = [
    "answer_again",
    "chat",
    "send",
    "messages",
    "regenerate",
    "continue",
    "fork",
    "duplicate",
    "generate_title",
    "go_on",
    "test",
    "test_model",
];
/// Last words of the other addresses where people come in.
const DOORS: [&str; 4] = ["login", "register", "factor", "refresh"];

impl Class {
    /// The class of a request. What nobody thought of is an ordinary read or change.
    pub(in crate::web) fn of(method: &Method, path: &str) -> Self {
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_api = path.starts_with("/api/");
        let is_function = path.starts_with("/rpc/");
        if path.starts_with("/ws/") || (is_api && path.ends_with("/ws/chat")) {
            return Self::Streams;
        }
        if matches!(
            *method,
            Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
        ) {
            return if is_api && last == "stream" {
                Self::Streams
            } else {
                Self::Reads
            };
        }
        if is_api && path.contains("/auth/") && last != "logout"
            || (is_api || is_function) && DOORS.contains(&last)
        {
            return Self::Entrance;
        }
        if (is_api || is_function) && SENDS.contains(&last) {
            return Self::Sends;
        }
        Self::Writes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_request_is_for() {
        for (method, path, class) in [
            (Method::GET, "/chat", Class::Reads),
            (
                Method::GET,
                "/api/v1/conversations/1/stream",
                Class::Streams,
            ),
            (Method::GET, "/api/stream", Class::Streams),
            (Method::GET, "/api/chat/ws/chat", Class::Streams),
            (Method::CONNECT, "/ws/chat/1", Class::Streams),
            (Method::GET, "/api/conversations/1/messages", Class::Reads),
            (Method::POST, "/api/auth/login", Class::Entrance),
            (Method::POST, "/api/v1/auth/reset", Class::Entrance),
            (Method::POST, "/api/v1/user/login", Class::Entrance),
            (
                Method::POST,
                "/rpc/parlance_ui/rpc/accounts/login",
                Class::Entrance,
            ),
            (Method::POST, "/api/auth/logout", Class::Writes),
            (
                Method::POST,
                "/rpc/parlance_ui/rpc/accounts/logout",
                Class::Writes,
            ),
            (
                Method::POST,
                "/api/v1/conversations/1/messages",
                Class::Sends,
            ),
            (Method::POST, "/api/messages/1/regenerate", Class::Sends),
            (Method::POST, "/api/messages/1/continue", Class::Sends),
            (Method::POST, "/api/chat", Class::Sends),
            (Method::POST, "/api/chat/send", Class::Sends),
            (Method::POST, "/rpc/parlance_ui/rpc/chat/send", Class::Sends),
            (Method::DELETE, "/api/conversations/1", Class::Writes),
            (Method::POST, "/api/generations/1/stop", Class::Writes),
            (Method::POST, "/share-in", Class::Writes),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }

    /// A reply that is asked for is answered with its ids or its events; every operation that answers so is one.
    #[test]
    fn no_operation_that_makes_a_model_write_is_forgotten() {
        let api = serde_json::to_value(crate::web::api::openapi()).unwrap();
        let mut asked = 0;
        for (path, item) in api["paths"].as_object().unwrap() {
            let Some(operation) = item.get("post") else {
                continue;
            };
            let text = operation["responses"].to_string();
            if text.contains("schemas/Taken") || text.contains("schemas/Event\"") {
                asked += 1;
                let class = Class::of(&Method::POST, &format!("/api/v1{path}"));
                assert_eq!(class, Class::Sends, "{path}");
            }
        }
        assert!(asked >= 5, "{asked}");
    }
}
