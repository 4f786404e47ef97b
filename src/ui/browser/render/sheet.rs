//! The page's part of a reply that is being written: settled blocks are put in once and left alone, the last one is
//! rendered anew with each frame, as long as that is cheap.
//!
//! What a frame costs must not grow with the text. So only what is new is looked at, code that is still open grows by
//! what comes, a last block that is expensive is shown less often, and one that is too long goes on as it was written
//! until it is settled. Must not enter: how text is cut into blocks (`core::render`), when to paint.

use std::collections::VecDeque;

use leptos::prelude::document;
use parlance_core::render::blocks::Blocks;
use web_sys::Element;

use super::{Renderer, grown::Grown};
use crate::{browser::clock, tools};

/// A last block that is longer is not rendered again and again, bytes.
const LONGEST_TAIL: usize = 24 * 1024;
/// So long a frame may put in settled blocks, milliseconds.
const PATIENCE: f64 = 8.0;
/// Rendering the last block takes one part in so many of the time.
const SHARE: f64 = 6.0;
/// A rendering that is cheaper needs no rest, milliseconds.
const CHEAP: f64 = 2.0;

/// So many settled blocks lie together, and up to twice as many until a heading or a line comes: the room above these is
/// their own, whatever ends the part before.
const PART: u32 = 32;
/// What grows no more. It is in sight for a frame at least, and measured as it will lie from then on.
const FULL: &str = "part part-full";
/// What lies so far back that it is hardly in sight: it is skipped unless it is.
const PAST: &str = "part part-full part-past";
/// What the last block of a finished text is called.
const LAST: &str = "block block-end";

/// Whether, and when, to paint again although nothing new has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rest {
    /// Everything is shown.
    Done,
    /// Before the next frame.
    Frame,
    /// After so many milliseconds.
    After(f64),
}

/// The boxes that a reply is written into, in the order of the page.
pub(super) struct Boxes {
    /// Settled blocks.
    pub list: Element,
    /// The last block.
    pub tail: Element,
    /// Text as it was written.
    pub plain: Element,
}

/// Code that is open: where its block begins, how far it is shown, and where it is shown.
struct Code {
    start: usize,
    at: usize,
    text: Grown,
}

/// A reply that is being written, as text and as what the page shows of it.
pub(super) struct Sheet {
    boxes: Boxes,
    blocks: Blocks,
    /// How many settled blocks are on the page.
    done: usize,
    /// Full parts that are not skipped yet, in order.
    full: VecDeque<Element>,
    code: Option<Code>,
    /// The text before this byte is in the list or in the last block.
    shown: usize,
    /// Text behind it, and the byte up to which it is there.
    plain: Option<(Grown, usize)>,
    /// No rendering of the last block before this, milliseconds.
    rest_until: f64,
    /// The HTML that the page came with stands in the last block until this has caught up with it.
    seeded: bool,
    /// Which of its texts this is: replies may begin anew.
    version: u32,
}

impl Sheet {
    /// Begins with what the page brought along: HTML of the text `seed` stands in the last block.
    pub(super) fn new(boxes: Boxes, seed: &str, text: &str, version: u32) -> Self {
        let seeded = !seed.is_empty() && text.starts_with(seed);
        let mut sheet = Self {
            boxes,
            blocks: Blocks::new(),
            done: 0,
            full: VecDeque::new(),
            code: None,
            shown: 0,
            plain: None,
            rest_until: 0.0,
            seeded,
            version,
        };
        // It shows what is missing anew, if that is still so.
        sheet.boxes.plain.set_text_content(None);
        hide(&sheet.boxes.plain, true);
        if seeded {
            sheet.shown = seed.len();
            hide(&sheet.boxes.list, true);
        } else {
            sheet.forget_tail();
        }
        sheet
    }

    /// Takes in that the reply's text is `text` now: more of the same, or, if the `version` is new, another.
    pub(super) fn take(&mut self, text: &str, version: u32) {
        let held = self.blocks.text().len();
        match text.get(held..).filter(|_| self.version == version) {
            Some(fresh) => self.blocks.push(fresh),
            None => {
                self.blocks = Blocks::from(text);
                self.boxes.list.set_text_content(None);
                self.full.clear();
                self.done = 0;
                self.catch_up();
            }
        }
        self.version = version;
    }

    /// Shows what has come, or as much of it as fits into a frame.
    pub(super) fn paint(&mut self, renderer: Renderer) -> Rest {
        if !renderer.is_ready() {
            self.go_on_plain();
            return Rest::Done;
        }
        // Of the frame before, or older.
        while self.full.len() > 1 {
            if let Some(past) = self.full.pop_front() {
                past.set_class_name(PAST);
            }
        }
        if !self.settle(renderer, clock::now() + PATIENCE) {
            return Rest::Frame;
        }
        if self.seeded {
            self.catch_up();
        }
        self.tail(renderer)
    }

    /// Whether it is written in `home`.
    pub(super) fn is_in(&self, home: &Element) -> bool {
        home.contains(Some(&self.boxes.tail))
    }

    /// Shows all of the finished text `content`: nothing is made anew but the last block, in its own box. `false` if
    /// this is not that text, or if it has to be rendered as a whole.
    pub(super) fn finish(mut self, renderer: Renderer, content: &str) -> bool {
        let Some(rest) = content.strip_prefix(self.blocks.text()) else {
            return false;
        };
        self.blocks.push(rest);
        if self.blocks.needs_whole() || !renderer.is_ready() {
            return false;
        }
        self.settle(renderer, f64::INFINITY);
        self.drop_plain();
        hide(&self.boxes.list, false);
        let (tail, text) = (&self.boxes.tail, self.blocks.tail());
        if text.trim().is_empty() {
            tail.set_text_content(None);
            hide(tail, true);
            if let Some(last) = self.last_block() {
                last.set_class_name(LAST);
            }
        } else {
            tail.set_inner_html(&renderer.finished(text).unwrap_or_default());
            tail.set_class_name(LAST);
        }
        true
    }

