//! Reads Markdown line by line and knows, at the top level, where one block ends and the next begins.
//!
//! A small model of CommonMark's block phase: fences, lists with their content offset, quotes, indented code,
//! display maths over several lines. It never guesses: where the outcome would need the full parser (say, whether
//! an unindented line continues a paragraph deep inside a list) it stops cutting for good. Too few cuts cost a
//! little work; a wrong cut would change what the reader sees.

pub mod display;
pub mod line;
mod verdict;

pub use verdict::{Role, Verdict};

use display::Display;
use line::{
    Fence, content, fence_closes, fence_open, indent, is_blank, is_heading, is_plain, is_rule,
    is_underline, marker,
};
use verdict::Paragraph;

/// State of the current block.
#[derive(Debug, Clone, Default)]
struct Block {
    filled: bool,
    fence: Option<Fence>,
    /// A fence inside a list item or a quote.
    nested: Option<Fence>,
    /// Content offset, in columns, of the current item of a top-level list.
    item: Option<usize>,
    /// The item's marker line was empty and nothing has followed yet.
    item_empty: bool,
    /// Blank lines do not end this block by themselves (list, indented code).
    sticky: bool,
    last_blank: bool,
    /// The last line inside the list was plain paragraph text.
    last_plain: bool,
    last_quoted: bool,
    paragraph: Paragraph,
    /// A pipe was seen in the open paragraph: it may be a table.
    pipe: bool,
}

/// The line reader. Feed it complete lines, in order, without their line ends.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    block: Block,
    display: Option<Display>,
    merged: bool,
    definitions: bool,
}

impl Scanner {
    /// A link or footnote definition was met; it may give meaning to brackets in earlier blocks.
    pub fn has_definitions(&self) -> bool {
        self.definitions
    }

    /// The fence that is open at the end of what was read.
    pub fn open_fence(&self) -> Option<Fence> {
        self.block.fence.or(self.block.nested)
    }

    /// Whether the current block is a fence of the top level that is open.
    pub fn is_fence(&self) -> bool {
        self.block.fence.is_some() && !self.merged
    }

    /// Whether the beginning of a line that is still being written already settles that a new block starts here.
    /// If so the boundary is taken.
    pub fn cut_early(&mut self, beginning: &str) -> bool {
        let waiting =
            self.block.sticky && self.block.last_blank && self.display.is_none() && !self.merged;
        let first = beginning.bytes().next();
        let settled = first.is_some_and(|byte| !b" \t\r-+*0123456789".contains(&byte));
        if waiting && settled {
            self.block = Block::default();
        }
        waiting && settled
    }

    /// Reads one complete line.
    pub fn line(&mut self, line: &str) -> Verdict {
        // A lone carriage return is a line end for CommonMark; too rare to model.
        self.merged |= line.trim_end_matches('\r').contains('\r');
        if let Some(display) = self.display {
            return self.inside_display(line, display);
        }
        let mut verdict = self.structure(line);
        self.block.filled |= verdict.role != Role::Blank;
        if let Role::Text(at) = verdict.role {
            self.look_for_definitions(line, at);
            let text = &line[at..];
            if !is_heading(text)
                && !text.starts_with('|')
                && let Some((display, _)) = display::opened_by(line, at)
            {
                self.display = Some(display);
                verdict.role = Role::DisplayOpen;
            }
        }
        if self.merged {
            verdict.cut_before = false;
            verdict.cut_after = false;
        }
        if verdict.cut_after {
            self.block = Block::default();
        }
        verdict
    }

    fn inside_display(&mut self, line: &str, display: Display) -> Verdict {
        let role = if is_blank(line) {
            // Never closed: the lines above were ordinary Markdown after all, and nobody judged them.
            self.display = None;
            self.merged = true;
            self.block.last_blank = true;
            Role::Blank
        } else if let Some(end) = display.closes_in(line) {
            self.display = display::opened_by(line, end).map(|(display, _)| display);
            if self.display.is_some() {
                Role::DisplayInside
            } else {
                Role::DisplayClose
            }
        } else {
            Role::DisplayInside
        };
        Verdict {
            role,
            cut_before: false,
            cut_after: false,
        }
    }

