//! TeX to MathML Core, by math-core, without fonts or script.
//!
//! A formula that the engine does not know is shown as its source. The engine's output is checked against a list
//! of tags and attributes before it is let through: `\href` could otherwise bring any address and `\label` any id.
//! Its parser recurses, so what could nest too deeply for a small stack (1 MiB in the browser) is not handed to it.

mod check;
mod depth;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::markdown::push_escaped;

/// Where a formula stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Inline,
    Display,
}

/// Longest formula that is translated, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// Appends the formula as MathML, or its source as `<code class="tex">` if it cannot be shown.
pub fn push(out: &mut String, tex: &str, style: Style) {
    match to_mathml(tex, style) {
        Some(mathml) => out.push_str(&mathml),
        None => {
            out.push_str("<code class=\"tex\">");
            push_escaped(out, tex.trim());
            out.push_str("</code>");
        }
    }
}

/// The formula as a `<math>` element, unless the engine does not know it or it is too large, too deep or unsafe.
pub fn to_mathml(tex: &str, style: Style) -> Option<String> {
    let tex = tex.trim();
    if tex.is_empty() || tex.len() > MAX_BYTES || depth::is_excessive(tex) {
        return None;
    }
    let display = match style {
        Style::Inline => MathDisplay::Inline,
        Style::Display => MathDisplay::Block,
    };
    let engine = LatexToMathML::new(MathCoreConfig::default()).ok()?;
    let mathml = engine.convert_with_local_state(tex, display).ok()?.mathml;
    check::is_safe(&mathml).then_some(mathml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translates_common_formulas() {
        for tex in [
            r"E = mc^2",
            r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
            r"\int_0^\infty e^{-x^2} \, dx = \frac{\sqrt{\pi}}{2}",
            r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
            r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{否则} \end{cases}",
            r"\text{速度} = \frac{\text{路程}}{\text{时间}}",
            r"\mathrm{softmax}(x_i) = \frac{e^{x_i}}{\sum_j e^{x_j}}",
            r"\lim_{x \to 0} \frac{\sin x}{x} = 1",
            r"\left( \frac{a}{b} \right)^2",
            r"\mathbb{R}^n \ni \vec{x} \mapsto \|x\|",
            r"\color{red} x",
            r"\alpha\beta\gamma \leq \hat{\theta}",
        ] {
            let mathml =
                to_mathml(tex, Style::Display).unwrap_or_else(|| panic!("not translated: {tex}"));
            assert!(
                mathml.starts_with("<math display=\"block\">") && mathml.ends_with("</math>"),
                "{mathml}"
            );
        }
    }

    #[test]
    fn shows_the_source_of_what_it_does_not_know() {
        let mut out = String::new();
        push(&mut out, r"\boxed{<b>} ", Style::Inline);
        assert_eq!(out, r#"<code class="tex">\boxed{&lt;b&gt;}</code>"#);
    }

    #[test]
    fn refuses_addresses_ids_and_far_jumps() {
        for tex in [
            r"\href{javascript:alert(1)}{x}",
            r"\href{https://a.example}{x}",
            r"\url{javascript:alert(1)}",
            r"\begin{equation} x \label{top} \end{equation}",
            r"\eqref{a}",
            r"\hspace{-90em} x",
            r"\hspace{9000em} x",
        ] {
            assert_eq!(to_mathml(tex, Style::Display), None, "{tex}");
        }
    }

    #[test]
    fn markup_in_text_stays_text() {
        let mathml = to_mathml(r"\text{<img src=x onerror=alert(1)>}", Style::Inline)
            .expect("text is known");
        assert!(!mathml.contains("<img"), "{mathml}");
    }

    #[test]
    fn deep_nesting_neither_overflows_nor_panics() {
        let run = || {
            for unit in [
                "{",
                r"\frac{",
                r"\sqrt",
                r"\hat ",
                r"\left(",
                r"x^",
                r"x_{",
                r"\frac a",
                r"\frac{a}",
                r"\frac{\frac",
                r"\mathrm\bar",
                r"\sqrt[3]",
                r"\begin{matrix}",
                "'",
                r"\not",
                r"\text{",
            ] {
                for count in [10, 12, 20, 500, 4000] {
                    let _ = to_mathml(&unit.repeat(count), Style::Display);
                    let _ = to_mathml(&format!("{}x", unit.repeat(count)), Style::Display);
                }
            }
            for loose in [4, 8, 12] {
                let depth = depth::MAX_BOTH - loose;
                let mixed = format!(
                    "{}{}x{}",
                    r"\frac{".repeat(depth),
                    r"\sqrt".repeat(loose),
                    "}{y}".repeat(depth)
                );
                let _ = to_mathml(&mixed, Style::Display);
            }
        };
        let thread = std::thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(run)
            .expect("a thread");
        assert!(thread.join().is_ok());
    }
}
