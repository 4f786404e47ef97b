//! Markdown without its marks: for titles, previews and what a screen reader is told.
//!
//! Light by intent: no engine, one pass per line. Code blocks are left out; links and images leave their words.

use super::scan::{Role, Scanner, display::code_end, line};

/// The words of `text` on one line, single-spaced.
pub fn text(markdown: &str) -> String {
    collect(markdown, usize::MAX)
}

/// The first `max` characters of the words, with an ellipsis if something was left out. It is read out, not laid
/// out: what tells graphemes apart would cost the first download 8 KiB.
pub fn excerpt(markdown: &str, max: usize) -> String {
    // Marks cost bytes too: read a little more than the characters can have.
    let words = collect(markdown, max.saturating_add(1).saturating_mul(8));
    match words.char_indices().nth(max) {
        None => words,
        Some((at, _)) => format!("{}…", words[..at].trim_end()),
    }
}

fn collect(markdown: &str, enough: usize) -> String {
    let mut scanner = Scanner::default();
    let mut out = String::new();
    for piece in markdown.lines() {
        let role = scanner.line(piece).role;
        let from = match role {
            Role::Text(at) => at,
            Role::DisplayOpen | Role::DisplayInside | Role::DisplayClose => line::content(piece).0,
            Role::Blank | Role::Code => continue,
        };
        push_line(&mut out, &piece[from..]);
        if out.len() >= enough {
            break;
        }
    }
    out
}

fn push_line(out: &mut String, content: &str) {
    let content = content.trim();
    let bare = if line::is_heading(content) {
        content.trim_start_matches('#').trim_end_matches(['#', ' '])
    } else {
        content
    };
    let bare = bare
        .strip_prefix("[ ] ")
        .or_else(|| bare.strip_prefix("[x] "))
        .unwrap_or(bare);
    let ruled = bare
        .chars()
        .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '=' | '*' | '_'));
    if ruled {
        return;
    }
    let words = inline(bare, bare.starts_with('|'));
    for word in words.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
}

/// Drops emphasis, code ticks, escapes, maths delimiters and link targets.
fn inline(text: &str, table: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        at += c.len_utf8();
        match c {
            '\\' => {
                if let Some(next) = text[at..].chars().next().filter(char::is_ascii_punctuation) {
                    if !matches!(next, '(' | ')' | '[' | ']') {
                        out.push(next);
                    }
                    at += 1;
                } else {
                    out.push(c);
                }
            }
            '`' => {
                let run = rest.bytes().take_while(|&byte| byte == b'`').count();
                at += run - 1;
                if let Some(end) = code_end(&rest[run..], run) {
                    out.push_str(&rest[run..end]);
                    at += end;
                }
            }
            '*' | '~' => {}
            '_' if !inside_word(&out, &text[at..]) => {}
            '$' if rest.starts_with("$$") => at += 1,
            '!' if rest.starts_with("![") => {}
            '[' if rest.find("](").is_some() => {}
            ']' if text[at..].starts_with('(') => {
                at += text[at..].find(')').map_or(0, |end| end + 1);
            }
            '|' if table => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

fn inside_word(before: &str, after: &str) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    word(before.chars().next_back()) && word(after.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_words_and_drops_marks() {
        for (markdown, words) in [
            (
                "# 标题 **重点**\n\n正文 `code` 与 [链接](https://a.example)。",
                "标题 重点 正文 code 与 链接。",
            ),
            ("- [x] done\n- ~~old~~ new", "done old new"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
            ("```rust\nlet a;\n```\nafter", "after"),
            (
                "![图](https://a.example/x.png) snake_case _em_",
                "图 snake_case em",
            ),
            ("1. one\n2. two \\* three", "one two * three"),
            ("> quoted\n\n---\n", "quoted"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("面积 $$\na^2\n$$", "面积 a^2"),
            ("", ""),
        ] {
            assert_eq!(text(markdown), words, "{markdown}");
        }
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(excerpt("一二三四五", 3), "一二三…");
        assert_eq!(excerpt("short", 40), "short");
        assert_eq!(excerpt("short", 0), "…");
    }

    #[test]
    fn never_panics_on_a_prefix() {
        for document in crate::render::corpus::DOCUMENTS {
            for (at, _) in document.char_indices() {
                let _ = excerpt(&document[..at], 40);
            }
        }
    }
}
