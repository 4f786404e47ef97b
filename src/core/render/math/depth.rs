//! How deeply a formula nests, judged before the recursive parser sees it. Errs on the safe side.

/// Deepest nesting that is translated, in groups.
const MAX_DEPTH: usize = 20;
/// Most commands that take an argument without braces around it; each may hold the next one.
const MAX_LOOSE: usize = 12;
/// Most of both together.
pub const MAX_BOTH: usize = 24;

/// Bounds the nesting: open groups, and arguments without braces, each of which may hold the next one.
pub fn is_excessive(tex: &str) -> bool {
    let bytes = tex.as_bytes();
    let (mut depth, mut deepest, mut loose, mut at) = (0usize, 0usize, 0usize, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => {
                let end = after_command(tex, at);
                match &tex[at + 1..end] {
                    "left" | "begin" => depth += 1,
                    "right" | "end" => depth = depth.saturating_sub(1),
                    name => loose += usize::from(has_loose_argument(tex, name, end)),
                }
                at = end - 1;
            }
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'^' | b'_' | b'\'' => {
                loose += usize::from(matches!(
                    next_byte(tex, at + 1),
                    Some((_, b'^' | b'_' | b'\''))
                ))
            }
            _ => {}
        }
        at += 1;
        deepest = deepest.max(depth);
    }
    deepest > MAX_DEPTH || loose > MAX_LOOSE || deepest + loose > MAX_BOTH
}

/// The byte behind the command at `at`: letters, or one character.
fn after_command(tex: &str, at: usize) -> usize {
    let rest = &tex[at + 1..];
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let width = if letters > 0 {
        letters
    } else {
        rest.chars().next().map_or(0, char::len_utf8)
    };
    at + 1 + width
}

fn next_byte(tex: &str, from: usize) -> Option<(usize, u8)> {
    let skipped = tex
        .as_bytes()
        .get(from..)?
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    tex.as_bytes()
        .get(from + skipped)
        .map(|&byte| (from + skipped, byte))
}

/// Whether an argument of the command that ended at `end` may be another command without braces around it.
fn has_loose_argument(tex: &str, name: &str, end: usize) -> bool {
    const SYMBOLS: &str = " alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho \
        sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega times cdot \
        cdots ldots dots vdots ddots le ge leq geq neq ne approx equiv sim in notin subset subseteq cup cap to infty partial \
        nabla sum prod int iint oint quad qquad sin cos tan log ln exp lim max min pm mp div forall exists mid circ \
        rightarrow leftarrow Rightarrow implies iff mapsto land lor neg hbar ell displaystyle ";
    const TWO: &str = " frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel ";
    let known = |list: &str| list.contains(&format!(" {name} "));
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || known(SYMBOLS) {
        return false;
    }
    let mut next = next_byte(tex, end);
    if let Some((at, b'[')) = next {
        next = tex[at..]
            .find(']')
            .and_then(|close| next_byte(tex, at + close + 1));
    }
    if known(TWO) {
        next = next.and_then(|(at, byte)| match byte {
            b'{' => next_byte(tex, after_group(tex, at)),
            b'\\' => Some((at, byte)),
            _ => next_byte(tex, at + tex[at..].chars().next().map_or(1, char::len_utf8)),
        });
    }
    matches!(next, Some((_, b'\\' | b'^' | b'_' | b'[' | b'\'')))
}

/// The byte behind the group that opens at `at`, or the end.
fn after_group(tex: &str, at: usize) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in tex[at..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + offset + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    tex.len()
}
