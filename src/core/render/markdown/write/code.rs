//! A block of code: its head with the language and what can be done with it, the code, and the switch that unfolds it.
//!
//! The switches are check boxes, which the style sheet reads, so they work without scripts; copying needs one.

use std::fmt::Write;

use super::Writer;

/// So many lines are seen before a block is unfolded. The style sheet knows the number too.
const FOLDED_LINES: usize = 24;
/// A block with a line longer than this can be made to break its lines, bytes.
const LONG_LINE: usize = 48;

impl Writer<'_> {
    /// The whole block. `language` holds only what languages are named with.
    pub(super) fn open_code(&mut self, language: &str, code: &str) {
        let words = self.dress.words;
        let marked = match self.dress.colours {
            Some(colours) if !language.is_empty() => colours(language, code),
            _ => None,
        };
        self.raw("<div class=\"code\"");
        if !language.is_empty() {
            let _ = write!(self.out, " data-lang=\"{language}\"");
        }
        if marked.is_some() {
            self.raw(" data-hl");
        }
        self.raw("><div class=\"code-head\">");
        if !language.is_empty() {
            let _ = write!(self.out, "<span class=\"code-lang\">{language}</span>");
        }
        if code.lines().any(|line| line.len() > LONG_LINE) {
            self.switch("code-wrap", words.wrap, "", "");
        }
        self.raw("<button class=\"code-copy\" type=\"button\" data-act=\"copy-code\">");
        self.text(words.copy);
        self.raw("</button></div><pre");
        self.scrolls(words.code, language);
        self.raw("<code>");
        match marked {
            Some(marked) => self.raw(marked.as_str()),
            None => self.text(code),
        }
        self.raw("</code></pre>");
        let lines = code.lines().count();
        if lines > FOLDED_LINES {
            let (before, behind) = words.around_number();
            self.switch("code-all", before, &lines.to_string(), behind);
        }
        self.raw("</div>\n");
    }

    /// A check box with its words.
    fn switch(&mut self, class: &str, before: &str, number: &str, behind: &str) {
        let _ = write!(
            self.out,
            "<label class=\"{class}\"><input type=\"checkbox\">"
        );
        for text in [before, number, behind] {
            self.text(text);
        }
        self.raw("</label>");
    }

    /// The rest of the opening tag of a box that scrolls by itself: it can be reached with the keyboard, so it has a name.
    pub(super) fn scrolls(&mut self, name: &str, more: &str) {
        self.raw(" tabindex=\"0\" role=\"group\" aria-label=\"");
        self.text(name);
        if !more.is_empty() {
            self.raw(" ");
            self.text(more);
        }
        self.raw("\">");
    }
}
