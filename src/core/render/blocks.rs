//! Cuts a growing Markdown text into top-level blocks, so that a streamed reply re-renders its last block only.
//!
//! Every block but the last is *frozen*: no text appended later moves its boundaries. Boundaries are decided line
//! by line (see `scan`), so the work per delta does not grow with the message. Rendering the blocks one by one
//! and joining the results shows the same as rendering the whole, with one exception that the caller must heed:
//! a link definition (`[name]: url`) may turn brackets of *earlier* blocks into links. [`Blocks::needs_whole`]
//! says so; then the finished message is rendered once as a whole. Everything from the first definition or
//! footnote mark on stays one block, so later text sees them at once.
//!
//! No Markdown engine here: this is part of the first bundle.

use std::ops::Range;

use super::{open_code::OpenCode, scan::Scanner};

/// A text that grows at its end, cut into blocks.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    text: String,
    frozen: Vec<Range<usize>>,
    /// Where the line that is still being written begins, in bytes.
    line: usize,
    scanner: Scanner,
}

impl Blocks {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `delta` and freezes what it settles.
    pub fn push(&mut self, delta: &str) {
        let mut from = self.text.len();
        self.text.push_str(delta);
        while let Some(found) = self.text[from..].find('\n') {
            let end = from + found;
            let line = self.text[self.line..end].trim_end_matches('\r');
            let verdict = self.scanner.line(line);
            if verdict.cut_before {
                self.freeze(self.line);
            }
            from = end + 1;
            self.line = from;
            if verdict.cut_after {
                self.freeze(from);
            }
        }
        if self.scanner.cut_early(&self.text[self.line..]) {
            self.freeze(self.line);
        }
    }

    /// The frozen blocks, first to last. The list only ever grows.
    pub fn frozen(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.frozen.iter().map(|range| &self.text[range.clone()])
    }

    /// The byte ranges of the frozen blocks in [`Blocks::text`], adjacent and in order.
    pub fn frozen_ranges(&self) -> &[Range<usize>] {
        &self.frozen
    }

    /// The last block, which may still change.
    pub fn tail(&self) -> &str {
        &self.text[self.tail_start()..]
    }

    /// The last block, where it is code whose end has not come yet and nothing else.
    pub fn open_code(&self) -> Option<OpenCode<'_>> {
        self.scanner
            .is_fence()
            .then(|| OpenCode::read(self.tail()))
            .flatten()
    }

    /// The whole text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the finished text must be rendered as a whole, because a definition may concern earlier blocks.
    pub fn needs_whole(&self) -> bool {
        self.scanner.has_definitions()
    }

    fn tail_start(&self) -> usize {
        self.frozen.last().map_or(0, |range| range.end)
    }

    fn freeze(&mut self, end: usize) {
        let start = self.tail_start();
        if end > start {
            self.frozen.push(start..end);
        }
    }
}

impl From<&str> for Blocks {
    fn from(text: &str) -> Self {
        let mut blocks = Self::new();
        blocks.push(text);
        blocks
    }
}

/// The blocks of a finished text, the last one included; empty blocks are left out.
pub fn split(text: &str) -> Vec<String> {
    let blocks = Blocks::from(text);
    blocks
        .frozen()
        .chain([blocks.tail()])
        .filter(|block| !block.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::corpus::{DOCUMENTS, markdown_lines};
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        split(text)
    }

    #[test]
    fn paragraphs_headings_and_fences_are_blocks() {
        let text = "# One\n\nText\nmore\n```rust\nlet a = 1;\n\nlet b = 2;\n```\nAfter\n";
        assert_eq!(
            cut(text),
            [
                "# One\n\n",
                "Text\nmore\n",
                "```rust\nlet a = 1;\n\nlet b = 2;\n```\n",
                "After\n"
            ]
        );
    }

    #[test]
    fn a_loose_list_with_code_stays_whole() {
        let text = "1. one\n\n   ```sh\n   a\n\n   b\n   ```\n\n2. two\n\n   more\n\nafter";
        assert_eq!(cut(text).len(), 2, "{:?}", cut(text));
    }

    #[test]
    fn a_list_freezes_as_soon_as_the_next_paragraph_begins() {
        let mut blocks = Blocks::from("- a\n- b\n\n");
        assert_eq!(blocks.frozen().count(), 0);
        blocks.push("接");
        assert_eq!(blocks.frozen().collect::<Vec<_>>(), ["- a\n- b\n\n"]);
        assert_eq!(blocks.tail(), "接");
    }

    #[test]
    fn display_maths_is_not_cut() {
        let text = "$$\na\n- b\n= c\n$$\n\nafter\n";
        assert_eq!(cut(text), ["$$\na\n- b\n= c\n$$\n\n", "after\n"]);
    }

    #[test]
    fn text_from_a_footnote_mark_on_is_one_block() {
        let text = "first\n\nsecond[^1]\n\nthird\n\n[^1]: note\n";
        assert_eq!(cut(text).len(), 2);
        assert!(Blocks::from(text).needs_whole());
        assert_eq!(cut("use `[^a]` here\n\nnext\n").len(), 2);
    }

    #[test]
    fn blocks_join_to_the_text() {
        for text in DOCUMENTS {
            let blocks = Blocks::from(*text);
            let joined: String = blocks.frozen().chain([blocks.tail()]).collect();
            assert_eq!(joined, *text);
        }
    }

    #[test]
    fn frozen_blocks_never_change_at_any_prefix() {
        for text in DOCUMENTS {
            let mut blocks = Blocks::new();
            let mut before: Vec<Range<usize>> = Vec::new();
            for (at, c) in text.char_indices() {
                blocks.push(&text[at..at + c.len_utf8()]);
                assert_eq!(&blocks.frozen_ranges()[..before.len()], before, "{text}");
                before = blocks.frozen_ranges().to_vec();
            }
            let at_once = Blocks::from(*text);
            assert_eq!(
                at_once.frozen_ranges(),
                before,
                "deltas and whole disagree: {text}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn pieces_of_any_size_give_the_same_blocks(text in markdown_lines(), size in 1usize..9) {
            let mut blocks = Blocks::new();
            let chars: Vec<char> = text.chars().collect();
            let mut count = 0;
            for piece in chars.chunks(size) {
                blocks.push(&piece.iter().collect::<String>());
                prop_assert!(blocks.frozen_ranges().len() >= count);
                count = blocks.frozen_ranges().len();
            }
            let whole = Blocks::from(text.as_str());
            prop_assert_eq!(blocks.frozen_ranges(), whole.frozen_ranges());
        }
    }
}
