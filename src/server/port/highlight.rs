//! Telling keywords from strings: what the parts of a piece of code are, in a language that has a name.

use parlance_core::render::code::Span;

/// Knows the grammars of languages. Its answers depend on nothing but the question, so they may be kept.
///
/// Works as long as it takes, on the thread that asks: never ask from a thread that serves others.
pub trait Highlighter: Send + Sync {
    /// Whether the language is known under this name, as it stands behind a code fence.
    fn knows(&self, language: &str) -> bool;

    /// The parts of `code`, in order and adjacent. `None` for an unknown language, and where the grammar does not
    /// come to an end with it.
    fn highlight(&self, language: &str, code: &str) -> Option<Vec<Span>>;
}
