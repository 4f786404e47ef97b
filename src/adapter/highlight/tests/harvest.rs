//! Cuts `grammars.bin` from two-face's collection: the languages that people ask about, and what these build upon.
//!
//! Grammars point at each other by their place in the list, so those that are left out keep their place, empty.
//! `cargo test -p parlance-adapter harvest -- --ignored` writes the file; `docs/grammars.md` says when to, and names the
//! licences that come along (`listed`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use syntect::{
    dumps::{dump_binary, dump_to_uncompressed_file, from_reader, from_uncompressed_data},
    parsing::{Scope, syntax_definition::Context},
};

/// The collection as syntect stores it; field for field, so that it can be cut.
#[derive(Serialize, Deserialize)]
struct Collection {
    grammars: Vec<Grammar>,
    paths: Vec<(String, usize)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Grammar {
    name: String,
    extensions: Vec<String>,
    scope: Scope,
    first_line: Option<String>,
    hidden: bool,
    variables: BTreeMap<String, String>,
    packed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Contexts {
    ids: BTreeMap<String, (usize, usize)>,
    contexts: Vec<Context>,
}

impl Grammar {
    fn contexts(&self) -> Contexts {
        from_reader(&self.packed[..]).expect("as syntect packed it")
    }

    /// Places of the grammars that this one points at.
    fn builds_upon(&self) -> BTreeSet<usize> {
        let written = format!("{:?}", self.contexts().contexts);
        written
            .split("syntax_index: ")
            .skip(1)
            .filter_map(|rest| rest.split([',', ' ']).next()?.parse().ok())
            .collect()
    }

    /// An empty one in its place: as many contexts, nothing in them.
    fn emptied(&self) -> Self {
        let contexts = self.contexts();
        let empty = Contexts {
            ids: BTreeMap::new(),
            contexts: vec![Context::new(false); contexts.contexts.len()],
        };
        Self {
            name: String::new(),
            extensions: Vec::new(),
            first_line: None,
            hidden: true,
            variables: BTreeMap::new(),
            packed: dump_binary(&empty),
            ..self.clone()
        }
    }
}

/// By the names that the collection has for them.
pub(super) const LANGUAGES: &[&str] = &[
    "Batch File",
    "Bourne Again Shell (bash)",
    "C",
    "C#",
    "C++",
    "CMake",
    "CSS",
    "Clojure",
    "Crontab",
    "Dart",
    "Diff",
    "Dockerfile",
    "Elixir",
    "Elm",
    "Erlang",
    "F#",
    "Fish",
    "GDScript (Godot Engine)",
    "GLSL",
    "Go",
    "Gomod",
    "GraphQL",
    "Graphviz (DOT)",
    "Groovy",
    "HTML",
    "HTTP Request and Response",
    "Haskell",
    "INI",
    "JQ",
    "JSON",
    "Java",
    "Java Properties",
    "JavaScript",
    "Jinja2",
    "Julia",
    "Kotlin",
    "LaTeX",
    "Lisp",
    "Lua",
    "MATLAB",
    "Makefile",
    "Markdown",
    "Nim",
    "Nix",
    "OCaml",
    "Objective-C",
    "PHP",
    "Pascal",
    "Perl",
    "Protocol Buffer",
    "Protocol Buffer (TEXT)",
    "Python",
    "R",
    "Ruby",
    "Rust",
    "SCSS",
    "SQL",
    "Scala",
    "Solidity",
    "Svelte",
    "Swift",
    "SystemVerilog",
    "TOML",
    "Terraform",
    "TypeScript",
    "TypeScriptReact",
    "VimL",
    "Vue Component",
    "WGSL",
    "XML",
    "YAML",
    "Zig",
];
/// What those build upon.
const GROUND: &[&str] = &[
    "CMakeCommands",
    "Javadoc",
    "PHP Source",
    "Plain Text",
    "Regular Expression",
    "Regular Expressions (Javascript)",
    "Regular Expressions (PHP)",
    "Regular Expressions (Python)",
    "Sass",
    "Shell-Unix-Generic",
    "TeX",
    "camlp4",
    "commands-builtin-shell-bash",
];

#[test]
#[ignore = "writes a file of the source tree; needed when the list of languages changes"]
fn harvest() {
    let whole = two_face::syntax::extra_newlines();
    let file = std::env::temp_dir().join("parlance-grammars.bin");
    dump_to_uncompressed_file(&whole, &file).expect("a temporary file");
    let bytes = std::fs::read(&file).expect("just written");
    std::fs::remove_file(&file).expect("just written");
    let mut all: Collection = from_uncompressed_data(&bytes).expect("syntect's own form");
    for name in LANGUAGES.iter().chain(GROUND) {
        let known = all.grammars.iter().any(|grammar| grammar.name == *name);
        assert!(known, "the collection has no {name}");
    }
    let wanted = |name: &str| LANGUAGES.contains(&name) || GROUND.contains(&name);
    let missing: BTreeSet<String> = all
        .grammars
        .iter()
        .filter(|grammar| wanted(&grammar.name))
        .flat_map(|grammar| grammar.builds_upon())
        .map(|place| all.grammars[place].name.clone())
        .filter(|name| !wanted(name))
        .collect();
    println!("built upon, and left out: {missing:?}");
    for grammar in &mut all.grammars {
        if wanted(&grammar.name) {
            // Needed for making a grammar only.
            grammar.variables.clear();
        } else {
            *grammar = grammar.emptied();
        }
    }
    all.paths.clear();
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/highlight/grammars.bin");
    dump_to_uncompressed_file(&all, place).expect("the source tree can be written");
}
