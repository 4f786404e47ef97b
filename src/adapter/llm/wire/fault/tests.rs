//! The dialects of refusal.

use serde_json::json;

use super::*;

fn code(status: u16, body: &Value) -> ProblemCode {
    refused(
        status,
        &HeaderMap::new(),
        body.to_string().as_bytes(),
        &Mask::default(),
    )
    .code
}

#[test]
fn understands_the_dialects_of_refusal() {
    let anthropic = |message: &str| json!({ "type": "error", "error": { "type": "invalid_request_error", "message": message } });
    let openai = |code: &str| json!({ "error": { "message": "no", "type": "invalid_request_error", "code": code } });
    for (status, body, expected) in [
        (
            400,
            openai("context_length_exceeded"),
            ProblemCode::ContextOverflow,
        ),
        (400, openai("content_filter"), ProblemCode::ContentFiltered),
        (
            400,
            json!({ "error": { "code": "data_inspection_failed" } }),
            ProblemCode::ContentFiltered,
        ),
        (
            400,
            json!({ "error": { "message": "Model Not Exist" } }),
            ProblemCode::ModelNotFound,
        ),
        (
            404,
            json!({ "error": "model \"x\" not found, try pulling it first" }),
            ProblemCode::ModelNotFound,
        ),
        (
            400,
            json!({ "object": "error", "message": "maximum context length is 8", "code": 400 }),
            ProblemCode::ContextOverflow,
        ),
        (
            422,
            json!({ "detail": [{ "msg": "field required" }] }),
            ProblemCode::UpstreamBadRequest,
        ),
        (401, openai("invalid_api_key"), ProblemCode::UpstreamAuth),
        (
            402,
            json!({ "error": { "message": "Insufficient Balance" } }),
            ProblemCode::UpstreamAuth,
        ),
        (408, json!({}), ProblemCode::UpstreamRateLimited),
        (
            429,
            json!({ "error": { "message": "context length per minute" } }),
            ProblemCode::UpstreamRateLimited,
        ),
        (
            529,
            json!({ "error": { "type": "overloaded_error" } }),
            ProblemCode::Upstream5xx,
        ),
        (302, json!({}), ProblemCode::UpstreamInvalid),
        (
            400,
            anthropic("input length and `max_tokens` exceed context limit: 1 + 2 > 2"),
            ProblemCode::ContextOverflow,
        ),
        (
            400,
            anthropic("Output blocked by content filtering policy"),
            ProblemCode::ContentFiltered,
        ),
        (
            400,
            json!([{ "error": { "code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
                "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }] } }]),
            ProblemCode::UpstreamAuth,
        ),
        (
            400,
            json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT",
                "message": "The input token count (9) exceeds the maximum number of tokens allowed (8)." } }),
            ProblemCode::ContextOverflow,
        ),
    ] {
        assert_eq!(code(status, &body), expected, "{status} {body}");
    }
}

#[test]
fn understands_errors_within_an_answer() {
    for (body, expected) in [
        (
            json!({ "error": { "message": "x", "type": "server_error" } }),
            ProblemCode::Upstream5xx,
        ),
        (
            json!({ "error": { "message": "x", "code": 429 } }),
            ProblemCode::UpstreamRateLimited,
        ),
        (
            json!({ "error": { "message": "x", "code": "502" } }),
            ProblemCode::Upstream5xx,
        ),
        (
            json!({ "error": { "type": "rate_limit_error" } }),
            ProblemCode::UpstreamRateLimited,
        ),
        (
            json!({ "error": "prompt is too long" }),
            ProblemCode::ContextOverflow,
        ),
    ] {
        assert_eq!(
            told(&body["error"], &Mask::default()).map(|error| error.code),
            Some(expected),
            "{body}"
        );
    }
    let google = json!({ "code": 503, "message": "overloaded", "status": "UNAVAILABLE" });
    let google = told(&google, &Mask::default()).expect("an error");
    assert_eq!(google.code, ProblemCode::Upstream5xx);
    for nothing in [json!(null), json!("")] {
        assert!(told(&nothing, &Mask::default()).is_none());
    }
    let page = no_answer(b"<html>Sign in to the Wi-Fi</html>", &Mask::default());
    assert_eq!(page.code, ProblemCode::UpstreamInvalid);
}

#[test]
fn reads_both_forms_of_retry_after() {
    let wait = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::DATE,
            "Fri, 20 Nov 2026 10:00:00 GMT".parse().expect("a header"),
        );
        headers.insert(header::RETRY_AFTER, value.parse().expect("a header"));
        retry_after(&headers)
    };
    assert_eq!(wait("7"), Some(Duration::from_secs(7)));
    assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
    assert_eq!(
        wait("Fri, 20 Nov 2026 10:00:30 GMT"),
        Some(Duration::from_secs(30))
    );
    assert_eq!(wait("Fri, 20 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
    assert_eq!(wait("99999999999"), Some(Duration::from_secs(86_400)));
    for nonsense in ["soon", "-1", "NaN", "1e999"] {
        assert_eq!(wait(nonsense), None, "{nonsense}");
    }
}
#[test]
fn reads_when_to_come_back_from_the_body_too() {
    let info = "type.googleapis.com/google.rpc.RetryInfo";
    let body = json!({ "error": { "code": 429, "details": [{ "@type": "x" }, { "@type": info, "retryDelay": "8.5s" }] } });
    let refused = |headers: &HeaderMap| {
        refused(429, headers, body.to_string().as_bytes(), &Mask::default()).retry_after
    };
    assert_eq!(
        refused(&HeaderMap::new()),
        Some(Duration::from_millis(8_500))
    );
    let told = HeaderMap::from_iter([(header::RETRY_AFTER, 3.into())]);
    assert_eq!(refused(&told), Some(Duration::from_secs(3)));
    for nonsense in ["8", "-1s", "soon", "NaNs"] {
        assert_eq!(seconds(nonsense), None, "{nonsense}");
    }
}
