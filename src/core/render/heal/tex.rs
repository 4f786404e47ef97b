//! Closes half a formula: groups, environments and `\left` get their ends, a half-written command is cut off.

/// The formula so far, in a form that an engine may accept.
pub fn close(tex: &str) -> String {
    let mut kept = without_half_command(tex.trim_end());
    // The name of an environment that is still being written.
    if let Some(at) = kept.rfind("\\begin{").max(kept.rfind("\\end{"))
        && !kept[at..].contains('}')
    {
        kept = kept[..at].trim_end();
    }
    let mut out = kept.to_owned();
    for closer in closers(kept).iter().rev() {
        out.push_str(closer);
    }
    out
}

fn without_half_command(tex: &str) -> &str {
    let name = tex
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let before = &tex[..tex.len() - name];
    let slashes = before
        .bytes()
        .rev()
        .take_while(|&byte| byte == b'\\')
        .count();
    let kept = if slashes % 2 == 1 {
        &before[..before.len() - 1]
    } else {
        tex
    };
    let kept = kept.trim_end();
    match kept.strip_suffix(['^', '_', '&']) {
        Some(shorter) if !shorter.ends_with('\\') => shorter.trim_end(),
        _ => kept,
    }
}

/// What is open at the end, outermost first, by what closes it.
fn closers(tex: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(c) = tex[at..].chars().next() {
        let rest = &tex[at..];
        at += c.len_utf8();
        match c {
            '\\' if rest.starts_with("\\begin{") => {
                let name = rest[7..].split('}').next().unwrap_or_default();
                open.push(format!("\\end{{{name}}}"));
                at += 6 + name.len() + 1;
            }
            '\\' if rest.starts_with("\\end{") => {
                let name = rest[5..].split('}').next().unwrap_or_default();
                open.pop_if(|closer| closer.starts_with("\\end"));
                at += 4 + name.len() + 1;
            }
            '\\' if is_command(rest, "\\left") => open.push("\\right.".to_owned()),
            '\\' if is_command(rest, "\\right") => {
                open.pop_if(|closer| closer == "\\right.");
            }
            '\\' => at += tex[at..].chars().next().map_or(0, char::len_utf8),
            '{' => open.push("}".to_owned()),
            '}' => {
                open.pop_if(|closer| closer == "}");
            }
            _ => {}
        }
        at = at.min(tex.len());
    }
    open
}

fn is_command(rest: &str, command: &str) -> bool {
    rest.strip_prefix(command)
        .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
}
