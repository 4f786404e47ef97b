//! Where things stand in the thread. All positions are CSS pixels of the window.

use leptos::prelude::request_animation_frame;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, UiEvent};

use crate::state::scroll::spacer;

/// Turns farther out of the view than this many of its heights may be given up.
const FAR: f64 = 1.5;
/// The turns of the thread that have an id.
const TURNS: &str = ".turn[id]";

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}

/// On the frame while things are put in their places: all turns have their real sizes, and nobody else moves them. Its
/// value counts who is at it: what is read may be brought into view while earlier turns come in above it.
const HOLDS: &str = "data-holds";

/// A turn that is read, and how far below the top of the view it stands; then the position.
pub(super) struct Mark(Option<(Element, f64)>, i32);

impl Mark {
    pub(super) fn take(frame: &HtmlElement) -> Self {
        let first = first(frame).map(|(turn, _)| {
            let at = top(&turn);
            (turn, at)
        });
        Self(first, frame.scroll_top())
    }

    /// Puts it back where it was, as far as the reader has not moved meanwhile.
    pub(super) fn hold(&self, frame: &HtmlElement) {
        if let Some((turn, at)) = &self.0
            && turn.is_connected()
        {
            let moved = f64::from(frame.scroll_top() - self.1);
            frame.scroll_by_with_x_and_y(0.0, top(turn) - (at - moved));
        }
    }
}

/// Sets out to put things in their places; they stay there once all sizes were seen, two frames later.
pub(super) fn begin(frame: &HtmlElement) {
    // Setting and removing a well-formed attribute cannot fail.
    let _ = frame.set_attribute(HOLDS, &(at_it(frame) + 1).to_string());
}

fn at_it(frame: &HtmlElement) -> u32 {
    let count = frame.get_attribute(HOLDS);
    count
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

pub(super) fn end(frame: &HtmlElement) {
    let frame = frame.clone();
    request_animation_frame(move || {
        request_animation_frame(move || {
            let _ = match at_it(&frame) {
                0 | 1 => frame.remove_attribute(HOLDS),
                count => frame.set_attribute(HOLDS, &(count - 1).to_string()),
            };
        });
    });
}

fn turns(frame: &HtmlElement) -> impl DoubleEndedIterator<Item = Element> + use<> {
    let found = frame.query_selector_all(TURNS).ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| found.as_ref()?.item(at)?.dyn_into().ok())
}

/// The first turn that reaches into the view, and how far below its top it begins.
fn first(frame: &HtmlElement) -> Option<(Element, f64)> {
    let edge = top(frame);
    turns(frame).find_map(|turn| {
        let place = turn.get_bounding_client_rect();
        (place.bottom() > edge + 1.0).then(|| (turn, place.top() - edge))
    })
}

/// Id and place of that turn.
pub(super) fn first_turn(frame: &HtmlElement) -> Option<(String, f64)> {
    first(frame).map(|(turn, below)| (turn.id(), below))
}

/// How many turns in a row, from each end, are far out of view and have nothing in them that would be lost.
pub(super) fn spare(frame: &HtmlElement) -> (usize, usize) {
    let place = frame.get_bounding_client_rect();
    let far = place.height() * FAR;
    let idle = |turn: &Element| {
        !turn
            .matches(":focus-within, :has(textarea)")
            .unwrap_or_default()
    };
    let above = turns(frame)
        .take_while(|turn| {
            turn.get_bounding_client_rect().bottom() < place.top() - far && idle(turn)
        })
        .count();
    let below = turns(frame)
        .rev()
        .take_while(|turn| top(turn) > place.bottom() + far && idle(turn))
        .count();
    (above, below)
}

/// Leaves so much room below the content that the last message of the person can stand at the top of the view, or none.
/// Looked for each time: its element is made anew when the server has it. From the end on, so that what was said before
/// costs nothing.
pub(super) fn leave_room(frame: &HtmlElement, content: &HtmlElement, wanted: bool) {
    let last = || {
        let mut at = content.last_element_child();
        while let Some(turn) = at.take_if(|turn| !turn.matches(".turn-user").unwrap_or_default()) {
            at = turn.previous_element_sibling();
        }
        at
    };
    let room = wanted.then(last).flatten().map_or(0.0, |mine| {
        let below = content.get_bounding_client_rect().bottom() - top(&mine);
        spacer(f64::from(frame.client_height()), below)
    });
    set(content, "--room", &format!("{}px", room as i32));
}

/// Scrolls so that `element` stands so far below the top of the view.
pub(super) fn bring(frame: &HtmlElement, element: &Element, below: f64) {
    frame.scroll_by_with_x_and_y(0.0, top(element) - top(frame) - below);
}

/// Whether something between the event's target and the thread scrolls on its own and is not at its beginning yet.
pub(super) fn scrolls_within(frame: &HtmlElement, event: &UiEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into().ok());
    let mut at: Option<Element> = target;
    while let Some(element) = at.filter(|element| element != &**frame) {
        if element.scroll_top() > 0 {
            return true;
        }
        at = element.parent_element();
    }
    false
}

fn set(element: &HtmlElement, name: &str, value: &str) {
    let style = element.style();
    if style.get_property_value(name).is_ok_and(|old| old == value) {
        return;
    }
    // Fails only for an element that is not in the page.
    let _ = style.set_property(name, value);
}
