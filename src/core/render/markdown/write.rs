//! The HTML writer: the one place that turns a parsed message into tags. Every tag and attribute name below is a
//! literal; everything that came from the text passes through [`push_escaped`] or `url`.
//!
//! Walks with a stack of its own, so depth of nesting costs memory and not the thread's stack.

use comrak::Node;
use comrak::nodes::{ListType, NodeList, NodeValue, TableAlignment};
use std::fmt::Write;

use super::node::{
    alignment, beside_display, heading_level, in_head, is_tight, language, plain_text,
    repeat_suffix, task_of,
};
use super::{Dress, url};
use crate::render::math::{self, Style};

mod code;

/// Attributes of every link: a new tab, no opener, no referrer, no endorsement.
const LINK: &str = r#" rel="noopener noreferrer nofollow" target="_blank""#;

/// Writes a whole document.
pub fn document(root: Node<'_>, id_prefix: &str, dress: Dress<'_>) -> String {
    let mut writer = Writer {
        out: String::new(),
        prefix: id_prefix,
        dress,
        footnotes: 0,
    };
    let mut stack = vec![(root, true)];
    while let Some((node, entering)) = stack.pop() {
        if !entering {
            writer.leave(node);
        } else if writer.enter(node) {
            stack.push((node, false));
            stack.extend(node.reverse_children().map(|child| (child, true)));
        }
    }
    if writer.footnotes > 0 {
        writer.out.push_str("</ol></section>\n");
    }
    writer.out
}

/// Appends `text` with `& < > " '` written as entities, and without NUL.
pub fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\0']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

struct Writer<'p> {
    out: String,
    prefix: &'p str,
    dress: Dress<'p>,
    footnotes: u32,
}

