//! What the writer says, what it never says, and that blocks add up to the whole.

use std::sync::Arc;

use super::*;
use crate::render::blocks::{Blocks, split};
use crate::render::code::{Class, Span};
use crate::render::corpus::{DOCUMENTS, markdown_lines};
use crate::render::heal::heal;
use proptest::prelude::*;

mod hostile;
mod safety;

/// As the pages have them.
const DRESS: Dress<'static> = Dress {
    words: Words {
        copy: "Copy",
        wrap: "Wrap",
        all: "All # lines",
        code: "Code",
        table: "Table",
        formula: "Formula",
    },
    colours: None,
};

fn html(text: &str) -> String {
    to_html_with(text, "", DRESS)
}

fn tail(text: &str) -> String {
    tail_to_html(text, DRESS)
}

fn by_blocks(text: &str) -> String {
    split(text).iter().map(|block| html(block)).collect()
}

fn squeezed(html: &str) -> String {
    html.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn blocks_rendered_one_by_one_equal_the_whole() {
    for text in DOCUMENTS {
        if !Blocks::from(*text).needs_whole() {
            assert_eq!(squeezed(&by_blocks(text)), squeezed(&html(text)), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn blocks_of_awkward_documents_equal_the_whole(text in markdown_lines()) {
        prop_assert_eq!(squeezed(&by_blocks(&text)), squeezed(&html(&text)));
    }

    #[test]
    fn healing_awkward_documents_neither_panics_nor_breaks_tags(text in markdown_lines()) {
        safety::assert_safe(&tail(&text), &text);
    }
}

#[test]
fn chinese_emphasis_is_seen() {
    for (text, expected) in [
        (
            "**该星号不会被识别。**这是因为",
            "<p><strong>该星号不会被识别。</strong>这是因为</p>",
        ),
        (
            "例子**“加粗”**例子",
            "<p>例子<strong>“加粗”</strong>例子</p>",
        ),
        (
            "~~删除（带括号）。~~这个",
            "<p><del>删除（带括号）。</del>这个</p>",
        ),
        ("**重点。**下文", "<p><strong>重点。</strong>下文</p>"),
        ("*强调（括号）*之后", "<p><em>强调（括号）</em>之后</p>"),
    ] {
        assert_eq!(html(text).trim(), expected);
    }
}

#[test]
fn writes_the_documented_markup() {
    for (text, expected) in [
        ("# A", "<h2>A</h2>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("a<br>b <b>c</b>", "<p>a<br>b &lt;b&gt;c&lt;/b&gt;</p>"),
        (
            "[x](https://a.example/?a=1&b='2')",
            "<p><a href=\"https://a.example/?a=1&amp;b=%272%27\" title=\"https://a.example/?a=1&amp;b=&#39;2&#39;\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">x</a></p>",
        ),
        ("[x](/local) [y](#z)", "<p>x y</p>"),
        (
            "![alt](https://a.example/i.png)",
            "<p><a class=\"image\" href=\"https://a.example/i.png\" title=\"https://a.example/i.png\" rel=\"noopener noreferrer nofollow\" target=\"_blank\"><span class=\"image-alt\">alt</span> <span class=\"image-target\">https://a.example/i.png</span></a></p>",
        ),
        (
            "![alt](data:image/png;base64,AA)",
            "<p><span class=\"image\"><span class=\"image-alt\">alt</span></span></p>",
        ),
        (
            "```rust ignore\na < b\n```",
            "<div class=\"code\" data-lang=\"rust\"><div class=\"code-head\"><span class=\"code-lang\">rust</span><button class=\"code-copy\" type=\"button\" data-act=\"copy-code\">Copy</button></div><pre tabindex=\"0\" role=\"group\" aria-label=\"Code rust\"><code>a &lt; b\n</code></pre></div>",
        ),
        (
            "```\nx\n```",
            "<div class=\"code\"><div class=\"code-head\"><button class=\"code-copy\" type=\"button\" data-act=\"copy-code\">Copy</button></div><pre tabindex=\"0\" role=\"group\" aria-label=\"Code\"><code>x\n</code></pre></div>",
        ),
        (
            "- [x] a",
            "<ul class=\"tasks\">\n<li class=\"task\"><label><input type=\"checkbox\" disabled checked> a</label></li>\n</ul>",
        ),
        (
            "3. a\n4. b",
            "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>",
        ),
        (
            "|a|b|\n|--:|:-:|\n|1|2|",
            "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n<thead><tr><th scope=\"col\" class=\"align-right\">a</th><th scope=\"col\" class=\"align-center\">b</th></tr></thead>\n<tbody>\n<tr><td class=\"align-right\">1</td><td class=\"align-center\">2</td></tr>\n</tbody></table></div>",
        ),
        ("$5 和 $10", "<p>$5 和 $10</p>"),
        ("\\(x\\)", "<p><math><mi>x</mi></math></p>"),
        ("`\\(x\\)`", "<p><code>\\(x\\)</code></p>"),
    ] {
        assert_eq!(html(text).trim(), expected, "{text}");
    }
}

#[test]
fn long_code_can_be_unfolded_and_long_lines_broken() {
    let long = html(&format!("```\n{}```", "x\n".repeat(25)));
    assert!(
        long.contains(
            "</pre><label class=\"code-all\"><input type=\"checkbox\">All 25 lines</label></div>"
        ),
        "{long}"
    );
    assert!(!html(&format!("```\n{}```", "x\n".repeat(24))).contains("code-all"));
    let wide = html(&format!("```\n{}\n```", "x".repeat(49)));
    assert!(
        wide.contains("<label class=\"code-wrap\"><input type=\"checkbox\">Wrap</label>"),
        "{wide}"
    );
}

#[test]
fn coloured_code_is_the_code_and_says_so() {
    let colours = |language: &str, code: &str| {
        (language == "rust").then(|| {
            let span = Span {
                bytes: 3,
                class: Some(Class::Keyword),
            };
            Arc::new(Marked::new(code, &[span]))
        })
    };
    let dress = Dress {
        colours: Some(&colours),
        ..DRESS
    };
    let html = |text: &str| to_html(text, dress);
    let rust = html("```rust\nlet a = 1 < 2;\n```");
    assert!(rust.contains("data-lang=\"rust\" data-hl>"), "{rust}");
    assert!(
        rust.contains("<code><span class=\"kw\">let</span> a = 1 &lt; 2;\n</code>"),
        "{rust}"
    );
    for other in ["```go\nlet\n```", "```\nlet\n```", "    let\n", "`let`"] {
        assert!(!html(other).contains("data-hl"), "{other}");
    }
}

#[test]
fn footnotes_bear_the_prefix() {
    let html = to_html_with("a[^x] b[^x]\n\n[^x]: note", "m1-\"", DRESS);
    for part in [
        "href=\"#m1-fn-1\"",
        "id=\"m1-fnref-1\"",
        "id=\"m1-fnref-1-2\"",
        "<li id=\"m1-fn-1\">",
        "href=\"#m1-fnref-1-2\"",
    ] {
        assert!(html.contains(part), "{part} missing in {html}");
    }
    assert_ne!(
        to_html("a[^x]\n\n[^x]: one", DRESS),
        to_html("a[^x]\n\n[^x]: two", DRESS)
    );
}

#[test]
fn maths_over_several_lines_is_one_formula() {
    for text in [
        "$$\na\n- b\n= c\n$$",
        "\\[\na\n= b\n\\]",
        "文字：\n$$\nx\n$$\n继续",
        "- 项\n  $$\n  a\n  + b\n  $$",
    ] {
        let html = html(text);
        assert_eq!(
            html.matches("<math display=\"block\">").count(),
            1,
            "{html}"
        );
        assert!(!html.contains("<br>"), "{html}");
        assert!(!html.contains("<h2>") && !html.contains("$$"), "{html}");
    }
}

#[test]
fn every_prefix_of_every_document_renders() {
    for text in DOCUMENTS {
        for (at, _) in text.char_indices() {
            safety::assert_safe(&tail(&text[..at]), &text[..at]);
        }
    }
}

#[test]
fn healing_a_finished_document_changes_nothing() {
    for text in DOCUMENTS {
        let ended = format!("{text}\n\n");
        assert_eq!(heal(&ended), ended);
    }
}

#[test]
fn hostile_nesting_stays_fast_and_shallow() {
    let run = || {
        for unit in [
            "> ", "- ", "[", "![", "**a ", "*a _b ", "`", "<", "$", "\\(", "| ", "[^a]", "a\n- ",
            "![a](", "1. ",
        ] {
            let text = unit.repeat(4_000);
            let _ = tail(&text);
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .expect("a thread");
    assert!(thread.join().is_ok());
}