    fn look_for_definitions(&mut self, line: &str, at: usize) {
        let text = &line[at..];
        if line.contains("]:") {
            self.definitions = true;
            self.merged |= text.starts_with('[');
        }
        // From a footnote mark on the text stays whole: the note it names comes later.
        self.merged |= display::prose_contains(text, "[^");
    }

    /// The heart: decides what the line does to the block.
    fn structure(&mut self, line: &str) -> Verdict {
        let mut verdict = Verdict {
            role: Role::Code,
            cut_before: false,
            cut_after: false,
        };
        let (columns, start) = indent(line);
        let text = &line[start..];
        if let Some(fence) = self.block.fence {
            if columns < 4 && fence_closes(text, fence) {
                self.block.fence = None;
                verdict.cut_after = true;
            }
            return verdict;
        }
        if is_blank(line) {
            verdict.role = Role::Blank;
            verdict.cut_after = self.blank();
            return verdict;
        }
        let after_blank = std::mem::replace(&mut self.block.last_blank, false);
        if self.block.item.is_some_and(|item| columns >= item) {
            verdict.role = self.inside_item(line, columns);
            return verdict;
        }
        if self.block.item.is_none() && self.block.nested.is_some() {
            if text.starts_with('>') {
                verdict.role = self.nested_line(line);
                return verdict;
            }
            self.block.nested = None;
        }
        self.top_level(line, columns, start, after_blank)
    }

    /// A blank line. Returns whether it ends the block.
    fn blank(&mut self) -> bool {
        let block = &mut self.block;
        if block.item_empty {
            // CommonMark 5.2: an item may begin with at most one blank line, so nothing can follow inside it.
            block.item = Some(usize::MAX);
        }
        block.last_blank = true;
        block.last_plain = false;
        block.last_quoted = false;
        block.paragraph = Paragraph::No;
        block.pipe = false;
        if block.item.is_none() {
            block.nested = None;
        }
        !block.sticky && block.filled
    }

    fn inside_item(&mut self, line: &str, columns: usize) -> Role {
        self.block.item_empty = false;
        if self.block.nested.is_some() {
            return self.nested_line(line);
        }
        let deep = columns - self.block.item.unwrap_or(columns) >= 4;
        self.item_text(line, deep)
    }

    /// A line of a list item that is in no fence, its marker line included.
    fn item_text(&mut self, line: &str, deep: bool) -> Role {
        let (at, code) = content(line);
        let text = &line[at..];
        self.block.nested = fence_open(text).filter(|_| !code);
        self.block.last_plain = !deep && !code && is_plain(text);
        // Deep inside a list, what bears no marker may be code or a nested item's text: left as it is.
        if self.block.nested.is_some() || code || (deep && marker(line.trim_start(), 0).is_none()) {
            if self.block.nested.is_none() {
                self.look_for_definitions(line, at);
            }
            Role::Code
        } else {
            Role::Text(at)
        }
    }

    fn nested_line(&mut self, line: &str) -> Role {
        if self
            .block
            .nested
            .is_some_and(|fence| fence_closes(line::unquoted(line), fence))
        {
            self.block.nested = None;
        }
        self.block.last_plain = false;
        Role::Code
    }

