//! Display maths that runs over several lines, and looking at a line past its inline code.
//!
//! `$$ … $$` and `\[ … \]`. Lines in between must not be read as Markdown: `- b` is a term there, not a list.

/// An open display formula, named by what closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// `$$`
    Dollars,
    /// `\]`
    Bracket,
}

impl Display {
    /// The closing delimiter.
    pub fn closer(self) -> &'static str {
        match self {
            Self::Dollars => "$$",
            Self::Bracket => "\\]",
        }
    }

    /// The byte after the closing delimiter, if `text` holds it.
    pub fn closes_in(self, text: &str) -> Option<usize> {
        text.find(self.closer()).map(|at| at + 2)
    }
}

/// The display formula that is still open at the end of `line`, reading from byte `from`; with the byte behind its
/// opening delimiter.
pub fn opened_by(line: &str, from: usize) -> Option<(Display, usize)> {
    let mut at = from;
    while at < line.len() {
        let rest = &line[at..];
        match Token::first(rest) {
            Token::Skip(bytes) => at += bytes,
            Token::Display(display) => match display.closes_in(&rest[2..]) {
                Some(end) => at += 2 + end,
                None => return Some((display, at + 2)),
            },
        }
    }
    None
}

/// Whether `needle` stands in `text` outside inline code.
pub fn prose_contains(text: &str, needle: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(needle) {
            return true;
        }
        at += match Token::first(&text[at..]) {
            Token::Display(_) => 2,
            Token::Skip(bytes) => bytes,
        };
    }
    false
}

enum Token {
    Display(Display),
    /// So many bytes of text, escape or inline code.
    Skip(usize),
}

impl Token {
    fn first(rest: &str) -> Self {
        let next = |bytes: usize| {
            rest[bytes..]
                .chars()
                .next()
                .map_or(bytes, |c| bytes + c.len_utf8())
        };
        match rest.as_bytes()[0] {
            b'`' => {
                let run = rest.bytes().take_while(|&byte| byte == b'`').count();
                Self::Skip(run + code_end(&rest[run..], run).unwrap_or(0))
            }
            b'\\' if rest[1..].starts_with('[') => Self::Display(Display::Bracket),
            b'\\' => Self::Skip(next(1)),
            b'$' if rest.starts_with("$$") => Self::Display(Display::Dollars),
            _ => Self::Skip(next(0)),
        }
    }
}

/// Where inline code that was opened by `run` backticks ends in `text`: the byte after its closing run.
pub fn code_end(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let len = text[start..]
            .bytes()
            .take_while(|&byte| byte == b'`')
            .count();
        at = start + len;
        if len == run {
            return Some(at);
        }
    }
    None
}
