//! Text on the page that grows at its end: what is there stays, what is new is appended.
//!
//! In pieces of some lines, each in a box of its own: the browser lays out what a box holds as a whole, so that the
//! last one only must be laid out again.

use leptos::prelude::document;
use web_sys::{Element, Text};

/// A piece that is larger ends with its line, bytes.
const PIECE: usize = 2_048;

/// The growing text of an element.
pub(super) struct Grown {
    home: Element,
    last: Option<Text>,
    /// Bytes in the last piece.
    bytes: usize,
}

impl Grown {
    /// Empties `home` and begins in it.
    pub(super) fn begin(home: &Element) -> Self {
        home.set_text_content(None);
        Self {
            home: home.clone(),
            last: None,
            bytes: 0,
        }
    }

    /// Appends `text`.
    pub(super) fn append(&mut self, mut text: &str) {
        while !text.is_empty() {
            let room = PIECE.saturating_sub(self.bytes);
            // Bytes are looked at, and a line end is one of its own.
            let mut behind = text.as_bytes().iter().skip(room);
            let end = behind
                .position(|byte| *byte == b'\n')
                .map_or(text.len(), |at| room + at + 1);
            let (piece, rest) = text.split_at(end);
            self.put(piece);
            if piece.ends_with('\n') && self.bytes >= PIECE {
                self.last = None;
                self.bytes = 0;
            }
            text = rest;
        }
    }

    fn put(&mut self, text: &str) {
        self.bytes += text.len();
        if let Some(last) = &self.last {
            // Fails only for more text than a page can hold.
            let _ = last.append_data(text);
            return;
        }
        // Fails for no name that is one; and what is new fits into any element.
        let Ok(piece) = document().create_element("span") else {
            return;
        };
        piece.set_class_name("piece");
        let node = document().create_text_node(text);
        let _ = piece.append_child(&node);
        let _ = self.home.append_child(&piece);
        self.last = Some(node);
    }
}
