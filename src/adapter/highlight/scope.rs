//! From the scopes of TextMate grammars to the six things that a reader tells apart.

use std::sync::LazyLock;

use parlance_core::render::code::Class;
use syntect::parsing::Scope;

/// Scopes and what they mean; the first that is a prefix of a scope decides. `None` is "ordinary text", for scopes that
/// lie inside a wider one.
const MEANINGS: &[(&str, Option<Class>)] = &[
    ("comment", Some(Class::Comment)),
    ("punctuation.definition.comment", Some(Class::Comment)),
    ("string.unquoted", None),
    ("string", Some(Class::String)),
    ("punctuation.definition.string", Some(Class::String)),
    ("constant.character", Some(Class::String)),
    ("constant.other.symbol", Some(Class::String)),
    ("markup.raw", Some(Class::String)),
    ("markup.inserted", Some(Class::String)),
    ("constant", Some(Class::Number)),
    ("markup.deleted", Some(Class::Number)),
    ("keyword.operator.word", Some(Class::Keyword)),
    ("keyword.operator.logical.python", Some(Class::Keyword)),
    ("keyword.operator.new", Some(Class::Keyword)),
    ("keyword.operator", None),
    ("keyword", Some(Class::Keyword)),
    ("storage.type.numeric", Some(Class::Number)),
    ("storage", Some(Class::Keyword)),
    ("variable.language", Some(Class::Keyword)),
    ("entity.name.tag", Some(Class::Keyword)),
    ("markup.heading", Some(Class::Keyword)),
    ("entity.name.function", Some(Class::Function)),
    ("entity.other.attribute-name", Some(Class::Function)),
    ("variable.function", Some(Class::Function)),
    ("support.function", Some(Class::Function)),
    ("support.macro", Some(Class::Function)),
    ("meta.mapping.key", Some(Class::Function)),
    ("support.type.property-name", Some(Class::Function)),
    ("entity.name.section", Some(Class::Keyword)),
    ("entity.name", Some(Class::Type)),
    ("entity.other.inherited-class", Some(Class::Type)),
    ("support.type", Some(Class::Type)),
    ("support.class", Some(Class::Type)),
    ("support.constant", Some(Class::Number)),
    ("meta.interpolation", None),
    ("source.shell.embedded", None),
    ("meta.template.expression", None),
];

static TABLE: LazyLock<Vec<(Scope, Option<Class>)>> = LazyLock::new(|| {
    MEANINGS
        .iter()
        .filter_map(|(name, class)| Some((Scope::new(name).ok()?, *class)))
        .collect()
});

/// What the innermost scope that means anything means.
pub(super) fn class(scopes: &[Scope]) -> Option<Class> {
    scopes.iter().rev().find_map(|scope| meaning(*scope))?
}

fn meaning(scope: Scope) -> Option<Option<Class>> {
    TABLE
        .iter()
        .find(|(prefix, _)| prefix.is_prefix_of(scope))
        .map(|(_, class)| *class)
}