impl Writer<'_> {
    fn raw(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn text(&mut self, text: &str) {
        push_escaped(&mut self.out, text);
    }

    /// Writes what stands before the children. Returns whether to visit them; without the visit there is no leave.
    fn enter(&mut self, node: Node<'_>) -> bool {
        match &node.data().value {
            NodeValue::Text(text) => self.text(text),
            NodeValue::Code(code) => {
                self.raw("<code>");
                self.text(&code.literal);
                self.raw("</code>");
            }
            NodeValue::CodeBlock(block) => self.code_block(&block.info, &block.literal),
            NodeValue::Math(formula) => self.math(&formula.literal, formula.display_math),
            NodeValue::HtmlBlock(block) => {
                self.raw("<p class=\"raw\">");
                self.text(block.literal.trim_end());
                self.raw("</p>\n");
            }
            NodeValue::HtmlInline(html) if matches!(html.as_str(), "<br>" | "<br/>" | "<br />") => {
                self.raw("<br>")
            }
            NodeValue::HtmlInline(html) => self.text(html),
            // A display formula begins and ends a line by itself.
            NodeValue::SoftBreak if beside_display(node) => self.raw("\n"),
            // Chats break lines where they mean it; poems and addresses depend on it.
            NodeValue::SoftBreak | NodeValue::LineBreak => self.raw("<br>\n"),
            NodeValue::ThematicBreak => self.raw("<hr>\n"),
            NodeValue::Image(image) => self.image(node, &image.url),
            NodeValue::FootnoteReference(note) => {
                let (ix, again) = (note.ix, repeat_suffix(note.ref_num));
                let prefix = self.prefix;
                let _ = write!(
                    self.out,
                    "<sup class=\"footnote-ref\"><a href=\"#{prefix}fn-{ix}\" id=\"{prefix}fnref-{ix}{again}\">{ix}</a></sup>"
                );
            }
            value => {
                self.open(node, value);
                return true;
            }
        }
        false
    }

    /// Opening tags of nodes with children.
    fn open(&mut self, node: Node<'_>, value: &NodeValue) {
        match value {
            NodeValue::Paragraph => self.open_paragraph(node),
            NodeValue::Heading(heading) => {
                let _ = write!(self.out, "<h{}>", heading_level(heading.level));
            }
            NodeValue::BlockQuote => self.raw("<blockquote>\n"),
            NodeValue::List(list) => self.open_list(list),
            NodeValue::Item(_) => self.raw("<li>"),
            NodeValue::TaskItem(_) => self.raw("<li class=\"task\">"),
            NodeValue::Emph => self.raw("<em>"),
            NodeValue::Strong => self.raw("<strong>"),
            NodeValue::Strikethrough => self.raw("<del>"),
            NodeValue::Link(link) => {
                if let Some(url) = url::allowed(&link.url) {
                    let text = plain_text(node);
                    self.open_link(url, None, (text != url).then_some(url));
                }
            }
            NodeValue::Table(_) => {
                self.raw("<div class=\"table\"");
                self.scrolls(self.dress.words.table, "");
                self.raw("<table>\n");
            }
            NodeValue::TableRow(true) => self.raw("<thead><tr>"),
            NodeValue::TableRow(false) => {
                let first = node
                    .previous_sibling()
                    .is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(true)));
                self.raw(if first { "<tbody>\n<tr>" } else { "<tr>" });
            }
            NodeValue::TableCell => self.open_cell(node),
            NodeValue::FootnoteDefinition(_) => {
                if self.footnotes == 0 {
                    self.raw("<section class=\"footnotes\"><ol>\n");
                }
                self.footnotes += 1;
                let _ = write!(self.out, "<li id=\"{}fn-{}\">", self.prefix, self.footnotes);
            }
            // The document, escapes, and nodes of dialects that are switched off: their children speak.
            _ => {}
        }
    }

    /// Closing tags.
    fn leave(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::Paragraph => self.close_paragraph(node),
            NodeValue::Heading(heading) => {
                let _ = writeln!(self.out, "</h{}>", heading_level(heading.level));
            }
            NodeValue::BlockQuote => self.raw("</blockquote>\n"),
            NodeValue::List(list) => self.raw(if list.list_type == ListType::Bullet {
                "</ul>\n"
            } else {
                "</ol>\n"
            }),
            NodeValue::Item(_) | NodeValue::TaskItem(_) => self.raw("</li>\n"),
            NodeValue::Emph => self.raw("</em>"),
            NodeValue::Strong => self.raw("</strong>"),
            NodeValue::Strikethrough => self.raw("</del>"),
            NodeValue::Link(link) if url::allowed(&link.url).is_some() => self.raw("</a>"),
            NodeValue::Table(_) => {
                let body = node
                    .last_child()
                    .is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(false)));
                self.raw(if body {
                    "</tbody></table></div>\n"
                } else {
                    "</table></div>\n"
                });
            }
            NodeValue::TableRow(true) => self.raw("</tr></thead>\n"),
            NodeValue::TableRow(false) => self.raw("</tr>\n"),
            NodeValue::TableCell => self.raw(if in_head(node) { "</th>" } else { "</td>" }),
            NodeValue::FootnoteDefinition(note) => {
                let (prefix, ix) = (self.prefix, self.footnotes);
                for number in 1..=note.total_references.min(20) {
                    let again = repeat_suffix(number);
                    let _ = write!(
                        self.out,
                        " <a class=\"footnote-back\" href=\"#{prefix}fnref-{ix}{again}\">↩</a>"
                    );
                }
                self.raw("</li>\n");
            }
            _ => {}
        }
    }

    fn open_paragraph(&mut self, node: Node<'_>) {
        if !is_tight(node) {
            self.raw("<p>");
        } else if node.previous_sibling().is_some() {
            self.raw("\n");
        }
        if let Some(done) = task_of(node) {
            self.raw(if done {
                "<label><input type=\"checkbox\" disabled checked> "
            } else {
                "<label><input type=\"checkbox\" disabled> "
            });
        }
    }

    fn close_paragraph(&mut self, node: Node<'_>) {
        if task_of(node).is_some() {
            self.raw("</label>");
        }
        if !is_tight(node) {
            self.raw("</p>\n");
        }
    }

    fn open_list(&mut self, list: &NodeList) {
        let tasks = if list.is_task_list {
            " class=\"tasks\""
        } else {
            ""
        };
        match list.list_type {
            ListType::Bullet => {
                let _ = writeln!(self.out, "<ul{tasks}>");
            }
            ListType::Ordered if list.start == 1 => {
                let _ = writeln!(self.out, "<ol{tasks}>");
            }
            ListType::Ordered => {
                let _ = writeln!(self.out, "<ol start=\"{}\"{tasks}>", list.start);
            }
        }
    }

    fn open_cell(&mut self, node: Node<'_>) {
        self.raw(if in_head(node) {
            "<th scope=\"col\""
        } else {
            "<td"
        });
        self.raw(match alignment(node) {
            TableAlignment::Left => " class=\"align-left\">",
            TableAlignment::Center => " class=\"align-center\">",
            TableAlignment::Right => " class=\"align-right\">",
            TableAlignment::None => ">",
        });
    }

    fn open_link(&mut self, url: &str, class: Option<&str>, title: Option<&str>) {
        self.raw("<a");
        if let Some(class) = class {
            let _ = write!(self.out, " class=\"{class}\"");
        }
        self.raw(" href=\"");
        url::push_href(&mut self.out, url);
        self.raw("\"");
        if let Some(title) = title {
            self.raw(" title=\"");
            self.text(title);
            self.raw("\"");
        }
        self.raw(LINK);
        self.raw(">");
    }

    fn code_block(&mut self, info: &str, code: &str) {
        let language = language(info);
        if language == "math" {
            self.raw("<p>");
            self.math(code, true);
            self.raw("</p>\n");
            return;
        }
        self.open_code(&language, code);
    }

    fn math(&mut self, tex: &str, display: bool) {
        if display {
            self.raw("<span class=\"math-display\"");
            self.scrolls(self.dress.words.formula, "");
            math::push(&mut self.out, tex, Style::Display);
            self.raw("</span>");
        } else {
            math::push(&mut self.out, tex, Style::Inline);
        }
    }

    /// An image is named and linked, never fetched: an address made by a model is a way out for data.
    fn image(&mut self, node: Node<'_>, target: &str) {
        let url = url::allowed(target);
        let linked = node.ancestors().skip(1).any(|up| matches!(&up.data().value, NodeValue::Link(link) if url::allowed(&link.url).is_some()));
        let link = url.filter(|_| !linked);
        match link {
            Some(url) => self.open_link(url, Some("image"), Some(url)),
            None => self.raw("<span class=\"image\">"),
        }
        let alt = plain_text(node);
        self.raw("<span class=\"image-alt\">");
        self.text(alt.trim());
        self.raw("</span>");
        if let Some(url) = url {
            self.raw(" <span class=\"image-target\">");
            self.text(url);
            self.raw("</span>");
        }
        self.raw(if link.is_some() { "</a>" } else { "</span>" });
    }
}
