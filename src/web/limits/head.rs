//! The head of a request: how long its address, how many and how large its header fields may be.
//!
//! hyper has bounds of its own, four times as wide, beyond which nobody gets an answer in our format.

use axum::{
    extract::Request,
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use parlance_core::domain::{ProblemCode, limits};

use crate::web::error::Fault;

/// Middleware: refuses what is too large before anything is read from it.
pub(in crate::web) async fn head(request: Request, next: Next) -> Response {
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| address.as_str().len() > limits::ADDRESS_BYTES) {
        return Fault::new(ProblemCode::AddressTooLong).into_response();
    }
    if is_too_large(request.headers()) {
        return Fault::new(ProblemCode::HeadersTooLarge).into_response();
    }
    next.run(request).await
}

fn is_too_large(headers: &HeaderMap) -> bool {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    headers.len() > limits::HEADER_FIELDS || bytes > limits::HEADER_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn counts_fields_and_bytes() {
        let headers = |fields: usize, bytes: usize| {
            let mut headers = HeaderMap::new();
            for _ in 0..fields {
                let value = HeaderValue::from_str(&"x".repeat(bytes)).unwrap();
                headers.append(HeaderName::from_static("x"), value);
            }
            is_too_large(&headers)
        };
        assert!(!headers(64, 255));
        assert!(headers(64, 256));
        assert!(headers(65, 1));
        assert!(headers(1, 16 * 1024));
        assert!(!headers(1, 16 * 1024 - 1));
    }
}
