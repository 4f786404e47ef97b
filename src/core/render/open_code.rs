//! Code whose closing fence has not come yet: its text as it grows, piece by piece, never looked at twice.
//!
//! A block of code may be long, and while it is open nothing in it means anything: what comes is appended as it is. Held
//! back is only what may be the closing fence, which arrives one character at a time. No Markdown engine here: this
//! is part of the first bundle.

use super::scan::line::{fence_open, indent};

/// An open block of code at the top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCode<'a> {
    /// The line that opened it, with its line end.
    pub head: &'a str,
    body: &'a str,
    /// So many spaces are taken from the beginning of each line.
    indent: usize,
    mark: u8,
}

impl<'a> OpenCode<'a> {
    /// Reads `tail`, a block that is known to be nothing but an open fence and what follows it.
    pub(super) fn read(tail: &'a str) -> Option<Self> {
        let blank = tail.len() - tail.trim_start_matches(['\n', '\r', ' ', '\t']).len();
        let start = tail[..blank].rfind('\n').map_or(0, |at| at + 1);
        let end = start + tail[start..].find('\n')? + 1;
        let head = &tail[start..end];
        let (columns, at) = indent(head);
        let fence = fence_open(&head[at..])?;
        Some(Self {
            head,
            body: &tail[end..],
            indent: columns,
            mark: fence.mark,
        })
    }

    /// Appends to `out` what came after byte `from` of the code's source and answers where to go on the next time.
    /// Begins with 0; works through what is new, whatever stands before it.
    pub fn since(&self, from: usize, out: &mut String) -> usize {
        let mut at = from.min(self.body.len());
        while at < self.body.len() {
            let rest = &self.body[at..];
            let (line, whole) = match rest.find('\n') {
                Some(end) => (&rest[..end + 1], true),
                None => (rest, false),
            };
            if at > 0 && !self.body[..at].ends_with('\n') {
                out.push_str(line);
            } else if !whole && self.may_close(line) {
                break;
            } else {
                self.push_line(out, line);
            }
            at += line.len();
        }
        at
    }

    /// A line without the indentation of its fence (CommonMark 4.5; a tab that is cut leaves its other columns).
    fn push_line(&self, out: &mut String, line: &str) {
        let (mut columns, mut at) = (0, 0);
        while columns < self.indent {
            match line.as_bytes().get(at) {
                Some(b' ') => columns += 1,
                Some(b'\t') => columns += 4 - columns % 4,
                _ => break,
            }
            at += 1;
        }
        out.extend(std::iter::repeat_n(
            ' ',
            columns.saturating_sub(self.indent),
        ));
        out.push_str(&line[at..]);
    }

    /// Whether the line that begins so may become the closing fence.
    fn may_close(&self, line: &str) -> bool {
        line.bytes()
            .all(|byte| byte == self.mark || matches!(byte, b' ' | b'\t' | b'\r'))
    }
}

#[cfg(test)]
mod tests {
    use crate::render::blocks::Blocks;
    use crate::render::corpus::{DOCUMENTS, markdown_lines};
    use proptest::prelude::*;

    /// What is shown of open code while `text` arrives in pieces of `size` characters, each with the whole of it.
    fn shown(text: &str, size: usize) -> Vec<(String, String)> {
        let mut blocks = Blocks::new();
        let (mut all, mut shown, mut at, mut open) = (Vec::new(), String::new(), 0, None);
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(size) {
            blocks.push(&piece.iter().collect::<String>());
            let place = blocks.frozen().len();
            if let Some(code) = blocks.open_code() {
                if open.replace(place) != Some(place) {
                    (shown, at) = (String::new(), 0);
                }
                at = code.since(at, &mut shown);
            } else if let Some(place) = open.take() {
                let block = blocks.frozen().nth(place).unwrap_or_default();
                all.push((shown.clone(), block.to_owned()));
            }
        }
        if let Some(code) = blocks.open_code() {
            all.push((shown, format!("{}{}", code.head, code.body)));
        }
        all
    }

    #[test]
    fn code_grows_by_what_comes_and_the_fence_is_held_back() {
        let mut blocks = Blocks::from("text\n\n```rust\n");
        let mut out = String::new();
        let mut at = 0;
        for (piece, so_far) in [
            ("let a", "let a"),
            (" = 1;\n", "let a = 1;\n"),
            ("``", "let a = 1;\n"),
            ("` is no end\n", "let a = 1;\n``` is no end\n"),
            ("  ", "let a = 1;\n``` is no end\n"),
            ("x", "let a = 1;\n``` is no end\n  x"),
        ] {
            blocks.push(piece);
            let code = blocks.open_code().expect("open");
            assert_eq!(code.head, "```rust\n");
            at = code.since(at, &mut out);
            assert_eq!(out, so_far);
        }
        blocks.push("\n```\n");
        assert_eq!(blocks.open_code(), None);
    }

    #[test]
    fn only_a_fence_of_the_top_level_counts() {
        for text in [
            "- ```\n  code\n",
            "> ```\n> code\n",
            "note[^1]\n\n```\ncode\n",
            "```\ncode\n```\n",
            "```ru",
            "text\n",
        ] {
            assert_eq!(Blocks::from(text).open_code(), None, "{text}");
        }
        let text = "  ```\n  a\n     b\n c\n";
        assert_eq!(shown(text, 1)[0].0, "a\n   b\nc\n");
    }

    #[cfg(feature = "render")]
    fn literal(block: &str) -> Option<String> {
        use crate::render::markdown::{Dress, to_html};

        let html = to_html(block, Dress::default());
        let code = html.split_once("<code>")?.1.split_once("</code>")?.0;
        let mut text = code.to_owned();
        for (entity, c) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ] {
            text = text.replace(entity, c);
        }
        Some(text)
    }

    #[cfg(feature = "render")]
    fn agree(text: &str, size: usize) -> Result<(), String> {
        for (shown, block) in shown(text, size) {
            let Some(code) = literal(&block) else {
                continue;
            };
            let plain = |text: &str| text.replace('\r', "");
            if !plain(&code).starts_with(&plain(&shown)) {
                return Err(format!("{shown:?} became {code:?} in {text:?}"));
            }
        }
        Ok(())
    }

    #[cfg(feature = "render")]
    #[test]
    fn what_was_shown_is_the_beginning_of_what_is_rendered() {
        for text in DOCUMENTS {
            for size in [1, 2, 7] {
                assert_eq!(agree(text, size), Ok(()));
            }
        }
    }

    #[cfg(feature = "render")]
    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn open_code_of_awkward_documents_is_the_beginning_of_what_is_rendered(
            text in markdown_lines(), size in 1usize..9,
        ) {
            prop_assert_eq!(agree(&text, size), Ok(()));
        }
    }
}