    fn last_block(&self) -> Option<Element> {
        let part = self.boxes.list.last_element_child()?;
        part.last_element_child()
    }

    /// Puts settled blocks in until `until`. Whether all of them are there.
    fn settle(&mut self, renderer: Renderer, until: f64) -> bool {
        while let Some(range) = self.blocks.frozen_ranges().get(self.done) {
            if clock::now() > until {
                return false;
            }
            let html = renderer.finished(&self.blocks.text()[range.clone()]);
            self.put(&html.unwrap_or_default());
            self.done += 1;
            if !self.seeded {
                self.forget_tail();
            }
        }
        true
    }

    /// Puts a settled block in, into a part of the list that is not full: what is laid out with it are the few others
    /// in there, not all that were written before.
    fn put(&mut self, html: &str) {
        let list = &self.boxes.list;
        let most = if html.starts_with("<h") {
            PART
        } else {
            2 * PART
        };
        let part = match list.last_element_child() {
            Some(part) if part.child_element_count() < most => Some(part),
            full => {
                if let Some(full) = full {
                    full.set_class_name(FULL);
                    self.full.push_back(full);
                }
                made(list, "part")
            }
        };
        let Some(block) = part.and_then(|part| made(&part, "block")) else {
            return;
        };
        block.set_inner_html(html);
        tools::with(Box::new(move |tools| (tools.colour)(&block)));
    }

    fn tail(&mut self, renderer: Renderer) -> Rest {
        let start = self.start();
        let end = self.blocks.text().len();
        if self.grow_code(renderer, start) {
            self.shown = end;
            return Rest::Done;
        }
        if end - start > LONGEST_TAIL {
            self.shown = self.shown.max(start);
            self.go_on_plain();
            return Rest::Done;
        }
        if self.shown == end {
            return Rest::Done;
        }
        let begun = clock::now();
        if begun < self.rest_until {
            return Rest::After(self.rest_until - begun);
        }
        let html = renderer.unfinished(self.blocks.tail());
        self.boxes.tail.set_inner_html(&html.unwrap_or_default());
        self.shown = end;
        self.drop_plain();
        let ended = clock::now();
        let cost = ended - begun;
        if cost > CHEAP {
            self.rest_until = ended + cost * SHARE;
        }
        Rest::Done
    }

    /// Where the last block is open code, lets that grow by what is new.
    fn grow_code(&mut self, renderer: Renderer, start: usize) -> bool {
        let Some(open) = self.blocks.open_code() else {
            self.code = None;
            return false;
        };
        if self.code.as_ref().is_none_or(|code| code.start != start) {
            let html = renderer.unfinished(open.head).unwrap_or_default();
            self.boxes.tail.set_inner_html(&html);
            let home = self.boxes.tail.query_selector("pre > code");
            // A formula may stand in a fence too, and has no such place.
            self.code = home.ok().flatten().map(|home| Code {
                start,
                at: 0,
                text: Grown::begin(&home),
            });
        }
        let Some(code) = &mut self.code else {
            return false;
        };
        let mut fresh = String::new();
        code.at = open.since(code.at, &mut fresh);
        code.text.append(&fresh);
        self.drop_plain();
        true
    }

    /// Shows what stands nowhere yet as it was written.
    fn go_on_plain(&mut self) {
        let text = self.blocks.text();
        let Some(rest) = text.get(self.shown..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        let (grown, at) = self.plain.get_or_insert_with(|| {
            hide(&self.boxes.plain, false);
            (Grown::begin(&self.boxes.plain), text.len() - rest.len())
        });
        grown.append(text.get(*at..).unwrap_or_default());
        *at = text.len();
    }

    fn drop_plain(&mut self) {
        if self.plain.take().is_some() {
            self.boxes.plain.set_text_content(None);
            hide(&self.boxes.plain, true);
        }
    }

    /// The last block is another one now.
    fn forget_tail(&mut self) {
        let start = self.start();
        if self.shown > start {
            // It begins with what stands there; only the rendering will be another.
            self.shown = start;
        }
        self.code = None;
        self.rest_until = 0.0;
        self.boxes.tail.set_text_content(None);
        self.drop_plain();
    }

    /// From here on everything is shown by this.
    fn catch_up(&mut self) {
        self.seeded = false;
        self.shown = 0;
        hide(&self.boxes.list, false);
        self.forget_tail();
    }

    /// Where the last block begins, bytes.
    fn start(&self) -> usize {
        let frozen = self.blocks.frozen_ranges();
        frozen.last().map_or(0, |range| range.end)
    }
}

/// A new box at the end of `home`. Creating one fails for no name that is one, and it fits into any other element.
fn made(home: &Element, class: &str) -> Option<Element> {
    let made = document().create_element("div").ok()?;
    made.set_class_name(class);
    home.append_child(&made).ok()?;
    Some(made)
}

fn hide(element: &Element, hidden: bool) {
    // A well-formed attribute can be set.
    let _ = if hidden {
        element.set_attribute("hidden", "")
    } else {
        element.remove_attribute("hidden")
    };
}
