//! Closes one run of inline text: emphasis, strike-through, code, maths, links.
//!
//! An approximation of CommonMark's delimiter rules that suits text in motion; the engine has the last word once
//! the block is complete.

use super::tex;
use crate::render::scan::display::code_end;

/// Longest half-written link text that is recognised, in bytes. Older brackets are taken for plain text.
const MAX_LABEL: usize = 160;

struct Open {
    mark: char,
    count: usize,
    /// The byte behind the run.
    end: usize,
}

/// Most half-written links that are undone in one run; they nest, and each costs a pass.
const MAX_PASSES: usize = 4;

/// What one pass over a run comes to.
enum Pass {
    Closed(String),
    /// A bracket was taken out: look again.
    Changed(String),
}

/// The run with its open ends closed.
pub fn close(run: &str) -> String {
    let mut text = run.to_owned();
    for _ in 0..MAX_PASSES {
        match pass(&text) {
            Pass::Closed(closed) => return closed,
            Pass::Changed(shorter) => text = shorter,
        }
    }
    text
}

fn pass(run: &str) -> Pass {
    let mut open: Vec<Open> = Vec::new();
    let mut brackets: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    let mut end = run.len();
    while let Some(c) = run[at..].chars().next() {
        let rest = &run[at..];
        match c {
            '\\' if rest.len() == 1 => {
                end = at;
                break;
            }
            '\\' if rest.starts_with("\\(") => match rest.find("\\)") {
                Some(close) => at += close + 2,
                None => return Pass::Closed(formula(run, at, 2, "\\)", &open)),
            },
            '\\' => at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '`' => {
                let ticks = rest.bytes().take_while(|&byte| byte == b'`').count();
                match code_end(&rest[ticks..], ticks) {
                    Some(close) => at += ticks + close,
                    None => return Pass::Closed(code(run, at, ticks, &open)),
                }
            }
            '$' => match dollars(rest) {
                Dollars::Skip(bytes) => at += bytes,
                Dollars::Open => return Pass::Closed(formula(run, at, 1, "$", &open)),
            },
            '*' | '_' | '~' => {
                let count = rest.chars().take_while(|&mark| mark == c).count();
                if count == rest.trim_end().len() && rest.trim_end().len() == rest.len() {
                    end = at;
                    break;
                }
                emphasis(run, at, c, count, &mut open);
                at += count;
            }
            '[' => {
                brackets.push((at, at > 0 && run.as_bytes()[at - 1] == b'!'));
                at += 1;
            }
            ']' => {
                at += 1;
                if let Some((start, image)) = brackets.pop()
                    && run[at..].starts_with('(')
                {
                    match run[at..].find(')') {
                        Some(close) => at += close + 1,
                        None if run[at..].contains('\n') => {}
                        None => return without_target(run, start, at - 1, image),
                    }
                }
            }
            _ => at += c.len_utf8(),
        }
    }
    let text = &run[..end];
    if let Some(&(start, image)) = brackets.last()
        && text.len() - start <= MAX_LABEL
        && !text[start..].contains('\n')
    {
        if text[start..].starts_with("[^") && !image {
            return Pass::Closed(finish(&text[..start], &open));
        }
        return without_target(text, start, text.len(), image);
    }
    Pass::Closed(finish(text, &open))
}

enum Dollars {
    Skip(usize),
    Open,
}

/// What a dollar sign begins. An amount of money is left alone; so is what shows no sign of TeX yet.
fn dollars(rest: &str) -> Dollars {
    let count = rest.bytes().take_while(|&byte| byte == b'$').count();
    let body = &rest[count..];
    if count > 1 {
        let close = body.find("$$").filter(|_| count == 2);
        return Dollars::Skip(close.map_or(count, |close| count + close + 2));
    }
    if body.starts_with(char::is_whitespace) {
        return Dollars::Skip(1);
    }
    let bytes = body.as_bytes();
    let close = (1..bytes.len()).find(|&at| bytes[at] == b'$' && bytes[at - 1] != b'\\');
    match close {
        Some(at)
            if bytes[at - 1].is_ascii_whitespace()
                || bytes.get(at + 1).is_some_and(u8::is_ascii_digit) =>
        {
            Dollars::Skip(1)
        }
        Some(at) => Dollars::Skip(at + 2),
        None if body.contains(['\\', '^', '_', '{', '='])
            && !body.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Dollars::Open
        }
        None => Dollars::Skip(1),
    }
}

fn emphasis(run: &str, at: usize, mark: char, count: usize, open: &mut Vec<Open>) {
    let before = run[..at].chars().next_back();
    let after = run[at + count..].chars().next();
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let factor = mark == '*' && count == 1 && ascii(before) && ascii(after) && open.is_empty();
    if factor || mark == '_' && word(before) && word(after) || mark == '~' && count > 2 {
        return;
    }
    let mut left = count;
    while left > 0 && !space(before) {
        let Some(found) = open.iter().rposition(|one| one.mark == mark) else {
            break;
        };
        open.truncate(found + 1);
        let used = left.min(open[found].count);
        left -= used;
        open[found].count -= used;
        if open[found].count == 0 {
            open.pop();
        }
    }
    if left > 0 && !space(after) {
        open.push(Open {
            mark,
            count: left,
            end: at + count,
        });
    }
}

/// Inline code that has no closing ticks yet.
fn code(run: &str, at: usize, ticks: usize, open: &[Open]) -> String {
    let body = run[at + ticks..].trim_end_matches(['`', '\n', '\r']);
    if body.trim().is_empty() {
        return finish(&run[..at], open);
    }
    let fence = &run[at..at + ticks];
    closed(format!("{}{fence}{body}{fence}", &run[..at]), open)
}

/// A formula that has no closing delimiter yet.
fn formula(run: &str, at: usize, width: usize, closer: &str, open: &[Open]) -> String {
    let healed = tex::close(&run[at + width..]);
    if healed.trim().is_empty() {
        return finish(&run[..at], open);
    }
    closed(
        format!("{}{}{closer}", &run[..at + width], healed.trim_end()),
        open,
    )
}

/// A link whose target is half written shows its text; an image shows nothing.
fn without_target(run: &str, start: usize, end: usize, image: bool) -> Pass {
    if image {
        return Pass::Changed(run[..start - 1].to_owned());
    }
    Pass::Changed(format!("{}{}", &run[..start], &run[start + 1..end]))
}

/// Closes emphasis at the end of `text`, before its trailing white space.
fn finish(text: &str, open: &[Open]) -> String {
    let body = text.trim_end();
    let space = &text[body.len()..];
    // An opener with nothing behind it is held back.
    if let Some((last, rest)) = open.split_last()
        && last.end >= body.len()
    {
        return finish(
            &body[..last.end.min(body.len()) - last.count.min(body.len())],
            rest,
        );
    }
    closed(body.to_owned(), open) + space
}

fn closed(mut text: String, open: &[Open]) -> String {
    for one in open.iter().rev() {
        text.extend(std::iter::repeat_n(one.mark, one.count));
    }
    text
}
