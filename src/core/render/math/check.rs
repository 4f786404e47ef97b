//! Checks the MathML that the engine wrote: known tags, known attributes, harmless values, nothing else.

/// Largest length in a style or size attribute, in its own unit (`100%` occurs).
const MAX_LENGTH: f32 = 100.0;
/// Farthest that something may be pulled to the left, in em.
const MAX_PULL: f32 = 2.0;

/// Whether every tag and attribute is on the list.
pub fn is_safe(mathml: &str) -> bool {
    let mut rest = mathml;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else {
            return false;
        };
        if !is_safe_tag(&rest[open + 1..open + close]) {
            return false;
        }
        rest = &rest[open + close + 1..];
    }
    true
}

fn is_safe_tag(tag: &str) -> bool {
    const TAGS: [&str; 33] = [
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "ms",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mprescripts",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "merror",
        "b",
        "i",
        "em",
        "code",
        "span",
        "s",
        "u",
    ];
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let tag = tag.strip_suffix('/').unwrap_or(tag).trim_end();
    let name = tag.split(' ').next().unwrap_or_default();
    TAGS.contains(&name) && are_safe_attributes(&tag[name.len()..])
}

fn are_safe_attributes(mut rest: &str) -> bool {
    const NAMES: [&str; 24] = [
        "display",
        "displaystyle",
        "scriptlevel",
        "class",
        "style",
        "width",
        "height",
        "depth",
        "voffset",
        "lspace",
        "rspace",
        "stretchy",
        "symmetric",
        "largeop",
        "movablelimits",
        "form",
        "fence",
        "separator",
        "minsize",
        "maxsize",
        "accent",
        "accentunder",
        "mathvariant",
        "linethickness",
    ];
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return true;
        }
        let Some((name, after)) = rest.split_once("=\"") else {
            return false;
        };
        let Some((value, after)) = after.split_once('"') else {
            return false;
        };
        if !NAMES.contains(&name) || !is_safe_value(value) {
            return false;
        }
        rest = after;
    }
}

/// Class names, keywords, lengths and colours; no length may throw things across the page.
fn is_safe_value(value: &str) -> bool {
    let plain = value.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | ':' | ';' | '#' | '%' | '+')
    });
    plain
        && value
            .split([':', ';', ' '])
            .filter(|part| !part.starts_with('#'))
            .all(|part| {
                let number = part.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                number
                    .parse::<f32>()
                    .map_or(true, |number| (-MAX_PULL..=MAX_LENGTH).contains(&number))
            })
}
