//! The two ids that lead from a response to its log lines.
//!
//! Must not enter: characters that a log or a header could stumble over.

use axum::http::HeaderMap;
use uuid::Uuid;

/// Longest request id that is taken over, characters.
const REQUEST_ID_CHARS: usize = 64;

/// Ids of one request.
pub(super) struct Ids {
    /// The caller's `X-Request-ID` if it is `[A-Za-z0-9._-]{1,64}`, else made here.
    pub request: String,
    /// From `traceparent` (W3C Trace Context), else made here: 32 hex digits.
    pub trace: String,
}

impl Ids {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            request: header("x-request-id")
                .filter(|id| is_sane(id))
                .map_or_else(mint, str::to_owned),
            trace: header("traceparent")
                .and_then(trace_id)
                .map_or_else(mint, str::to_owned),
        }
    }
}

fn mint() -> String {
    Uuid::new_v4().simple().to_string()
}

fn is_sane(id: &str) -> bool {
    (1..=REQUEST_ID_CHARS).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; later versions may append fields. All zeros is no id.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut fields = traceparent.split('-');
    let (version, trace, parent) = (fields.next()?, fields.next()?, fields.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let well_formed =
        is_hex(version, 2) && version != "ff" && is_hex(trace, 32) && is_hex(parent, 16);
    (well_formed && trace.bytes().any(|byte| byte != b'0')).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn takes_over_what_is_sane_and_replaces_the_rest() {
        let ids = |request: &str, trace: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_str(request).unwrap());
            headers.insert("traceparent", HeaderValue::from_str(trace).unwrap());
            Ids::of(&headers)
        };
        let good = ids(
            "a.B_9-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        );
        assert_eq!(good.request, "a.B_9-x");
        assert_eq!(good.trace, "4bf92f3577b34da6a3ce929d0e0e4736");

        let long = "x".repeat(65);
        let bad = ids(
            &long,
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        );
        assert_ne!(bad.request, long);
        assert_eq!((bad.request.len(), bad.trace.len()), (32, 32));
        assert_ne!(bad.trace, "0".repeat(32));
        assert_ne!(ids("two words", "rubbish").request, "two words");
    }
}