    fn top_level(
        &mut self,
        line: &str,
        columns: usize,
        start: usize,
        after_blank: bool,
    ) -> Verdict {
        let text = &line[start..];
        let shallow = columns < 4;
        let in_list = self.block.item.is_some();
        let mark = marker(text, columns).filter(|_| shallow && !is_rule(text));

        if in_list && let Some(mark) = mark {
            return self.open_item(line, columns, mark);
        }
        if after_blank && self.block.filled && (in_list || shallow) {
            // The list, or the indented code, is over.
            return self.restart(line);
        }
        if shallow && (is_heading(text) || fence_open(text).is_some()) {
            if self.block.filled {
                return self.restart(line);
            }
            self.block.paragraph = Paragraph::No;
            self.block.fence = fence_open(text);
            let role = if self.block.fence.is_some() {
                Role::Code
            } else {
                Role::Text(start)
            };
            return Verdict {
                role,
                cut_before: false,
                cut_after: false,
            };
        }
        let role = if shallow && text.starts_with('>') {
            self.quote(line)
        } else if in_list {
            self.after_list(text, start, shallow)
        } else if shallow
            && is_underline(text)
            && self.block.paragraph == Paragraph::Yes
            && !self.block.pipe
        {
            self.block.paragraph = Paragraph::No;
            Role::Text(start)
        } else if shallow && is_rule(text) {
            self.block.paragraph = Paragraph::No;
            self.block.last_quoted = false;
            Role::Text(start)
        } else if let Some(mark) = mark.filter(|mark| self.may_start_list(mark)) {
            return self.open_item(line, columns, mark);
        } else {
            self.paragraph_line(text, start, shallow)
        };
        Verdict {
            role,
            cut_before: false,
            cut_after: false,
        }
    }

    /// Starts a block with this line.
    fn restart(&mut self, line: &str) -> Verdict {
        if self.merged {
            // No boundary is reported any more, yet the new state is the true one.
            self.block = Block::default();
            return self.structure(line);
        }
        self.block = Block::default();
        Verdict {
            cut_before: true,
            ..self.structure(line)
        }
    }

    fn open_item(&mut self, line: &str, columns: usize, mark: line::Marker) -> Verdict {
        let block = &mut self.block;
        block.item = Some(columns + mark.padding);
        block.item_empty = mark.empty;
        block.sticky = true;
        block.paragraph = Paragraph::No;
        block.pipe = false;
        block.last_quoted = false;
        let role = if mark.empty {
            block.nested = None;
            block.last_plain = false;
            Role::Text(line.len())
        } else {
            self.item_text(line, false)
        };
        Verdict {
            role,
            cut_before: false,
            cut_after: false,
        }
    }

    fn quote(&mut self, line: &str) -> Role {
        if self.block.item.take().is_some() {
            self.block.item_empty = false;
            self.block.nested = None;
        }
        self.block.paragraph = Paragraph::No;
        self.block.last_quoted = true;
        let (at, code) = content(line);
        self.block.nested = fence_open(&line[at..]).filter(|_| !code);
        if self.block.nested.is_some() || code {
            Role::Code
        } else {
            Role::Text(at)
        }
    }

    /// An unindented line right below a list: it continues the item's paragraph or ends the list.
    fn after_list(&mut self, text: &str, start: usize, shallow: bool) -> Role {
        if shallow && is_rule(text) {
            self.block.item = None;
            self.block.item_empty = false;
            self.block.nested = None;
            self.block.paragraph = Paragraph::No;
        } else if self.block.nested.is_some() || !self.block.last_plain || !is_plain(text) {
            self.merged = true;
        }
        Role::Text(start)
    }

    fn may_start_list(&mut self, mark: &line::Marker) -> bool {
        if self.block.last_quoted || self.block.paragraph == Paragraph::No || mark.interrupts {
            return true;
        }
        // In a paragraph the line is text; in a quote's lazy line or below a table it would be a list.
        self.merged |= self.block.paragraph == Paragraph::Maybe || self.block.pipe;
        false
    }

    fn paragraph_line(&mut self, text: &str, start: usize, shallow: bool) -> Role {
        let block = &mut self.block;
        let quoted = std::mem::replace(&mut block.last_quoted, false);
        if !shallow && (block.paragraph == Paragraph::No || block.pipe) {
            block.sticky = true;
            if quoted || block.pipe {
                block.paragraph = Paragraph::Maybe;
            }
            return Role::Code;
        }
        if quoted {
            block.paragraph = Paragraph::Maybe;
        } else if block.paragraph == Paragraph::No {
            block.paragraph = Paragraph::Yes;
        }
        // "-" under something that may be a table or a quote: heading, list or text.
        if is_underline(text) && (block.pipe || block.paragraph == Paragraph::Maybe) {
            self.merged = true;
        }
        block.pipe |= text.contains('|');
        Role::Text(start)
    }
}
