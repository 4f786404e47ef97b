//! What may go into the log of what a provider said: short, on one line, without secrets. Providers
//! echo keys.

use secrecy::{ExposeSecret, SecretString};

/// Characters of a detail.
const LONGEST: usize = 300;
const HIDDEN: &str = "***";
/// Beginnings of keys that are in use, lower case.
const PREFIXES: &[&str] = &[
    "sk-", "sk_", "pk-", "gsk_", "xai-", "aiza", "hf_", "nvapi-", "eyj", "akia", "ghp_",
];
/// A longer run of letters and digits, with both in it, is taken for a secret.
const OPAQUE: usize = 24;

/// Hides the configured key, and whatever looks like one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    key: Option<SecretString>,
}

impl Mask {
    pub(crate) fn new(key: Option<SecretString>) -> Self {
        Self {
            key: key.filter(|key| key.expose_secret().len() >= 4),
        }
    }

    /// `text` as it may be logged.
    pub(crate) fn detail(&self, text: &str) -> String {
        let text = match &self.key {
            Some(key) => text.replace(key.expose_secret(), HIDDEN),
            None => text.to_owned(),
        };
        let mut shown = String::new();
        let mut after_scheme = false;
        for word in text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
        {
            if !shown.is_empty() {
                shown.push(' ');
            }
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            if after_scheme && !bare.is_empty() {
                shown.push_str(HIDDEN);
                after_scheme = false;
            } else {
                hide(word, &mut shown);
                let bare = bare
                    .rsplit(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap_or(bare);
                after_scheme = bare.eq_ignore_ascii_case("bearer");
            }
            if shown.chars().nth(LONGEST).is_some() {
                let kept: String = shown.chars().take(LONGEST - 1).collect();
                return format!("{kept}…");
            }
        }
        shown
    }
}

/// Copies a word, its key-like runs hidden.
fn hide(word: &str, shown: &mut String) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c| is_part(c) != is_part(first))
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        shown.push_str(if is_part(first) && is_secret(run) {
            HIDDEN
        } else {
            run
        });
        rest = after;
    }
}

fn is_secret(run: &str) -> bool {
    let lower = run.to_ascii_lowercase();
    let known = PREFIXES
        .iter()
        .any(|prefix| lower.len() > prefix.len() + 4 && lower.starts_with(prefix));
    let opaque = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| {
            part.len() >= OPAQUE
                && part.bytes().any(|byte| byte.is_ascii_digit())
                && part.bytes().any(|byte| byte.is_ascii_alphabetic())
        });
    known || opaque
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_the_key_and_what_looks_like_one() {
        let mask = Mask::new(Some(SecretString::from("very private key")));
        for text in [
            "wrong key: very private key.",
            "provided: sk-proj-abcdefgh1234.",
            "got \"Authorization: Bearer hunter2\"",
            "{\"token\":\"Bearer\thunter2\"}",
            "api_key=sk-proj-abcdefgh1234&x",
            "key <abcdefgh1234abcdefgh1234abcd>",
        ] {
            let shown = mask.detail(text);
            assert!(shown.contains(HIDDEN), "{shown}");
            for secret in ["private", "abcdefgh", "hunter2"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }

    #[test]
    fn leaves_ordinary_words_alone() {
        let text =
            "The model `qwen3-max-2026` does not exist (HTTP 404): \"ask\" again, risk-free.";
        assert_eq!(Mask::default().detail(text), text);
    }

    #[test]
    fn is_one_short_line() {
        let shown = Mask::default().detail(&"汉字\r\n\u{1b}[31m ".repeat(500));
        assert_eq!(shown.chars().count(), LONGEST);
        assert!(!shown.contains(char::is_control));
    }
}
