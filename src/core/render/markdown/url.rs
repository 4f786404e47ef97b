//! Which addresses may become links, and how they are written into an attribute.

use super::write::push_escaped;

/// The address, if it may be linked: http, https or mailto with something behind the scheme and no control or
/// white space characters. A scheme is compared as the browser would read it, so nothing else passes by spelling.
pub fn allowed(url: &str) -> Option<&str> {
    let clean = !url
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || is_invisible(c));
    let rest = ["https://", "http://", "mailto:"]
        .iter()
        .find_map(|scheme| {
            let head = url.get(..scheme.len())?;
            head.eq_ignore_ascii_case(scheme)
                .then(|| &url[scheme.len()..])
        })?;
    (clean && !rest.is_empty()).then_some(url)
}

/// Direction and zero-width marks, which make an address look like another one.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Writes an allowed address as an attribute value, without the quotes.
pub fn push_href(out: &mut String, url: &str) {
    let mut rest = url;
    while let Some(at) = rest.find(['\\', '`', '\'', '{', '}', '|', '^']) {
        push_escaped(out, &rest[..at]);
        let byte = rest.as_bytes()[at];
        out.push_str(&format!("%{byte:02X}"));
        rest = &rest[at + 1..];
    }
    push_escaped(out, rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_web_and_mail_addresses_only() {
        for url in [
            "https://a.example/路径?q=1#x",
            "HTTP://a.example",
            "mailto:me@a.example",
        ] {
            assert_eq!(allowed(url), Some(url));
        }
        for url in [
            "",
            "https://",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//a.example",
            "/path",
            "#top",
            "page.html",
            "ftp://a.example",
            "https://a.example/\u{202e}gpj.exe",
            "https://a\nb",
            "blob:https://a",
        ] {
            assert_eq!(allowed(url), None, "{url}");
        }
    }
}
