//! What browsers report of a page that broke its policy: either a mistake of ours or somebody's attempt.
//!
//! Anybody may send such a report, so of what it says only the directive, the origin of what was stopped and the page are
//! noted. Must not enter: samples of scripts and whole addresses; they may hold what people wrote.

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
};
use parlance_core::domain::ProblemCode;
use serde_json::Value;

use crate::web::{error::Fault, request::masked};

/// Where browsers send them (CSP level 3 §6.6; the older form, which all of them know).
pub(in crate::web) const REPORTS: &str = "/api/csp-reports";

/// Far more than a browser sends.
const MOST_BYTES: usize = 16 * 1024;
/// Of each thing that is noted.
const MOST_CHARS: usize = 100;
const KINDS: [&str; 3] = [
    "application/csp-report",
    "application/reports+json",
    "application/json",
];

/// Notes a report in the log.
pub(in crate::web) async fn report(headers: HeaderMap, body: Bytes) -> Result<StatusCode, Fault> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok()?.split(';').next());
    if !kind.is_some_and(|kind| KINDS.contains(&kind.trim().to_ascii_lowercase().as_str())) {
        return Err(Fault::new(ProblemCode::UnsupportedMediaType));
    }
    if body.len() > MOST_BYTES {
        return Err(Fault::new(ProblemCode::TooLarge));
    }
    let report: Value =
        serde_json::from_slice(&body).map_err(|_| Fault::new(ProblemCode::BadRequest))?;
    let Noted {
        directive,
        blocked,
        page,
    } = Noted::of(&report).ok_or_else(|| Fault::new(ProblemCode::BadRequest))?;
    tracing::warn!(directive, blocked, page, "a page broke its policy");
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, PartialEq, Eq)]
struct Noted {
    directive: String,
    blocked: String,
    page: String,
}

impl Noted {
    /// From either of the two forms there are.
    fn of(report: &Value) -> Option<Self> {
        let body = report
            .get("csp-report")
            .or_else(|| report.get("body"))
            .or_else(|| report.get(0)?.get("body"))?;
        let text = |names: [&str; 2]| {
            let found = names.into_iter().find_map(|name| body.get(name)?.as_str());
            found.unwrap_or_default()
        };
        Some(Self {
            directive: short(text(["effective-directive", "effectiveDirective"])),
            blocked: short(origin(text(["blocked-uri", "blockedURL"]))),
            page: short(&masked(path(text(["document-uri", "documentURL"])))),
        })
    }
}

/// `inline` and `eval` stay; of an address scheme and host do.
fn origin(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address
            .split([':', '/', '?', '#'])
            .next()
            .unwrap_or_default();
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    &address[..scheme.len() + "://".len() + host.len()]
}

fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |start| &rest[start..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

fn short(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MOST_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn notes_the_place_and_no_content() {
        let noted = Noted {
            directive: "script-src-elem".to_owned(),
            blocked: "https://evil.example".to_owned(),
            page: "/chat".to_owned(),
        };
        let old = json!({ "csp-report": {
            "effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/x?secret",
            "document-uri": "https://chat.example/chat?q=secret", "script-sample": "secret",
        }});
        assert_eq!(Noted::of(&old).unwrap(), noted);
        let new = json!([{ "type": "csp-violation", "body": {
            "effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x?secret",
            "documentURL": "https://chat.example/chat?q=secret", "sample": "secret",
        }}]);
        assert_eq!(Noted::of(&new).unwrap(), noted);
        assert_eq!(Noted::of(&json!({ "a": 1 })), None);
        assert_eq!(Noted::of(&json!([])), None);
    }

    #[test]
    fn keeps_words_and_drops_data() {
        assert_eq!(origin("inline"), "inline");
        assert_eq!(origin("data:text/html,secret"), "data");
        assert_eq!(origin("https://a.example?x"), "https://a.example");
        assert_eq!(short("a\nb\u{1b}c"), "abc");
        assert_eq!(path("about:blank"), "");
    }
}
