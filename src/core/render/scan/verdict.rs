//! What the line reader says about a line, and what it remembers of a paragraph.

/// What one line is to a later stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Blank,
    /// Inside a fence, a fence line itself, or indented code: never touched.
    Code,
    /// Ordinary Markdown; the text after quote and list markers begins at this byte.
    Text(usize),
    /// The line opens display maths that a later line must close.
    DisplayOpen,
    /// Inside display maths that is still open.
    DisplayInside,
    /// The line with the closing delimiter.
    DisplayClose,
}

/// Whether a paragraph is open at the top level, so that only some blocks may interrupt it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Paragraph {
    #[default]
    No,
    Yes,
    /// Open either here or inside a quote: the full parser would know.
    Maybe,
}

/// The verdict on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub role: Role,
    /// A block boundary lies before this line.
    pub cut_before: bool,
    /// A block boundary lies after this line.
    pub cut_after: bool,
}
