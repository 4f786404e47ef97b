//! Headers that every response carries, and the content security policies.
//!
//! Must not enter: decisions about a request; only what browsers are told.

mod reports;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::{assets::HASHED, state::Edge};
pub(super) use reports::{REPORTS, report};

/// For responses that are no documents, and for documents without scripts.
const CSP_BARE: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                        form-action 'none'; frame-ancestors 'none'";
/// Swagger UI: its own files, styles that it writes itself.
const CSP_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                        img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                        form-action 'none'; frame-ancestors 'none'; object-src 'none'";
/// Two years. Not for subdomains: other services of the owner may live there.
const HSTS: &str = "max-age=63072000";
const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), \
                           microphone=(), midi=(), payment=(), usb=()";

/// Policy of a page whose scripts carry `nonce`.
///
/// `'self'` is for browsers that do not know `'strict-dynamic'`; those that do ignore it.
/// `style-src-attr`: MathML and `style:` write style attributes, which no nonce can cover.
pub(super) fn page_csp(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; \
         font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'; object-src 'none'; report-uri {REPORTS}"
    )
}

/// Middleware for the API's documentation.
pub(super) async fn docs(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CSP_DOCS),
    );
    response
}

/// Middleware: what is missing from the response is added, what is there stays.
pub(super) async fn protect(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let is_below = request.uri().path().starts_with(HASHED);
    let mut response = next.run(request).await;
    let is_part = is_below && response.status().is_success();
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, CSP_BARE);
    default(header::CACHE_CONTROL, "no-store");
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    // Both speak to documents, and a first visit fetches a dozen scripts and the like: 2 KiB.
    if !is_part {
        default(HeaderName::from_static("permissions-policy"), PERMISSIONS);
        default(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
    }
    if edge.cookie.secure {
        default(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(build) = HeaderValue::from_str(&edge.site.assets.build) {
        headers.insert("x-build", build);
    }
    response
}
