//! Questions that the writer asks about a parsed node.

use comrak::Node;
use comrak::nodes::{NodeValue, TableAlignment};

/// The page's own title is the only first-level heading, so a message begins at the second.
pub fn heading_level(level: u8) -> u8 {
    (level + 1).min(6)
}

/// `-2` for the second mention of a footnote, nothing for the first.
pub fn repeat_suffix(number: u32) -> String {
    if number > 1 {
        format!("-{number}")
    } else {
        String::new()
    }
}

/// The language of a fence: its first word, kept to the characters that languages are named with.
pub fn language(info: &str) -> String {
    let word = info
        .split([' ', '\t', ',', '{', ':'])
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let word = word.trim_start_matches('.').trim_end_matches('}');
    let named = word.len() <= 32
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.'));
    if named {
        word.to_owned()
    } else {
        String::new()
    }
}

/// Whether a paragraph is the whole line of a tight list item, which has no `<p>`.
pub fn is_tight(node: Node<'_>) -> bool {
    let list = node.parent().and_then(|item| item.parent());
    list.is_some_and(|list| matches!(&list.data().value, NodeValue::List(list) if list.tight))
}

/// For the first paragraph of a task: whether the task is done.
pub fn task_of(node: Node<'_>) -> Option<bool> {
    if node.previous_sibling().is_some() {
        return None;
    }
    match &node.parent()?.data().value {
        NodeValue::TaskItem(task) => Some(task.symbol.is_some()),
        _ => None,
    }
}

pub fn in_head(cell: Node<'_>) -> bool {
    cell.parent()
        .is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(true)))
}

pub fn alignment(cell: Node<'_>) -> TableAlignment {
    let column = cell.preceding_siblings().count().saturating_sub(1);
    let table = cell.parent().and_then(|row| row.parent());
    table
        .and_then(|table| match &table.data().value {
            NodeValue::Table(table) => table.alignments.get(column).copied(),
            _ => None,
        })
        .unwrap_or(TableAlignment::None)
}

/// The text below a node, without markup.
pub fn plain_text(node: Node<'_>) -> String {
    let mut text = String::new();
    for below in node.descendants() {
        match &below.data().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::Math(math) => text.push_str(&math.literal),
            NodeValue::HtmlInline(html) => text.push_str(html),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Whether a display formula stands right before or after the node.
pub fn beside_display(node: Node<'_>) -> bool {
    let is_display =
        |node: Node<'_>| matches!(&node.data().value, NodeValue::Math(math) if math.display_math);
    node.previous_sibling().is_some_and(is_display) || node.next_sibling().is_some_and(is_display)
}
