//! Code with its parts coloured: spans around pieces of the escaped text, and nothing else.
//!
//! What the parts are is found out elsewhere (on the server, by a library); here they become HTML, so that no grammar
//! and no library ever writes a tag. [`Marked`] cannot be made in any other way.

use super::markdown::push_escaped;

/// Longest code that is coloured, bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most lines that are coloured.
pub const MAX_LINES: usize = 2_000;
/// Longest line in code that is coloured, bytes: beyond it stands what a machine wrote, and matching costs the most.
pub const MAX_LINE_BYTES: usize = 2_000;

/// What a piece of code is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    Keyword,
    String,
    Number,
    Comment,
    Function,
    Type,
}

impl Class {
    /// As in the style sheet.
    fn name(self) -> &'static str {
        match self {
            Self::Keyword => "kw",
            Self::String => "str",
            Self::Number => "num",
            Self::Comment => "com",
            Self::Function => "fn",
            Self::Type => "ty",
        }
    }
}

/// A piece of code, so many bytes behind the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub bytes: usize,
    pub class: Option<Class>,
}

/// Coloured code as safe HTML. Without its spans it is the escaped code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked(String);

impl Marked {
    /// Colours `code`. Whatever the spans do not cover, or cut in the middle of a character, stays plain.
    #[must_use]
    pub fn new(code: &str, spans: &[Span]) -> Self {
        let mut out = String::with_capacity(code.len() + code.len() / 2);
        let mut at = 0usize;
        for span in spans {
            let Some(text) = at.checked_add(span.bytes).and_then(|end| code.get(at..end)) else {
                break;
            };
            at += span.bytes;
            match span.class.filter(|_| !text.trim().is_empty()) {
                Some(class) => {
                    out.push_str("<span class=\"");
                    out.push_str(class.name());
                    out.push_str("\">");
                    push_escaped(&mut out, text);
                    out.push_str("</span>");
                }
                None => push_escaped(&mut out, text),
            }
        }
        push_escaped(&mut out, &code[at..]);
        Self(out)
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether code of this size is coloured at all.
#[must_use]
pub fn is_coloured(code: &str) -> bool {
    code.len() <= MAX_BYTES
        && code.bytes().filter(|byte| *byte == b'\n').count() <= MAX_LINES
        && code.lines().all(|line| line.len() <= MAX_LINE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLASSES: [Option<Class>; 7] = [
        None,
        Some(Class::Keyword),
        Some(Class::String),
        Some(Class::Number),
        Some(Class::Comment),
        Some(Class::Function),
        Some(Class::Type),
    ];

    fn escaped(code: &str) -> String {
        let mut out = String::new();
        push_escaped(&mut out, code);
        out
    }

    /// Without our own spans. Nothing else may look like a tag.
    fn stripped(html: &str) -> String {
        let mut out = html.replace("</span>", "");
        for class in CLASSES.into_iter().flatten() {
            out = out.replace(&format!("<span class=\"{}\">", class.name()), "");
        }
        assert!(!out.contains('<'), "{html}");
        out
    }

    #[test]
    fn parts_are_wrapped_and_white_space_is_not() {
        let spans = [
            (3, Some(Class::Keyword)),
            (1, Some(Class::Keyword)),
            (1, None),
            (3, Some(Class::String)),
        ]
        .map(|(bytes, class)| Span { bytes, class });
        assert_eq!(
            Marked::new("let a\"<\"", &spans).as_str(),
            "<span class=\"kw\">let</span> a<span class=\"str\">&quot;&lt;&quot;</span>"
        );
    }

    #[test]
    fn spans_that_do_not_fit_are_not_believed() {
        for bytes in [2, 100, usize::MAX] {
            let spans = [
                Span {
                    bytes: 1,
                    class: Some(Class::Type),
                },
                Span {
                    bytes,
                    class: Some(Class::Comment),
                },
            ];
            assert_eq!(stripped(Marked::new("a字<", &spans).as_str()), "a字&lt;");
        }
    }

    #[test]
    fn what_is_too_much_stays_plain() {
        assert!(is_coloured("let a;\n"));
        assert!(!is_coloured(&"a\n".repeat(MAX_LINES + 1)));
        assert!(!is_coloured(&"a".repeat(MAX_LINE_BYTES + 1)));
        assert!(!is_coloured(&"abcdefg\n".repeat(MAX_BYTES / 8 + 1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn without_its_spans_it_is_the_escaped_code(
            code in "([<>&\"'/a-z \n字é🙂\u{0}]|</span>|<script>|<span class=\"kw\">){0,40}",
            cuts in prop::collection::vec((0usize..9, prop::sample::select(&CLASSES[..])), 0..40),
        ) {
            let spans: Vec<Span> = cuts.into_iter().map(|(bytes, class)| Span { bytes, class }).collect();
            prop_assert_eq!(stripped(Marked::new(&code, &spans).as_str()), escaped(&code));
        }
    }
}
