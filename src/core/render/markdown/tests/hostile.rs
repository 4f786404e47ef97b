//! Texts that are made to be expensive: what they cost grows with their length and not with its square.

use std::time::{Duration, Instant};

use super::*;

/// So long are the texts at most, bytes.
const LONG: usize = 200_000;

/// Pieces that are repeated until the text is long, with what stands before and behind them.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    ("one line", "", "word ", ""),
    ("one word", "", "x", ""),
    ("quotes", "", "> ", "x"),
    ("lists in lists on one line", "", "- ", "x"),
    ("numbers in numbers", "", "1. ", "x"),
    ("quoted lines", "", "> > > > > > text\n", ""),
    ("emphasis", "", "*a _b ", ""),
    ("strong", "", "**a ", ""),
    ("closed strong", "", "**a** ", ""),
    ("strikes", "", "~~a ", ""),
    ("brackets", "", "[", ""),
    ("closing brackets", "", "]", ""),
    ("images", "", "![a](", ""),
    ("links", "", "[a](https://a.example) ", ""),
    ("half links", "", "[a](https://a.example ", ""),
    ("autolinks", "", "https://a.example/x ", ""),
    ("addresses", "", "a@b.example ", ""),
    ("ats", "", "a@", ""),
    ("colons", "", "www.a:", ""),
    ("ticks", "", "`", ""),
    ("ticks of all lengths", "", "`a``b```c", ""),
    ("dollars", "", "$", ""),
    ("money", "", "$5 ", ""),
    ("formulas", "", "$x^2$ ", ""),
    ("open formulas", "", "$x^2 ", ""),
    ("one long formula", "$$", "x^2 + ", "$$"),
    ("deep formula", "$", "\\frac{", "$"),
    ("parentheses", "", "\\(x ", ""),
    ("displays", "", "\\[x ", ""),
    ("open display lines", "$$\n", "a + b\n", ""),
    ("footnotes", "", "[^a] ", ""),
    ("footnote definitions", "[^a]\n\n", "[^a]: x\n\n", ""),
    ("link definitions", "", "[a]: https://a.example\n", "\n[a]"),
    ("tables", "", "| a | b |\n|---|---|\n", ""),
    ("rows", "| a | b |\n|---|---|\n", "| c | d |\n", ""),
    ("columns", "", "| a ", "|\n"),
    ("columns with a rule", "| a | b |\n", "|---", "|\n"),
    (
        "wide table",
        "|a|a|a|a|a|a|a|a|\n|-|-|-|-|-|-|-|-|\n",
        "|b\n",
        "",
    ),
    ("open code", "```rust\n", "let a = 1;\n", ""),
    ("code of one line", "```\n", "x", ""),
    ("fences", "", "```\n", ""),
    ("headings", "", "# a\n", ""),
    ("underlines", "", "a\n-\n", ""),
    ("rules", "", "***\n", ""),
    ("items", "", "- a\n", ""),
    ("loose items", "", "- a\n\n", ""),
    ("tasks", "", "- [ ] a\n", ""),
    ("deeper and deeper", "", "  - a\n", ""),
    ("tags", "", "<b>", ""),
    ("less", "", "<", ""),
    ("comments", "", "<!-- ", ""),
    ("declarations", "", "<!A ", ""),
    ("instructions", "", "<? ", ""),
    ("entities", "", "&amp;", ""),
    ("ampersands", "", "&", ""),
    ("backslashes", "", "\\", ""),
    ("breaks", "", "a\\\n", ""),
    ("empty lines", "", "\n", "x"),
    ("spaces", "", " ", "x"),
    ("tabs", "", "\t", "x"),
    ("returns", "", "\r", "x"),
    ("nul", "", "\0", ""),
    ("right to left", "", "\u{202e}مرحبا ", ""),
    ("towers", "", "e\u{301}\u{302}\u{303}", ""),
    ("Chinese", "", "**重点。**下文", ""),
];

fn text(&(_, before, piece, behind): &(&str, &str, &str, &str), bytes: usize) -> String {
    format!("{before}{}{behind}", piece.repeat(bytes / piece.len()))
}

fn time(work: impl FnOnce() -> String) -> Duration {
    let begun = Instant::now();
    let _ = work();
    begun.elapsed()
}

/// `cargo test --release -p parlance-core --features render hostile -- --ignored --nocapture` prints the list.
#[test]
#[ignore = "measures"]
fn what_it_costs() {
    let run = || {
        for shape in SHAPES {
            let long = text(shape, LONG);
            let quarter = text(shape, LONG / 4);
            println!(
                "{:<28} {:>6.1} ms, a quarter {:>6.1} ms, mended {:>6.1} ms, a quarter {:>6.1} ms",
                shape.0,
                time(|| html(&long)).as_secs_f64() * 1e3,
                time(|| html(&quarter)).as_secs_f64() * 1e3,
                time(|| heal(&long)).as_secs_f64() * 1e3,
                time(|| heal(&quarter)).as_secs_f64() * 1e3,
            );
        }
    };
    on_a_small_stack(run);
}

#[test]
fn hostile_texts_of_every_shape_are_safe_and_need_no_stack() {
    on_a_small_stack(|| {
        for shape in SHAPES {
            let text = text(shape, 4_000);
            safety::assert_safe(&html(&text), shape.0);
            safety::assert_safe(&tail(&text), shape.0);
        }
    });
}

/// As large as the browser's.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .expect("a thread");
    assert!(thread.join().is_ok());
}
