//! Reading the tree: files by kind, code without comments and tests, and what its `use` lines name.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files below these folders with this suffix, as paths from the root.
pub fn files(folders: &[&str], suffix: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root().join(folder), suffix, &mut found);
    }
    found.sort();
    found.into_iter()
}

fn walk(folder: &Path, suffix: &str, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("readable entry").path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            walk(&path, suffix, found);
        } else if path.extension().is_some_and(|end| end == suffix) {
            let short = path.strip_prefix(root()).expect("below the root");
            found.push(short.display().to_string());
        }
    }
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("readable file")
}

/// Whether the whole file is tests.
pub fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The code that is built into the product: no comments, and nothing from the tests at the end on.
pub fn product(path: &str) -> String {
    let text = read(path);
    let code: Vec<_> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let tests = code.windows(2).position(|pair| {
        pair[0].starts_with("#[cfg(")
            && pair[0].contains("test")
            && pair[1].trim_start().contains("mod ")
    });
    code[..tests.unwrap_or(code.len())].join("\n")
}

/// CSS without its comments.
pub fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        kept + part.split_once("*/").map_or("", |(_, rest)| rest)
    })
}

/// Every path that the code of a file names, by `use` (groups opened) and inline.
pub fn paths(path: &str) -> Vec<String> {
    let code = product(path);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(place) = rest.find("use ") {
        let begins = rest[..place]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace);
        rest = &rest[place + 4..];
        if begins && let Some((tree, _)) = rest.split_once(';') {
            open(String::new(), tree, &mut found);
        }
    }
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let inline = code.split(|c| !word(c)).filter(|text| text.contains("::"));
    found.extend(inline.map(|text| text.trim_matches(':').to_owned()));
    found
}

/// `a::{b, c::{d}}` → `a::b`, `a::c::d`.
fn open(prefix: String, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, group)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        if !name.is_empty() {
            found.push(format!("{prefix}{name}"));
        }
        return;
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start) = (0_usize, 0);
    let prefix = format!("{prefix}{}", head.trim());
    for (place, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                open(prefix.clone(), &group[start..place], found);
                start = (place + 1).min(group.len());
            }
            _ => {}
        }
    }
}

#[test]
fn groups_of_a_use_line_are_opened() {
    let mut found = Vec::new();
    open(String::new(), "a::{b, c::{d, e as f}, self}", &mut found);
    assert_eq!(found, ["a::b", "a::c::d", "a::c::e", "a::self"]);
}

#[test]
fn the_scan_sees_what_a_file_uses() {
    let named = paths("src/launch.rs");
    for name in [
        "parlance_adapter::store::StoreConfig",
        "parlance_server::port::llm::Llm",
        "crate::web",
    ] {
        assert!(
            named.iter().any(|one| one == name),
            "{name} among {named:?}"
        );
    }
}
