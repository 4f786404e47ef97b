//! The one way from a refusal to a response.
//!
//! A handler answers with a [`Fault`]; what the reader gets of it (problem JSON or a page, with the
//! request's id) is written once, by [`present`], when the response leaves.
//! Must not enter: texts about particular cases; those are the services' and the catalogue's.

pub(super) mod page;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use parlance_core::domain::{FieldCode, Problem, ProblemCode};
use parlance_server::service;
use parlance_ui::i18n::Locale;
use serde::Serialize;

/// A refused request.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<Problem>);

/// Marks responses of the routes whose clients also look for `success` and `message`.
#[derive(Clone, Copy)]
struct Enveloped;

impl Fault {
    pub(super) fn new(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }

    pub(super) fn detail(self, detail: impl Into<String>) -> Self {
        self.0.detail(detail).into()
    }

    pub(super) fn field(name: &str, code: FieldCode) -> Self {
        Problem::new(ProblemCode::Validation)
            .field(name, code)
            .into()
    }

    /// The same with other names for the fields, as the door at hand calls them: pairs of the service's
    /// name and the door's.
    pub(super) fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        for (service, door) in names {
            if let Some(field) = self.0.fields.remove(*service) {
                self.0.fields.insert((*door).to_owned(), field);
            }
        }
        self
    }

    /// What the reader is told, with when to come back where that helps.
    pub(super) fn into_problem(self) -> Problem {
        let mut problem = *self.0;
        problem.retry_after_ms = problem.retry_after_ms.or(patience_ms(problem.code));
        problem
    }
}

/// How long a client should wait before it tries again, milliseconds, where waiting helps.
fn patience_ms(code: ProblemCode) -> Option<u64> {
    match code {
        // What takes the place of a server that ends is there within seconds.
        ProblemCode::Draining
        | ProblemCode::QueueFull
        | ProblemCode::StreamLimit
        | ProblemCode::RateLimited => Some(5_000),
        ProblemCode::StorageUnavailable => Some(2_000),
        _ => None,
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<service::Error> for Fault {
    fn from(error: service::Error) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Lets the refusals of a group of routes carry `success: false` and `message` too.
pub(super) async fn envelop(mut response: Response) -> Response {
    response.extensions_mut().insert(Enveloped);
    response
}

/// Who reads the response.
pub(super) struct Reader<'a> {
    pub path: &'a str,
    pub accepts_html: bool,
    pub locale: Locale,
    pub request_id: &'a str,
    /// Address of the style sheet, empty if the site was not built.
    pub css: &'a str,
}

/// Writes the body of a refusal; every other response passes.
pub(super) fn present(mut response: Response, reader: &Reader<'_>) -> Response {
    let Some(fault) = response.extensions_mut().remove::<Fault>() else {
        return response;
    };
    let mut problem = fault.into_problem();
    problem.request_id = Some(reader.request_id.to_owned());
    if let Some(milliseconds) = problem.retry_after_ms {
        let seconds = milliseconds.div_ceil(1_000).max(1);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let is_api = super::router::is_api(reader.path);
    let (kind, body) = if !is_api && reader.accepts_html {
        (
            "text/html; charset=utf-8",
            page::render(&problem, reader.locale, reader.css),
        )
    } else {
        let enveloped = response.extensions().get::<Enveloped>().is_some();
        ("application/problem+json", json(&problem, enveloped))
    };
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

/// Whether the client asked for a page.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

/// Whether `Accept` names this media type. A wildcard does not: it says that anything will do.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value.split(',').any(|range| {
                range
                    .split(';')
                    .next()
                    .is_some_and(|name| name.trim().eq_ignore_ascii_case(media_type))
            })
        })
}

fn json(problem: &Problem, enveloped: bool) -> String {
    #[derive(Serialize)]
    struct Envelope<'a> {
        #[serde(flatten)]
        problem: &'a Problem,
        success: bool,
        message: String,
    }
    let text = if enveloped {
        serde_json::to_string(&Envelope {
            problem,
            success: false,
            message: problem.to_string(),
        })
    } else {
        serde_json::to_string(problem)
    };
    text.expect("a problem has string keys and no values that JSON lacks")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn reader(path: &str, accepts_html: bool) -> Reader<'_> {
        Reader {
            path,
            accepts_html,
            locale: Locale::En,
            request_id: "r-1",
            css: "/pkg/main.css",
        }
    }

    #[tokio::test]
    async fn the_api_answers_with_problem_json_even_to_browsers() {
        let fault: Fault = Problem {
            retry_after_ms: Some(1_200),
            ..Problem::new(ProblemCode::StreamLimit)
        }
        .into();
        let response = present(fault.into_response(), &reader("/api/v1/x", true));
        assert_eq!(response.status(), 429);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        assert_eq!(response.headers()["retry-after"], "2");
        let text = body(response).await;
        assert!(
            text.contains(r#""request_id":"r-1""#) && text.contains(r#""code":"stream_limit""#),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_server_that_ends_says_when_to_come_back() {
        let fault = Fault::new(ProblemCode::Draining);
        let response = present(fault.into_response(), &reader("/api/v1/x", false));
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "5");
        let text = body(response).await;
        assert!(text.contains(r#""retry_after_ms":5000"#), "{text}");
    }

    #[test]
    fn fields_bear_the_names_of_their_door() {
        let fault = Fault::field("content", FieldCode::Required);
        let problem = fault
            .renamed(&[("content", "message"), ("x", "y")])
            .into_problem();
        assert_eq!(problem.fields.keys().collect::<Vec<_>>(), ["message"]);
    }

    #[tokio::test]
    async fn people_get_a_page() {
        let response = present(
            Fault::new(ProblemCode::CrossSite).into_response(),
            &reader("/rpc/x", true),
        );
        assert_eq!(response.status(), 403);
        assert_eq!(
            response.headers()["content-type"],
            "text/html; charset=utf-8"
        );
        assert!(body(response).await.contains("r-1"));
    }

    #[tokio::test]
    async fn enveloped_refusals_say_success_false() {
        let response = envelop(Fault::field("email", FieldCode::Malformed).into_response()).await;
        let text = body(present(response, &reader("/api/auth/register", false))).await;
        assert!(
            text.contains(r#""success":false"#) && text.contains(r#""fields":{"email""#),
            "{text}"
        );
    }

    #[test]
    fn a_wildcard_is_no_wish_for_html() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("application/json, */*"),
        );
        assert!(!accepts_html(&headers));
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/html,application/xml;q=0.9"),
        );
        assert!(accepts_html(&headers));
        assert!(!accepts(&headers, "text/event-stream"));
    }
}
