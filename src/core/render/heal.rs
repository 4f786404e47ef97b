//! Mends the end of a text that is still being written, so that it can be shown as it stands.
//!
//! What is open is closed (emphasis, code, strike-through, maths); what is only half there and would flash as
//! something else is held back (a lone `-` below a paragraph makes it a heading, half a link shows its address).
//! Only the end is touched, and only for display: the stored text is never healed. No Markdown engine here: this
//! is part of the first bundle. Must not enter: anything about safety; the writer is safe on any input.

mod inline;
mod tex;

use super::scan::{
    Role, Scanner,
    display::{self, Display},
    line::{content, fence_open, is_heading, unquoted},
};

/// The text as it may be shown now.
pub fn heal(tail: &str) -> String {
    let last = tail.rfind('\n').map_or(0, |at| at + 1);
    let mut reader = Reader::default();
    let mut at = 0;
    for piece in tail[..last].split_inclusive('\n') {
        reader.read(piece.trim_end_matches(['\n', '\r']), at);
        at += piece.len();
        reader.close_line(at);
    }
    let partial = &tail[last..];
    if let Some(fence) = reader.scanner.open_fence() {
        let text = unquoted(partial);
        // The closing fence arrives one character at a time.
        let closing = !text.is_empty()
            && text.len() < fence.len
            && text.bytes().all(|byte| byte == fence.mark);
        return tail[..if closing { last } else { tail.len() }].to_owned();
    }
    let before_display = reader.display;
    if before_display.is_none() {
        let (start, _) = content(partial);
        if is_unsettled(partial[start..].trim_end()) {
            return finish(&tail[..last], &reader);
        }
        if let Some(fence) = fence_open(&partial[start..]) {
            // The language may be half written.
            return tail[..last + start + fence.len].to_owned();
        }
    }
    if !partial.trim().is_empty() {
        reader.read(partial, last);
    }
    finish(tail, &reader)
}

/// Closes what `reader` found open at the end of `text`.
fn finish(text: &str, reader: &Reader) -> String {
    if let Some((display, opened)) = reader.display {
        return close_display(text, display, opened);
    }
    let run = reader.run.min(text.len());
    if let Some(table) = close_table(text, run) {
        return table;
    }
    let start = if text[run..].starts_with('|') {
        last_cell(text, run)
    } else {
        run
    };
    format!("{}{}", &text[..start], inline::close(&text[start..]))
}

/// Reads lines and remembers where the innermost piece of running text began.
#[derive(Default)]
struct Reader {
    scanner: Scanner,
    /// Where the current run of inline text begins, in bytes.
    run: usize,
    in_run: bool,
    /// The open display formula and the byte behind its opening delimiter.
    display: Option<(Display, usize)>,
}

impl Reader {
    /// Reads the line that begins at byte `at`.
    fn read(&mut self, line: &str, at: usize) {
        let role = self.scanner.line(line).role;
        match role {
            Role::Text(_) | Role::DisplayOpen => {
                self.display = None;
                let start = if let Role::Text(start) = role {
                    start
                } else {
                    content(line).0
                };
                let text = &line[start..];
                let begins =
                    !line[..start].trim().is_empty() || text.starts_with('|') || is_heading(text);
                let table_goes_on =
                    self.in_run && text.starts_with('|') && line[..start].trim().is_empty();
                if (begins && !table_goes_on) || !self.in_run {
                    self.run = at + start;
                }
                self.in_run = !is_heading(text);
                if role == Role::DisplayOpen {
                    self.display =
                        display::opened_by(line, start).map(|(display, end)| (display, at + end));
                }
            }
            Role::DisplayInside => {}
            Role::DisplayClose => self.display = None,
            _ => {
                self.display = None;
                self.in_run = false;
            }
        }
    }

    /// Everything before byte `end` is complete lines.
    fn close_line(&mut self, end: usize) {
        if !self.in_run && self.display.is_none() {
            self.run = end;
        }
    }
}

