//! Which of a file's encodings a client is sent (RFC 9110 §12.5.3).
//!
//! Must not enter: compressing; the build tool did that.

use axum::http::{HeaderMap, header};

/// How the bytes on the wire are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The smallest of the existing ones that the client accepts. Weights other than 0 are not
    /// compared: every client that takes brotli is best served with it.
    pub(super) fn choose(request: &HeaderMap, has_br: bool, has_gz: bool) -> Self {
        if has_br && accepts(request, "br") {
            Self::Brotli
        } else if has_gz && accepts(request, "gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// As `Content-Encoding` says it.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// End of the twin's file name.
    pub(super) fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some(".br"),
            Self::Gzip => Some(".gz"),
            Self::Identity => None,
        }
    }
}

fn accepts(request: &HeaderMap, coding: &str) -> bool {
    let mut any = false;
    let codings = request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    for range in codings.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts
            .filter_map(|parameter| parameter.strip_prefix("q="))
            .any(|weight| weight.parse().is_ok_and(|weight: f32| weight <= 0.0));
        if name.eq_ignore_ascii_case(coding) {
            return !refused;
        }
        any |= name == "*" && !refused;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn choice(accept: Option<&'static str>, br: bool, gz: bool) -> Encoding {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        }
        Encoding::choose(&headers, br, gz)
    }

    #[test]
    fn the_smallest_accepted_encoding_wins() {
        assert_eq!(
            choice(Some("gzip, deflate, br, zstd"), true, true),
            Encoding::Brotli
        );
        assert_eq!(
            choice(Some("gzip, deflate, br"), false, true),
            Encoding::Gzip
        );
        assert_eq!(
            choice(Some("gzip;q=1.0, br;q=0"), true, true),
            Encoding::Gzip
        );
        assert_eq!(choice(Some("*"), true, true), Encoding::Brotli);
        assert_eq!(choice(Some("*, br;q=0"), true, false), Encoding::Identity);
        assert_eq!(choice(Some("brotli"), true, true), Encoding::Identity);
        assert_eq!(choice(None, true, true), Encoding::Identity);
    }
}
