//! The walls of the house: who may use whom, and the habits that a compiler does not keep.

mod source;
mod walls;

use source::{files, is_test, product, read};

/// Longest file, lines.
const LONGEST: usize = 400;

#[test]
fn every_file_says_what_lives_in_it() {
    for path in files(&["src", "tests", "xtask", "benches"], "rs") {
        assert!(
            read(&path).starts_with("//!"),
            "{path} does not begin with //!"
        );
    }
}

#[test]
fn no_file_is_longer_than_a_reader_holds_in_mind() {
    for path in files(&["src", "tests", "xtask", "benches"], "rs").chain(files(&["style"], "css")) {
        let lines = read(&path).lines().count();
        assert!(
            lines <= LONGEST,
            "{path} has {lines} lines, {LONGEST} are allowed"
        );
    }
}

#[test]
fn files_are_named_for_what_they_hold() {
    for path in files(&["src", "tests", "xtask"], "rs") {
        let name = path.rsplit('/').next().unwrap();
        for vague in [
            "mod.rs",
            "utils.rs",
            "util.rs",
            "helpers.rs",
            "helper.rs",
            "common.rs",
            "manager.rs",
            "misc.rs",
        ] {
            assert_ne!(name, vague, "{path}");
        }
    }
}

/// What ends a process, and what was meant for a moment.
#[test]
fn nothing_is_left_to_luck_or_for_later() {
    for path in files(&["src", "xtask"], "rs").filter(|path| !is_test(path)) {
        let code = product(&path);
        for word in ["unwrap(", "todo!", "dbg!", "unimplemented!"] {
            assert!(!code.contains(word), "{path} holds {word}");
        }
        let text = read(&path);
        for word in ["TODO", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
}

#[test]
fn only_the_clock_reads_the_time_and_mints_ids() {
    for path in
        files(&["src"], "rs").filter(|path| !is_test(path) && path != "src/adapter/clock.rs")
    {
        let code = product(&path);
        for word in [
            "now_utc(",
            "now_local(",
            "SystemTime::now",
            "Utc::now",
            "now_v7(",
        ] {
            assert!(!code.contains(word), "{path} holds {word}");
        }
    }
}

/// A colour has one place; everything else names it.
#[test]
fn colours_are_written_in_the_tokens_alone() {
    let functions = [
        "rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb(",
    ];
    for path in files(&["style"], "css").filter(|path| path != "style/tokens.css") {
        let text = source::without_comments(&read(&path));
        // What follows a colon and ends with a semicolon or a brace is a value; selectors are not.
        for value in text
            .split(':')
            .skip(1)
            .map(|rest| rest.split([';', '{', '}']).next().unwrap_or_default())
        {
            let hex = value.split('#').skip(1).any(|rest| {
                let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
                matches!(digits, 3 | 4 | 6 | 8)
            });
            assert!(!hex, "{path} holds a raw colour: {value}");
            for function in functions {
                let relative = value
                    .match_indices(function)
                    .all(|(place, _)| value[place + function.len()..].starts_with("from var("));
                assert!(relative, "{path} holds a raw colour: {value}");
            }
        }
    }
    // The browser's own bar takes no variable, so these two stand beside the place that needs them.
    for path in files(&["src/ui"], "rs").filter(|path| path != "src/ui/shell/theme.rs") {
        let code = product(&path);
        for function in functions {
            assert!(
                !code.contains(&format!("\"{function}")),
                "{path} holds a raw colour"
            );
        }
    }
}

#[test]
fn both_dialects_have_the_same_migrations() {
    let names = |dialect: &str| {
        let folder = format!("migrations/{dialect}/");
        let mut names: Vec<_> = files(&[folder.trim_end_matches('/')], "sql")
            .map(|path| path.replace(&folder, ""))
            .collect();
        names.sort();
        names
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    for (place, name) in sqlite.iter().enumerate() {
        let (number, words) = name.split_once('_').unwrap();
        assert_eq!(
            number,
            format!("{:04}", place + 1),
            "{name}: no gap, no number twice"
        );
        let words = words.trim_end_matches(".sql");
        assert!(
            words.contains('_') && words.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{name}: NNNN_noun_verb.sql"
        );
    }
}