/// Whether a line that has just begun could still become two quite different things.
fn is_unsettled(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let all = |set: &[u8]| text.bytes().all(|byte| set.contains(&byte));
    let number = text.trim_end_matches(['.', ')']);
    all(b"#") && text.len() <= 6
        || all(b"-")
        || all(b"=")
        || all(b"*")
        || all(b"_")
        || all(b"+")
        || all(b">")
        || (all(b"`") || all(b"~")) && text.len() < 3
        || matches!(text, "|" | "[" | "!" | "![" | "$" | "\\" | "<" | "[^")
        || number.len() <= 9
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn close_display(text: &str, display: Display, opened: usize) -> String {
    let half = if display == Display::Dollars {
        '$'
    } else {
        '\\'
    };
    let source = text[opened..].trim_end();
    let source = if source.ends_with("\\\\") {
        source
    } else {
        source.strip_suffix(half).unwrap_or(source)
    };
    let healed = tex::close(source);
    if healed.trim_matches([' ', '\n', '\r', '\t', '>']).is_empty() {
        return text[..opened - 2].trim_end().to_owned();
    }
    format!("{}{healed} {}", &text[..opened], display.closer())
}

/// A table whose delimiter row is missing or half written gets one, so that its head shows as a head at once.
fn close_table(text: &str, run: usize) -> Option<String> {
    let table = &text[run..];
    if !table.starts_with('|') {
        return None;
    }
    let mut lines = table.lines();
    let head = lines.next()?.trim_end();
    let second = lines.next();
    let half = second.is_none_or(|row| {
        row.bytes()
            .all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
    });
    if !half
        || lines.next().is_some()
        || second.is_some() && table.trim_end_matches(' ').ends_with('\n')
    {
        return None;
    }
    let cells = head.trim_start_matches('|').trim_end_matches('|');
    let ends = head.len() > 1 && head.ends_with('|') && !head.ends_with("\\|");
    let head = if ends {
        head.to_owned()
    } else {
        format!("{} |", close_cell(head))
    };
    let columns = cells.replace("\\|", "").matches('|').count() + 1;
    let line = text[..run].rfind('\n').map_or(0, |at| at + 1);
    let (indent, prefix) = text[..run].split_at(line);
    let blank: String = prefix
        .chars()
        .map(|c| if c == '>' { '>' } else { ' ' })
        .collect();
    Some(format!(
        "{indent}{prefix}{head}\n{blank}|{}\n",
        " --- |".repeat(columns)
    ))
}

fn close_cell(row: &str) -> String {
    let start = last_cell(row, 0);
    format!("{}{}", &row[..start], inline::close(&row[start..]))
}

/// Where the last table cell begins, at or behind byte `from`.
fn last_cell(text: &str, from: usize) -> usize {
    let row = text[from..].rfind('\n').map_or(from, |at| from + at + 1);
    let bytes = text.as_bytes();
    let pipe = (row..text.len())
        .rev()
        .find(|&at| bytes[at] == b'|' && (at == 0 || bytes[at - 1] != b'\\'));
    pipe.map_or(row, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::heal;

    #[test]
    fn closes_what_is_open() {
        for (text, healed) in [
            ("**重点", "**重点**"),
            ("a **b *c", "a **b *c***"),
            ("~~old", "~~old~~"),
            ("use `cod", "use `cod`"),
            ("use ``a ` b", "use ``a ` b``"),
            ("**bold*", "**bold**"),
            ("**bold ", "**bold** "),
            ("text **", "text "),
            ("- item **b", "- item **b**"),
            ("snake_case a * b 2*3", "snake_case a * b 2*3"),
            ("**a**", "**a**"),
            ("# head **b", "# head **b**"),
            ("**a\n\nb", "**a\n\nb"),
            (
                "| a | b |\n|---|---|\n| **x | y",
                "| a | b |\n|---|---|\n| **x | y",
            ),
            (
                "| a | b |\n|---|---|\n| x | **y",
                "| a | b |\n|---|---|\n| x | **y**",
            ),
        ] {
            assert_eq!(heal(text), healed, "{text}");
        }
    }

    #[test]
    fn closes_maths() {
        for (text, healed) in [
            ("$x^2 + y", "$x^2 + y$"),
            ("$\\frac{a}{b", "$\\frac{a}{b}$"),
            ("costs $5 and", "costs $5 and"),
            ("\\(a_1 + ", "\\(a_1 +\\)"),
            ("$$\na + \\fra", "$$\na + $$"),
            ("$$\na$", "$$\na $$"),
            ("$$", ""),
            ("so\n$$\n", "so"),
            (
                "\\[\n\\begin{aligned} a &= \\left( b",
                "\\[\n\\begin{aligned} a &= \\left( b\\right.\\end{aligned} \\]",
            ),
        ] {
            assert_eq!(heal(text), healed, "{text}");
        }
    }

    #[test]
    fn holds_back_what_is_half_there() {
        for (text, healed) in [
            ("see [the docs](https://a.ex", "see the docs"),
            ("see [the do", "see the do"),
            ("![image](https://a", ""),
            ("![ima", ""),
            ("Title\n--", "Title\n"),
            ("Title\n=", "Title\n"),
            ("- a\n-", "- a\n"),
            ("text\n1.", "text\n"),
            ("##", ""),
            ("``", ""),
            ("```ru", "```"),
            ("```rust\ncode\n``", "```rust\ncode\n"),
            ("```rust\nlet a = b * c", "```rust\nlet a = b * c"),
            ("| a | b", "| a | b |\n| --- | --- |\n"),
            ("| a | b |\n", "| a | b |\n| --- | --- |\n"),
            ("| a | b |\n|--", "| a | b |\n| --- | --- |\n"),
            ("| a |\n|---|\n", "| a |\n|---|\n"),
            ("note[^1", "note"),
            ("end\\", "end"),
        ] {
            assert_eq!(heal(text), healed, "{text}");
        }
    }

    #[test]
    fn finished_text_is_left_alone() {
        for text in [
            "# A\n\nText **b** `c` $x$ [l](https://a.example)\n\n- a\n- b\n",
            "[ ] x [1] done [link](https://a.example) $5 和 $10",
            "",
        ] {
            assert_eq!(heal(text), text);
        }
    }

    #[test]
    fn no_prefix_panics() {
        for document in crate::render::corpus::DOCUMENTS {
            for (at, _) in document.char_indices() {
                let _ = heal(&document[..at]);
            }
        }
    }
}
