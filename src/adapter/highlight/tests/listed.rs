//! `docs/grammars.md` and the licences beside it: the languages that are coloured, by the words that stand behind a
//! fence. The tables are made from what is there; `UPDATE_SNAPSHOTS=1` writes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{harvest::LANGUAGES, *};

const DOCUMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/");

/// Lines of the document between which a table stands.
fn fences(name: &str) -> [String; 2] {
    [
        format!("<!-- {name}: written by a test -->\n"),
        format!("<!-- end of {name} -->\n"),
    ]
}

/// The words behind a fence that mean each language.
fn languages() -> BTreeMap<String, BTreeSet<String>> {
    let grammars = TextMate::default();
    let shown = |name: &str| LANGUAGES.contains(&name);
    let all = grammars.grammars().syntaxes();
    let words = all
        .iter()
        .flat_map(|grammar| grammar.file_extensions.iter().chain([&grammar.name]))
        .map(|word| word.to_ascii_lowercase())
        .chain(ALIASES.iter().map(|(alias, _)| (*alias).to_owned()))
        // What holds a space is no word behind a fence.
        .filter(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for word in words {
        if let Some(grammar) = grammars.grammar(&word).filter(|one| shown(&one.name)) {
            known.entry(grammar.name.clone()).or_default().insert(word);
        }
    }
    known
}

fn table() -> String {
    let mut out = String::from("| Language | Behind the fence |\n|---|---|\n");
    for (language, words) in languages() {
        let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
        writeln!(out, "| {language} | {} |", words.join(" ")).expect("a string");
    }
    out
}

fn licences() -> String {
    let listing = two_face::acknowledgement::listing();
    let all = listing.for_syntaxes().iter();
    // Many have the very same text.
    let mut places: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for licence in all.filter(|licence| licence.needs_acknowledgement()) {
        let place = licence.rel_path.display().to_string();
        places.entry(licence.text.trim()).or_default().insert(place);
    }
    let mut texts: Vec<_> = places.into_iter().collect();
    texts.sort_by(|(_, one), (_, other)| one.cmp(other));
    let mut out = String::new();
    for (text, places) in texts {
        let places: Vec<_> = places.into_iter().collect();
        let places = places.join("\n\n");
        writeln!(out, "{places}\n\n````text\n{text}\n````\n").expect("a string");
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// Fails unless this table stands in the document as it is now.
fn expect(document: &str, name: &str, table: &str) {
    let path = [DOCUMENTS, document].concat();
    let written = std::fs::read_to_string(&path).expect("a document of the source tree");
    let [begin, end] = fences(name);
    let (before, rest) = written.split_once(&begin).expect("where it begins");
    let (_, after) = rest.split_once(&end).expect("where it ends");
    let now = [before, &begin, "\n", table, "\n", &end, after].concat();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &now).expect("the source tree can be written");
        return;
    }
    assert!(
        now == written,
        "docs/{document} is not what is there: run this test with UPDATE_SNAPSHOTS=1"
    );
}

#[test]
fn the_document_lists_the_languages_that_are_coloured() {
    expect("grammars.md", "languages", &table());
}

#[test]
fn the_licences_of_the_grammars_are_named() {
    expect("grammars-licences.md", "licences", &licences());
}

#[test]
fn every_language_that_was_asked_for_is_there() {
    let there: BTreeSet<String> = languages().into_keys().collect();
    let asked = LANGUAGES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(there, asked);
}
