//! What is coloured how, and where the grammars come from.

use parlance_core::render::code::Marked;

use super::*;

mod harvest;
mod listed;

fn html(language: &str, code: &str) -> String {
    let spans = TextMate::default()
        .highlight(language, code)
        .unwrap_or_else(|| panic!("{language} is unknown"));
    let bytes: usize = spans.iter().map(|span| span.bytes).sum();
    assert_eq!(bytes, code.len(), "{language}: {spans:?}");
    Marked::new(code, &spans).as_str().to_owned()
}

#[test]
fn the_parts_of_popular_languages_are_told_apart() {
    let mut missing = Vec::new();
    for (language, code, parts) in [
        (
            "rust",
            "// why\nfn add(a: u32) -> String { let b = 1.5; \"x\".to_owned() }",
            &[
                "com\">// why",
                "kw\">fn",
                "fn\">add",
                "kw\">let",
                "num\">1.5",
                "str\">&quot;x&quot;",
                "fn\">to_owned",
            ][..],
        ),
        (
            "python",
            "def f(a):\n    # why\n    return \"x\" + str(42)\n\nclass A(B):\n    pass\n",
            &[
                "kw\">def",
                "fn\">f",
                "com\"># why",
                "kw\">return",
                "str\">&quot;x&quot;",
                "num\">42",
                "kw\">class",
                "ty\">A",
            ],
        ),
        (
            "ts",
            "interface A { b: number }\nconst f = async (x: A) => await g(`n ${x.b}`);\n",
            &[
                "kw\">interface",
                "ty\">A",
                "ty\">number",
                "kw\">const",
                "kw\">async",
                "kw\">await",
                "fn\">g",
            ],
        ),
        ("tsx", "const a = <A b={1}/>;", &["kw\">const", "num\">1"]),
        (
            "js",
            "let a = 'x'; // why",
            &["kw\">let", "str\">&#39;x&#39;", "com\">// why"],
        ),
        (
            "go",
            "func main() { return nil }",
            &["kw\">func", "fn\">main", "kw\">return", "num\">nil"],
        ),
        (
            "java",
            "public class A { int b = 1; }",
            &["kw\">public", "kw\">class", "ty\">A", "num\">1"],
        ),
        (
            "c++",
            "#include <a>\nint main() { return 0; }",
            &["fn\">main", "kw\">return", "num\">0"],
        ),
        (
            "csharp",
            "using System; class A { }",
            &["kw\">using", "kw\">class", "ty\">A"],
        ),
        (
            "f#",
            "let add a b = a + b // why",
            &["kw\">let", "com\">// why"],
        ),
        (
            "sql",
            "SELECT a FROM b WHERE c = 'x' -- why",
            &[
                "kw\">SELECT",
                "kw\">FROM",
                "str\">&#39;x&#39;",
                "com\">-- why",
            ],
        ),
        (
            "bash",
            "if [ -f x ]; then echo \"$HOME\"; fi # why",
            &["kw\">if", "com\"># why", "fn\">echo"],
        ),
        (
            "json",
            "{\"a\": [1, true, null, \"x\"]}",
            &["num\">1", "num\">true", "str\">&quot;x&quot;"],
        ),
        (
            "yaml",
            "a: 1\nb: \"x\" # why\n",
            &["num\">1", "com\"># why"],
        ),
        ("toml", "[a]\nb = 1\n", &["num\">1"]),
        (
            "html",
            "<p class=\"a\">x</p><!-- why -->",
            &["kw\">p", "fn\">class", "com\">&lt;!-- why --&gt;"],
        ),
        ("css", "a { color: red; }", &["kw\">a"]),
        ("diff", "-a\n+b\n", &["num\">-a", "str\">+b"]),
        ("dockerfile", "FROM a\nRUN b\n", &["kw\">FROM", "kw\">RUN"]),
        ("kotlin", "fun f() = 1", &["kw\">fun", "fn\">f"]),
        (
            "swift",
            "func f() -> Int { return 1 }",
            &["kw\">func", "ty\">Int", "kw\">return"],
        ),
        ("php", "<?php echo \"x\"; // why", &["com\">// why"]),
        (
            "ruby",
            "def f; puts 'x'; end",
            &["kw\">def", "fn\">f", "kw\">end"],
        ),
    ] {
        let html = html(language, code);
        for part in parts.iter().filter(|part| !html.contains(**part)) {
            missing.push(format!("{language}: no {part} in {html}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn languages_are_known_by_the_names_that_people_give_them() {
    let grammars = TextMate::default();
    let unknown: Vec<_> = [
        "Rust",
        "rs",
        "py",
        "python3",
        "JS",
        "jsx",
        "javascript",
        "typescript",
        "tsx",
        "c",
        "C++",
        "cpp",
        "c#",
        "golang",
        "sh",
        "shell",
        "zsh",
        "console",
        "yml",
        "docker",
        "Dockerfile",
        "make",
        "makefile",
        "json5",
        "jsonc",
        "html",
        "vue",
        "svelte",
        "scss",
        "md",
        "markdown",
        "latex",
        "tex",
        "objc",
        "kt",
        "hs",
        "ex",
        "proto",
        "tf",
        "hcl",
        "gql",
        "ini",
        "xml",
        "svg",
        "lisp",
        "clj",
        "r",
        "matlab",
        "julia",
        "pl",
        "lua",
        "http",
        "diff",
        "patch",
    ]
    .into_iter()
    .filter(|name| !grammars.knows(name))
    .collect();
    assert_eq!(unknown, [""; 0]);
    for name in ["", "text", "plain", "klingon", "actionscript"] {
        assert!(!grammars.knows(name), "{name}");
    }
}

#[test]
fn awkward_code_comes_to_an_end_and_loses_nothing() {
    let grammars = TextMate::default();
    let long = "(".repeat(2_000);
    for language in [
        "rust", "python", "js", "tsx", "php", "c++", "markdown", "latex", "html", "bash", "yaml",
        "perl", "vue",
    ] {
        for code in [
            "",
            "\n",
            "\r\n",
            "\"",
            "/*",
            "`${`${`${",
            "<script><style><!--",
            "<?php \"{$a[",
            "字\u{0}🙂",
            "$(((`\\",
            "{{{{[[[[",
            "```rust\nlet a",
            "\\begin{lstlisting}",
            &long,
            "a\rb\u{2028}c",
        ] {
            let bytes: usize = grammars
                .highlight(language, code)
                .map_or(code.len(), |spans| {
                    spans.iter().map(|span| span.bytes).sum()
                });
            assert_eq!(bytes, code.len(), "{language}: {code:?}");
        }
    }
}

/// `cargo test -p parlance-adapter --release -- --ignored --nocapture speed` says how long which language takes.
#[test]
#[ignore = "measures"]
fn speed() {
    let grammars = TextMate::default();
    let source = include_str!("../highlight.rs").repeat(4);
    for language in [
        "rust", "python", "ts", "tsx", "js", "go", "c++", "java", "sql", "bash", "json", "yaml",
        "html", "php",
    ] {
        let begun = Instant::now();
        let _ = grammars.highlight(language, "a\n");
        let first = begun.elapsed();
        let begun = Instant::now();
        let _ = grammars.highlight(language, &source[..4_000]);
        let cold = begun.elapsed();
        let begun = Instant::now();
        let spans = grammars
            .highlight(language, &source[..4_000])
            .map_or(0, |spans| spans.len());
        println!(
            "{language}: first {first:?}, 4 kB cold {cold:?}, warm {:?}, {spans} spans",
            begun.elapsed()
        );
    }
}
