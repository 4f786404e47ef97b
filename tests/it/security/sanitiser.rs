//! 47 to 50: what the writer makes of a message, judged by another sanitiser. Ammonia, told which tags there may be,
//! finds nothing to take away from a reply: its output is its fixed point, but for MathML, which it does not know and
//! which has a check of its own. Code is coloured as on the pages.
//!
//! Both are read by the same parser and written again, so what is compared are trees and not ways of writing them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ammonia::{Builder, UrlRelative};
use parlance_adapter::highlight::TextMate;
use parlance_core::render::{
    code::Marked,
    markdown::{Dress, tail_to_html, to_html},
    words::Words,
};
use parlance_server::port::highlight::Highlighter;

const LANGUAGES: &[&str] = &[
    "rust", "python", "js", "tsx", "html", "css", "json", "bash", "sql", "yaml", "toml", "diff",
    "markdown", "php", "xml", "vue", "go", "java", "latex", "klingon",
];

/// What might end a piece of coloured code, or begin something else in it.
const CODE: &[&str] = &[
    "</span></code></pre><script>alert(1)</script>",
    "<span class=\"kw\" onclick=\"alert(1)\">fn</span>",
    "let a = \"<img src=x onerror=alert(1)>\"; // </code> <b>",
    "/* </span> & &lt; &amp;amp; &#60;script&#62; */",
    "`${'</pre>'}` <!-- --> <![CDATA[ x ]]> <?php echo '<'; ?>",
    "<style>*{x:expression(1)}</style><svg/onload=alert(1)>",
    "'\"><a href=javascript:alert(1)>x</a>",
    "字\u{0}\u{2028}🙂\u{202e}<b\u{a0}>\r\n\t</b>",
    "#!/bin/sh\nif [ -f '<x>' ]; then echo \"$(</etc/passwd)\"; fi",
    "{\"a\": \"</script>\", \"b\": [1, true, null]}",
];

/// What else a message is made of.
const PIECES: &[&str] = &[
    "**",
    "*",
    "`",
    "```",
    "~~~",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "| a | b |\n|---|---|\n",
    "|",
    "[x](",
    "https://a.example/",
    "javascript:alert(1)",
    ")",
    "![y](",
    "<b>",
    "</b>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "&lt;",
    "&",
    "$x^2$",
    "$$",
    "\\(",
    "\\)",
    "[^a]",
    "\n[^a]: ",
    "text ",
    "字，",
    "# ",
    "---\n",
    "- [ ] ",
    "\\",
    "\"",
    "'",
    "onerror=",
    "style=",
    "data:text/html,",
    "    ",
    "rust",
    "html",
    "\u{0}",
    "\r\n",
];

fn words() -> Words<'static> {
    Words {
        copy: "Copy",
        wrap: "Wrap",
        all: "All # lines",
        code: "Code",
        table: "Table",
        formula: "Formula",
    }
}

/// Ammonia with the tags and attributes of the writer, and no more.
fn judge() -> Builder<'static> {
    let tags = "p br hr h2 h3 h4 h5 h6 em strong del code pre div span a sup ul ol li label input blockquote table \
                thead tbody tr th td section button";
    let attributes = [
        ("a", "href title rel target role aria-label"),
        ("button", "type data-act"),
        ("div", "data-lang data-hl tabindex role aria-label"),
        ("input", "type disabled checked"),
        ("ol", "start"),
        ("pre", "tabindex role aria-label"),
        ("section", "role aria-label"),
        ("span", "tabindex role aria-label"),
        ("th", "scope"),
    ];
    let listed = |list: &'static str| list.split_whitespace().collect::<HashSet<_>>();
    let attributes = attributes.map(|(tag, names)| (tag, listed(names)));
    let mut judge = Builder::empty();
    judge
        .tags(listed(tags))
        .tag_attributes(HashMap::from(attributes))
        .generic_attributes(listed("class id"))
        .url_schemes(listed("http https mailto"))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None);
    judge
}

/// Without formulas.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, formula)) = rest.split_once("<math") {
        out.push_str(before);
        rest = formula.split_once("</math>").expect("an end").1;
    }
    out + rest
}

/// As the parser writes it.
fn rewritten(html: &str) -> String {
    scraper::Html::parse_fragment(html)
        .root_element()
        .inner_html()
}

/// Renders `text`, whole and as one that is still being written, and has both judged; answers how many pieces of code
/// were coloured.
fn judged(judge: &Builder<'_>, grammars: &TextMate, text: &str) -> usize {
    let colours = |language: &str, code: &str| {
        let spans = grammars.highlight(language, code)?;
        Some(Arc::new(Marked::new(code, &spans)))
    };
    let dress = Dress {
        words: words(),
        colours: Some(&colours),
    };
    let mut coloured = 0;
    for html in [to_html(text, dress), tail_to_html(text, dress)] {
        let html = plain(&html);
        let clean = judge.clean(&html).to_string();
        assert_eq!(rewritten(&clean), rewritten(&html), "of {text:?}");
        coloured += html.matches("<span class=").count();
    }
    coloured
}

#[test]
fn coloured_code_is_all_that_it_says() {
    let (judge, grammars) = (judge(), TextMate::default());
    let mut coloured = 0;
    for language in LANGUAGES {
        for code in CODE {
            let text = format!("Look: `{code}`\n\n```{language}\n{code}\n```\n\nand so on");
            coloured += judged(&judge, &grammars, &text);
            // Cut anywhere: colours come when a fence has closed, and a closed one may be cut, too.
            for (at, _) in text.char_indices().step_by(29) {
                coloured += judged(&judge, &grammars, &text[..at]);
            }
        }
    }
    assert!(coloured > 500, "{coloured}");
}

#[test]
fn whatever_a_message_is_made_of() {
    let (judge, grammars) = (judge(), TextMate::default());
    let mut dice = fastrand::Rng::with_seed(18);
    for _ in 0..500 {
        let mut text = String::new();
        for _ in 0..dice.usize(1..25) {
            match dice.u8(0..8) {
                0 => text.push_str(dice.choice(CODE).copied().unwrap_or_default()),
                1 => {
                    let language = dice.choice(LANGUAGES).copied().unwrap_or_default();
                    let code = dice.choice(CODE).copied().unwrap_or_default();
                    text.extend(["\n```", language, "\n", code, "\n```\n"]);
                }
                _ => text.push_str(dice.choice(PIECES).copied().unwrap_or_default()),
            }
        }
        judged(&judge, &grammars, &text);
    }
}

#[test]
fn the_judge_takes_away_what_must_not_be_there() {
    let judge = judge();
    for bad in [
        "<p onclick=\"x\">a</p>",
        "<span class=\"kw\" style=\"x:y\">a</span>",
        "<a href=\"javascript:x\">a</a>",
        "<pre><code><img src=\"x\"></code></pre>",
        "<script>x</script>",
        "<svg></svg>",
        "<p>a<!-- b --></p>",
    ] {
        let clean = judge.clean(bad).to_string();
        assert_ne!(rewritten(&clean), rewritten(bad), "{bad}");
    }
}
