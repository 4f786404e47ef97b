//! Makes a text fit for the Markdown engine before it reads it.
//!
//! Two things, both outside code only. Display maths over several lines is joined into one, because the engine
//! reads lines first and would take `- b` for a list and `=` for a heading. And a line that begins like an HTML
//! tag gets a backslash: markup is shown as text here, so it must not swallow the Markdown after it either.
//! Delimiters themselves (`$`, `$$`, `\(`, `\[`) are the engine's business. Must not enter: anything about output.

use super::scan::{
    Role, Scanner,
    line::{excessive, is_blank},
};

/// More formulas than this that begin in one paragraph and never end are no formulas. The engine looks for the end of
/// each as far as the paragraph goes.
const MAX_OPEN: usize = 64;

/// The text as the engine shall read it.
pub fn prepare(text: &str) -> String {
    let tame = text.split("\n\n").any(has_too_many_open);
    let mut scanner = Scanner::default();
    let mut out = String::with_capacity(text.len() + 16);
    // Lines of a display formula that has not been closed yet, and where they begin in `out`.
    let mut open: Option<(usize, String)> = None;
    for piece in text.split_inclusive('\n') {
        let line = piece.trim_end_matches(['\n', '\r']);
        let role = scanner.line(line).role;
        match (role, &mut open) {
            (Role::DisplayOpen, _) => {
                open = Some((out.len(), line.trim_end().to_owned()));
                push_tamed(&mut out, piece, tame);
            }
            (Role::DisplayInside | Role::DisplayClose, Some((at, joined))) => {
                without_comment(joined);
                let quoted = joined.trim_start().starts_with('>');
                let inner = if quoted {
                    line.trim_start_matches([' ', '\t', '>'])
                } else {
                    line.trim_start()
                };
                joined.push(' ');
                joined.push_str(inner.trim_end());
                out.push_str(piece);
                if role == Role::DisplayClose {
                    out.truncate(*at);
                    out.push_str(joined);
                    out.push_str(&piece[line.len()..]);
                    open = None;
                }
            }
            (Role::Text(at), _) => {
                open = None;
                let start = out.len();
                push_text(&mut out, piece, at);
                if tame {
                    let line = out.split_off(start);
                    push_tamed(&mut out, &line, tame);
                }
            }
            _ => {
                open = None;
                out.push_str(piece);
            }
        }
    }
    out
}

fn has_too_many_open(paragraph: &str) -> bool {
    [("\\(", "\\)"), ("\\[", "\\]")]
        .iter()
        .any(|(open, close)| {
            let behind = paragraph.rfind(close).map_or(0, |at| at + close.len());
            paragraph[behind..].matches(open).nth(MAX_OPEN).is_some()
        })
}

/// Appends the line. In a text to `tame` the brackets of all formulas on it but the first are nothing else.
fn push_tamed(out: &mut String, line: &str, tame: bool) {
    let found = [line.find("\\("), line.find("\\[")];
    let (first, rest) = match found.into_iter().flatten().min() {
        Some(at) if tame => line.split_at(at + 2),
        _ => (line, ""),
    };
    out.push_str(first);
    out.push_str(&rest.replace("\\(", "&#40;").replace("\\[", "&#91;"));
}

/// Cuts a TeX comment from the end of a line that is about to be joined with the next one.
fn without_comment(line: &mut String) {
    let bytes = line.as_bytes();
    let comment = bytes
        .iter()
        .enumerate()
        .rev()
        .take_while(|(_, byte)| **byte != b'\n')
        .filter(|(at, byte)| {
            **byte == b'%'
                && bytes[..*at]
                    .iter()
                    .rev()
                    .take_while(|byte| **byte == b'\\')
                    .count()
                    % 2
                    == 0
        });
    if let Some((at, _)) = comment.last() {
        line.truncate(at);
    }
}

fn push_text(out: &mut String, piece: &str, at: usize) {
    let (markers, rest) = piece.split_at(at);
    out.push_str(markers);
    if is_break(rest) {
        // A lone line break tag means an empty line.
        out.push_str("&nbsp;\n");
        return;
    }
    if looks_like_tag(rest) {
        out.push('\\');
    } else if let Some(mark) = excessive(piece, at) {
        out.push_str(&piece[at..mark]);
        out.push('\\');
        out.push_str(&piece[mark..]);
        return;
    }
    out.push_str(rest);
}

/// Whether the text is nothing but a line break tag.
fn is_break(text: &str) -> bool {
    ["<br>", "<br/>", "<br />"].iter().any(|tag| {
        text.strip_prefix(tag)
            .is_some_and(|rest| is_blank(rest.trim_end()))
    })
}

/// Whether the text begins as an HTML block may; addresses in angle brackets do not count.
fn looks_like_tag(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('<') else {
        return false;
    };
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return false;
    }
    let name = rest.bytes().take_while(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'_')
    });
    let after = rest.as_bytes().get(name.count());
    !matches!(after, Some(b':' | b'@'))
        && !text.starts_with("<br>")
        && !text.starts_with("<br/>")
        && !text.starts_with("<br />")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_display_maths() {
        assert_eq!(prepare("$$\na\n- b\n$$\nafter\n"), "$$ a - b $$\nafter\n");
        assert_eq!(prepare("\\[\nx \\\\\n= y\n\\]"), "\\[ x \\\\ = y \\]");
        assert_eq!(prepare("> $$\n> a\n> + b\n> $$\n"), "> $$ a + b $$\n");
        assert_eq!(prepare("$$\na % note\nb \\% c\n$$\n"), "$$ a  b \\% c $$\n");
    }

    #[test]
    fn what_nests_too_deeply_is_text() {
        let nested = |piece: &str, count: usize| piece.repeat(count) + "x\n";
        assert_eq!(prepare(&nested("> ", 40)), nested("> ", 40));
        for (piece, escaped) in [("> ", "\\> "), ("- ", "\\- "), ("1. ", "1\\. ")] {
            let deep = format!("{}{escaped}{}", piece.repeat(48), nested(piece, 11));
            assert_eq!(prepare(&nested(piece, 60)), deep);
        }
        assert_eq!(prepare("- a\n- -\n-\n- - -\n"), "- a\n- -\n-\n- - -\n");
    }

    #[test]
    fn a_flood_of_formulas_without_an_end_is_no_flood_of_searches() {
        let flood = "\\(x \\[y ".repeat(100);
        let tamed = prepare(&flood);
        assert_eq!(
            tamed.matches("\\(").count() + tamed.matches("\\[").count(),
            1
        );
        let closed = "\\(x\\) ".repeat(100);
        assert_eq!(prepare(&closed), closed);
    }

    #[test]
    fn leaves_open_maths_and_code_alone() {
        for text in [
            "$$\na\n- b\n\nc\n",
            "```\n$$\n- b\n$$\n<b>\n```\n",
            "- x\n  ```\n  <div>\n  ```\n",
            "    <div>\n",
            "\\`$$` x\n- b\n",
        ] {
            assert_eq!(prepare(text), text);
        }
    }

    #[test]
    fn markup_becomes_text_and_addresses_stay() {
        assert_eq!(prepare("<div>\n**a**\n"), "\\<div>\n**a**\n");
        assert_eq!(prepare("> - <script>\n"), "> - \\<script>\n");
        assert_eq!(
            prepare("<https://a.example>\n<me@a.example>\n"),
            "<https://a.example>\n<me@a.example>\n"
        );
        assert_eq!(prepare("a\n<br>\nb"), "a\n&nbsp;\nb");
    }
}
