//! What one line of Markdown is, judged by itself: indentation, fences, markers, rules.
//!
//! Follows the block grammar of CommonMark 0.31 (sections 2.2, 4 and 5). Nothing here remembers earlier lines.

/// A code fence: its character (`` ` `` or `~`) and its length in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    pub mark: u8,
    pub len: usize,
}

/// A list marker at the start of a trimmed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Bytes of the marker itself, `-` or `12.`.
    pub width: usize,
    /// Columns from the marker's first character to the content of the item.
    pub padding: usize,
    /// Whether nothing follows the marker on its line.
    pub empty: bool,
    /// Whether a list that starts with this marker may interrupt a paragraph.
    pub interrupts: bool,
}

/// Columns of leading white space (tab stops of four) and the byte where the text begins.
pub fn indent(line: &str) -> (usize, usize) {
    let mut columns = 0;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4 - columns % 4,
            _ => return (columns, at),
        }
    }
    (columns, line.len())
}

/// Whether the line holds nothing but spaces and tabs.
pub fn is_blank(line: &str) -> bool {
    line.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// The fence that a trimmed line opens, if it does.
pub fn fence_open(text: &str) -> Option<Fence> {
    let mark = *text.as_bytes().first()?;
    if mark != b'`' && mark != b'~' {
        return None;
    }
    let len = text.bytes().take_while(|&byte| byte == mark).count();
    let info_ok = mark == b'~' || !text[len..].contains('`');
    (len >= 3 && info_ok).then_some(Fence { mark, len })
}

/// Whether a trimmed line closes `fence`.
pub fn fence_closes(text: &str, fence: Fence) -> bool {
    let len = text.bytes().take_while(|&byte| byte == fence.mark).count();
    len >= fence.len && is_blank(&text[len..])
}

/// Whether a trimmed line is an ATX heading.
pub fn is_heading(text: &str) -> bool {
    let level = text.bytes().take_while(|&byte| byte == b'#').count();
    (1..=6).contains(&level)
        && matches!(
            text.as_bytes().get(level),
            None | Some(b' ' | b'\t' | b'\r')
        )
}

/// Whether a trimmed line is a thematic break (`---`, `* * *`, `___`).
pub fn is_rule(text: &str) -> bool {
    let Some(&mark) = text.as_bytes().first() else {
        return false;
    };
    if !matches!(mark, b'-' | b'*' | b'_') {
        return false;
    }
    let mut count = 0;
    for byte in text.bytes() {
        match byte {
            byte if byte == mark => count += 1,
            b' ' | b'\t' | b'\r' => {}
            _ => return false,
        }
    }
    count >= 3
}

/// Whether a trimmed line would turn the paragraph above it into a heading.
pub fn is_underline(text: &str) -> bool {
    let text = text.trim_end();
    !text.is_empty()
        && (text.bytes().all(|byte| byte == b'=') || text.bytes().all(|byte| byte == b'-'))
}

/// The list marker that a trimmed line begins with; `column` is where it stands (tab stops need it).
pub fn marker(text: &str, column: usize) -> Option<Marker> {
    let bytes = text.as_bytes();
    let (width, first) = match bytes.first()? {
        b'-' | b'*' | b'+' => (1, true),
        b'0'..=b'9' => {
            let digits = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if digits > 9 || !matches!(bytes.get(digits), Some(b'.' | b')')) {
                return None;
            }
            (digits + 1, text[..digits].parse() == Ok(1u32))
        }
        _ => return None,
    };
    let rest = &text[width..];
    if !rest
        .bytes()
        .next()
        .is_none_or(|byte| byte.is_ascii_whitespace() || byte == 0x0b)
    {
        return None;
    }
    let empty = is_blank(rest);
    let start = column + width;
    let mut end = start;
    for byte in rest.bytes() {
        match byte {
            b' ' => end += 1,
            b'\t' => end += 4 - end % 4,
            _ => break,
        }
    }
    let gap = end - start;
    let near = (1..5).contains(&gap) && !empty;
    Some(Marker {
        width,
        padding: if near { width + gap } else { width + 1 },
        empty,
        interrupts: first && !empty,
    })
}

/// Most quotes and lists that one line may open inside each other; what stands behind is text. Nobody means more, and
/// what is nested is costly to read, to lay out and to leave again.
const MAX_DEPTH: usize = 48;

/// Where the text of a line begins behind its quote and list markers, and whether that text is indented code.
pub fn content(line: &str) -> (usize, bool) {
    let mut at = 0;
    let mut column = 0;
    let mut inside = false;
    for _ in 0..MAX_DEPTH {
        let (columns, bytes) = indent(&line[at..]);
        at += bytes;
        column += columns;
        if columns > 4 && inside {
            return (at, true);
        }
        let text = &line[at..];
        if text.starts_with('>') {
            at += 1;
            column += 1;
        } else if let Some(marker) =
            marker(text, column).filter(|marker| !marker.empty && !is_rule(text))
        {
            at += marker.width;
            column += marker.width;
        } else {
            return (at, false);
        }
        inside = true;
    }
    (at, false)
}

/// For a line whose text begins at byte `at` after as many quotes and lists as there may be: the byte of the character
/// that would make one more.
#[cfg(feature = "render")]
pub fn excessive(line: &str, at: usize) -> Option<usize> {
    let (markers, rest) = line.split_at(at);
    let marks = |byte: &u8| !byte.is_ascii_digit() && !byte.is_ascii_whitespace();
    if markers.bytes().filter(marks).count() < MAX_DEPTH {
        return None;
    }
    let text = rest.trim_start_matches([' ', '\t']);
    let at = line.len() - text.len();
    if text.starts_with('>') {
        return Some(at);
    }
    marker(text, 0).map(|marker| at + marker.width - 1)
}

/// A line without its leading white space and quote marks (list markers stay).
pub fn unquoted(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '>'])
}

/// Text that can only be paragraph text, whatever stands before it.
pub fn is_plain(text: &str) -> bool {
    let special = matches!(
        text.as_bytes().first(),
        None | Some(b'#' | b'|' | b'>' | b'<' | b'=' | b'-' | b'+' | b'~' | b':')
    );
    !special && !is_rule(text) && fence_open(text).is_none() && !text.contains('|')
}
