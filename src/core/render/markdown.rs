//! Markdown to safe HTML: comrak parses, our own writer speaks.
//!
//! GitHub's dialect plus maths and CJK-friendly emphasis (`**重点。**下文` is bold, CommonMark issue 650). Raw HTML
//! is shown as text, images are never loaded, links are http, https and mailto only. Both targets run this same
//! code, so what the server wrote and what the browser would write are equal.
//! Must not enter: a second place that produces tags from a message.

mod node;
mod url;
mod write;

pub(super) use write::push_escaped;

use comrak::{Arena, Options, parse_document};

use super::{code::Marked, heal, prepare::prepare, words::Words};

/// Colours code of a language, if it can do so now.
pub type Colours<'a> = &'a dyn Fn(&str, &str) -> Option<std::sync::Arc<Marked>>;

/// What a rendering brings along besides the text.
#[derive(Clone, Copy, Default)]
pub struct Dress<'a> {
    /// The reader's language.
    pub words: Words<'a>,
    /// `None`: code stays plain.
    pub colours: Option<Colours<'a>>,
}

/// Renders a finished text. Footnote ids carry a prefix made from the text, so that two messages on one page do
/// not share an anchor.
pub fn to_html(text: &str, dress: Dress<'_>) -> String {
    to_html_with(text, &prefix_of(text), dress)
}

/// Renders a finished text with an id prefix of the caller's. Characters other than ASCII letters, digits, `-` and
/// `_` are dropped from the prefix.
pub fn to_html_with(text: &str, id_prefix: &str, dress: Dress<'_>) -> String {
    let arena = Arena::new();
    let root = parse_document(&arena, &prepare(text), &options());
    let prefix: String = id_prefix
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    write::document(root, &prefix, dress)
}

/// Renders text that is still being written: mends its end first (see [`heal`]).
pub fn tail_to_html(text: &str, dress: Dress<'_>) -> String {
    to_html(&heal::heal(text), dress)
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.math_latex = true;
    options.extension.cjk_friendly_emphasis = true;
    options
}

/// FNV-1a, 32 bits: short, the same on every target, and no secret.
fn prefix_of(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("m{hash:08x}-")
}

#[cfg(test)]
mod tests;
