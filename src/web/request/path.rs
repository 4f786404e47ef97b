//! Addresses as the log may show them.
//!
//! Must not enter: query strings; they never reach the log at all.

use std::borrow::Cow;

/// Longer than any id and name of ours, shorter than any token: 256 bits are 43 characters of base64.
const LONGEST_WORD: usize = 40;

/// The path with every word that may be a token left out. What a client sends as a path has no control characters: they
/// are percent-encoded, or refused while the request is read.
pub(in crate::web) fn masked(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(is_token) {
        return Cow::Borrowed(path);
    }
    let words = path
        .split('/')
        .map(|word| if is_token(word) { "*" } else { word });
    Cow::Owned(words.collect::<Vec<_>>().join("/"))
}

fn is_token(word: &str) -> bool {
    word.len() >= LONGEST_WORD
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'%'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_tokens_out_and_ids_in() {
        let token = "q".repeat(43);
        assert_eq!(masked(&format!("/verify/{token}/x")), "/verify/*/x");
        assert_eq!(masked(&"%41".repeat(20)), "*");
        let shown = "/api/v1/conversations/019a0000-0000-7000-8000-000000000000/messages";
        assert_eq!(masked(shown), shown);
        for shown in [
            "/",
            "",
            "/pkg/parlance.0123456789abcdef0123456789abcdef.wasm",
        ] {
            assert_eq!(masked(shown), shown);
        }
    }
}
