//! Colours for code, by TextMate grammars: syntect with patterns in pure Rust.
//!
//! Chosen over arborium's tree-sitter grammars by size: their tables are 9 to 25 MB of C source for one language, more
//! than the whole installation may grow by for three of them, while some fifty grammars here are half a megabyte.
//! `grammars.bin` is cut from two-face's collection by a test below. Must not enter: HTML, what is kept.

mod scope;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use parlance_core::render::code::{Class, Span};
use parlance_server::port::highlight::Highlighter;
use syntect::{
    dumps::from_uncompressed_data,
    parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet},
};

/// The grammars, in syntect's own form.
static GRAMMARS: &[u8] = include_bytes!("highlight/grammars.bin");
/// After this long the rest of a block stays plain. Honest code takes a tenth of it; unoptimised tests beside others on
/// a busy machine take more.
const LONGEST: Duration = Duration::from_secs(if cfg!(test) { 30 } else { 1 });

/// Names behind fences that are neither the name of a grammar nor one of its file extensions.
const ALIASES: &[(&str, &str)] = &[
    ("assembly", "asm"),
    ("c#", "cs"),
    ("console", "sh"),
    ("csharp", "cs"),
    ("docker", "dockerfile"),
    ("f#", "fsx"),
    // Shaders are called so too, but nobody asks about them by this name.
    ("fs", "fsx"),
    ("fsharp", "fsx"),
    ("golang", "go"),
    ("gql", "graphql"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("jsx", "tsx"),
    ("make", "makefile"),
    ("cjs", "js"),
    ("mjs", "js"),
    ("node", "js"),
    ("objective-c", "m"),
    ("objc", "m"),
    ("postgres", "sql"),
    ("postgresql", "sql"),
    ("protobuf", "proto"),
    ("pwsh", "ps1"),
    ("python3", "py"),
    ("shell", "sh"),
    ("shellscript", "sh"),
    ("sh-session", "sh"),
    ("terminal", "sh"),
    ("udiff", "diff"),
    ("viml", "vim"),
    ("zsh", "sh"),
];

/// TextMate grammars. They are unpacked when the first code asks for them.
#[derive(Default)]
pub struct TextMate {
    grammars: OnceLock<SyntaxSet>,
}

impl TextMate {
    fn grammars(&self) -> &SyntaxSet {
        self.grammars
            .get_or_init(|| from_uncompressed_data(GRAMMARS).unwrap_or_default())
    }

    fn grammar(&self, language: &str) -> Option<&SyntaxReference> {
        let name = language.to_ascii_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name.as_str(), |(_, name)| name);
        if name.is_empty() {
            return None;
        }
        self.grammars()
            .find_syntax_by_token(name)
            .filter(|grammar| !is_empty(grammar))
    }
}

impl Highlighter for TextMate {
    fn knows(&self, language: &str) -> bool {
        self.grammar(language).is_some()
    }

    fn highlight(&self, language: &str, code: &str) -> Option<Vec<Span>> {
        let grammars = self.grammars();
        let begun = Instant::now();
        let mut state = ParseState::new(self.grammar(language)?);
        let mut stack = ScopeStack::new();
        let mut spans = Spans::default();
        for line in code.split_inclusive('\n') {
            if begun.elapsed() > LONGEST {
                break;
            }
            // The grammars want every line with its end.
            let ended = line.ends_with('\n');
            let owned;
            let text = if ended {
                line
            } else {
                owned = format!("{line}\n");
                &owned
            };
            let changes = state.parse_line(text, grammars).ok()?;
            let mut at = 0;
            for (place, change) in changes {
                let place = place.min(line.len());
                spans.push(place.saturating_sub(at), scope::class(stack.as_slice()));
                at = at.max(place);
                stack.apply(&change).ok()?;
            }
            spans.push(line.len() - at, scope::class(stack.as_slice()));
        }
        Some(spans.0)
    }
}

/// Pieces that are put together where nothing changes.
#[derive(Default)]
struct Spans(Vec<Span>);

impl Spans {
    fn push(&mut self, bytes: usize, class: Option<Class>) {
        match self.0.last_mut() {
            _ if bytes == 0 => {}
            Some(last) if last.class == class => last.bytes += bytes,
            _ => self.0.push(Span { bytes, class }),
        }
    }
}

/// Whether nothing is left of the grammar but its place in the list, which others count on.
fn is_empty(grammar: &SyntaxReference) -> bool {
    grammar.name.is_empty()
}

#[cfg(test)]
mod tests;
