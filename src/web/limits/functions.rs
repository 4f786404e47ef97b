//! The door of the server functions, where the library that serves them is more trusting or less telling than we are:
//! what kind of body they read, where they lead a form that they cannot read, and the status of such a refusal.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Problem, ProblemCode};

use crate::web::{csrf, error::Fault, request::Own, state::Edge};

/// Where the library marks its refusals.
const MARK: &str = "serverfnerror";
/// A refusal holds a sentence or two.
const MOST_BYTES: usize = 64 * 1024;

/// Middleware for what lies below `/rpc/`; everything else passes.
pub(in crate::web) async fn functions(
    State(edge): State<Edge>,
    mut request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with("/rpc/") {
        return next.run(request).await;
    }
    let is_posted = *request.method() == Method::POST && !http_is_empty(&request);
    if is_posted && !is_form(request.headers()) {
        return Fault::new(ProblemCode::UnsupportedMediaType)
            .detail("Send the body as application/x-www-form-urlencoded.")
            .into_response();
    }
    // The library leads a form that it cannot read back to whatever page says that it was there.
    let own = csrf::own_origin(&edge, request.extensions().get::<Own>());
    if !is_from(request.headers(), &own) {
        request.headers_mut().remove(header::REFERER);
    }
    told(next.run(request).await).await
}

fn http_is_empty(request: &Request) -> bool {
    use axum::body::HttpBody as _;
    request.body().is_end_stream()
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| {
        kind.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Whether the page that a request was made on is one of `own`.
fn is_from(headers: &HeaderMap, own: &str) -> bool {
    let page = headers.get(header::REFERER).map(|value| value.as_bytes());
    page.and_then(|page| page.strip_prefix(own.as_bytes()))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Gives a refusal the status that it speaks of: what could not be read is no fault of ours.
async fn told(response: Response) -> Response {
    let is_bare = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.headers().contains_key(MARK);
    if !is_bare {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return Fault::new(ProblemCode::Internal).into_response();
    };
    let status = serde_json::from_slice::<Problem>(&body).map(|problem| problem.status);
    if let Ok(status) = StatusCode::from_u16(status.unwrap_or_default()) {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn knows_a_form() {
        let form = |kind| is_form(&headers(header::CONTENT_TYPE, kind));
        assert!(form("application/x-www-form-urlencoded"));
        assert!(form("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
        for other in ["text/plain", "application/json", "multipart/form-data", ""] {
            assert!(!form(other), "{other}");
        }
        assert!(!is_form(&HeaderMap::new()));
    }

    #[test]
    fn knows_its_own_pages() {
        let from = |page| is_from(&headers(header::REFERER, page), "http://h:3000");
        assert!(from("http://h:3000/chat") && from("http://h:3000"));
        for foreign in [
            "https://h:3000/",
            "http://h:30001/",
            "http://h:3000.evil.example/",
            "https://evil.example/",
            "",
        ] {
            assert!(!from(foreign), "{foreign}");
        }
    }

    #[tokio::test]
    async fn a_refusal_has_the_status_that_it_speaks_of() {
        let problem = serde_json::to_string(&Problem::new(ProblemCode::BadRequest)).unwrap();
        let refused = |mark: &'static str, body: String| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            (status, [(mark, "/rpc/x")], body).into_response()
        };
        assert_eq!(told(refused(MARK, problem.clone())).await.status(), 400);
        assert_eq!(
            told(refused(MARK, "rubbish".to_owned())).await.status(),
            500
        );
        assert_eq!(told(refused("x-other", problem)).await.status(), 500);
    }
}
