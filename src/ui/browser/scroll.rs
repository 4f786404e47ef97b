//! Keeps the end of the thread in view for as long as the reader wants it, and what is read in its place: the hands of
//! `state::scroll`.

use leptos::{ev, html, leptos_dom::helpers::WindowListenerHandle, prelude::*};

use super::composer::is_layered;
#[cfg(feature = "hydrate")]
use super::{
    clock,
    preferences::{is_motion_reduced, streaming},
};
use crate::state::scroll::{Gesture, Scroll};

#[cfg(feature = "hydrate")]
mod growth;
#[cfg(feature = "hydrate")]
mod memory;
#[cfg(feature = "hydrate")]
mod place;

/// The scrolled element, what grows in it, and where the reader stands.
#[derive(Clone, Copy)]
pub struct Follower {
    pub frame: NodeRef<html::Div>,
    pub content: NodeRef<html::Div>,
    pub scroll: RwSignal<Scroll>,
    /// Whether the path goes on beyond what stands in the page.
    pub open_ended: StoredValue<bool>,
    /// Whether the end is followed gently, which is while text arrives.
    pub gently: StoredValue<bool>,
    /// Whether it was so at the last look.
    #[cfg(feature = "hydrate")]
    writing: StoredValue<bool>,
    /// On the way to the end, beat by beat.
    #[cfg(feature = "hydrate")]
    gliding: StoredValue<bool>,
    /// Position at the last look, CSS pixels.
    top: StoredValue<i32>,
    /// Where the finger was.
    touch: StoredValue<Option<f64>>,
    /// A message was sent: it stays below the top of the thread until its answer has filled the view.
    sent: StoredValue<bool>,
}

/// How far the content reaches beyond the view, CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub above: f64,
    pub below: f64,
    /// The height of the view.
    pub view: f64,
}

impl Default for Follower {
    fn default() -> Self {
        Self {
            frame: NodeRef::new(),
            content: NodeRef::new(),
            scroll: RwSignal::new(Scroll::default()),
            open_ended: StoredValue::new(false),
            gently: StoredValue::new(false),
            #[cfg(feature = "hydrate")]
            writing: StoredValue::new(false),
            #[cfg(feature = "hydrate")]
            gliding: StoredValue::new(false),
            top: StoredValue::new(0),
            touch: StoredValue::new(None),
            sent: StoredValue::new(false),
        }
    }
}

impl Follower {
    /// Begins to follow once the elements are there.
    pub fn start(self) {
        Effect::new(move || {
            if self.frame.get().is_none() {
                return;
            }
            if self.is_pinned() {
                self.jump();
            }
            #[cfg(feature = "hydrate")]
            if let (Some(frame), Some(content)) = (self.frame.get(), self.content.get()) {
                growth::watch([&frame, &content], move || self.grown());
            }
            let keys: WindowListenerHandle = window_event_listener(ev::keydown, move |event| {
                let back = matches!(event.key().as_str(), "PageUp" | "Home" | "ArrowUp")
                    || (event.key() == " " && event.shift_key());
                if back && !is_typing() && !is_layered() {
                    self.feel(Gesture::Back);
                }
            });
            on_cleanup(move || keys.remove());
        });
    }

    /// Takes a gesture in.
    pub fn feel(self, gesture: Gesture) {
        let Some(before) = self.scroll.try_get_untracked() else {
            return;
        };
        let after = before.after(gesture);
        if after != before {
            self.scroll.set(after);
        }
    }

    /// Whether the end is followed.
    #[must_use]
    pub fn is_pinned(self) -> bool {
        self.scroll
            .try_get_untracked()
            .is_some_and(|scroll| scroll.pinned)
    }

    /// To the end, and stay there.
    pub fn to_end(self) {
        self.feel(Gesture::ToEnd);
        self.jump();
    }

    /// A message was sent: it goes to the top of the view, with room for its answer below.
    pub fn sent(self) {
        self.feel(Gesture::ToEnd);
        self.sent.try_set_value(true);
        #[cfg(feature = "hydrate")]
        request_animation_frame(move || self.grown());
    }

    /// A wheel turned.
    pub fn wheel(self, event: &ev::WheelEvent) {
        self.feel(Gesture::Wheel {
            x: event.delta_x(),
            y: event.delta_y(),
            ctrl: event.ctrl_key(),
            inner: self.is_inner(event),
        });
    }

    /// A finger came down or moved.
    pub fn touch(self, event: &ev::TouchEvent, moved: bool) {
        #[cfg(feature = "hydrate")]
        let height = event
            .touches()
            .item(0)
            .map(|touch| f64::from(touch.client_y()));
        #[cfg(not(feature = "hydrate"))]
        let height = Some(f64::from(event.detail()));
        if let (true, Some(from), Some(to)) = (moved, self.touch.try_get_value().flatten(), height)
        {
            self.feel(Gesture::Drag {
                y: to - from,
                inner: self.is_inner(event),
            });
        } else {
            self.touch.try_set_value(height);
        }
    }

    /// The position changed.
    pub fn moved(self) {
        let Some(frame) = self.frame.try_get_untracked().flatten() else {
            return;
        };
        let top = frame.scroll_top();
        let before = self
            .top
            .try_update_value(|before| std::mem::replace(before, top));
        let by = f64::from(top - before.unwrap_or(top));
        let left = match self.open_ended.try_get_value() {
            Some(false) => f64::from(frame.scroll_height() - top - frame.client_height()),
            _ => f64::INFINITY,
        };
        self.feel(Gesture::Moved { left, by });
    }

    /// What lies beyond the view; `None` while there is no page.
    #[must_use]
    pub fn reach(self) -> Option<Reach> {
        let frame = self.frame.try_get_untracked().flatten()?;
        let (top, view) = (frame.scroll_top(), frame.client_height());
        Some(Reach {
            above: f64::from(top),
            below: f64::from(frame.scroll_height() - top - view),
            view: f64::from(view),
        })
    }

    fn jump(self) {
        if let Some(frame) = self.frame.try_get_untracked().flatten() {
            frame.set_scroll_top(frame.scroll_height());
            self.top.try_set_value(frame.scroll_top());
        }
    }

    #[cfg(not(feature = "hydrate"))]
    fn is_inner(self, _: &ev::UiEvent) -> bool {
        false
    }
}

#[cfg(feature = "hydrate")]
impl Follower {
    fn is_inner(self, event: &ev::UiEvent) -> bool {
        let frame = self.frame.try_get_untracked().flatten();
        frame.is_some_and(|frame| place::scrolls_within(&frame, event))
    }

    /// The content or the view has another size.
    fn grown(self) {
        let (frame, content) = (
            self.frame.try_get_untracked().flatten(),
            self.content.try_get_untracked().flatten(),
        );
        let (Some(frame), Some(content)) = (frame, content) else {
            return;
        };
        if self.sent.try_get_value() == Some(true) {
            // Elsewhere in the conversation there is nothing to make room for.
            let here = self.open_ended.try_get_value() == Some(false);
            self.sent.try_set_value(here);
            place::leave_room(&frame, &content, here);
        }
        let writing = self.gently.try_get_value() == Some(true);
        let written = self
            .writing
            .try_update_value(|before| std::mem::replace(before, writing));
        let (view, mode) = (frame.client_height(), streaming());
        let left = frame.scroll_height() - frame.scroll_top() - view;
        // A long answer that came as a whole is read from its beginning.
        if written == Some(true) && !writing && mode == "at-once" && left > view / 2 {
            self.feel(Gesture::Back);
        }
        if !self.is_pinned() {
            self.moved();
        } else if !writing || mode != "smooth" || is_motion_reduced() {
            self.jump();
        } else if self.gliding.try_get_value() == Some(false) {
            self.gliding.try_set_value(true);
            self.glide();
        }
    }

    /// Moves a part of the way to the end with each beat. Not by the browser's own smooth scrolling: that begins anew
    /// with each word and never arrives.
    fn glide(self) {
        clock::with_beat(move || {
            let Some(frame) = self.frame.try_get_untracked().flatten() else {
                return;
            };
            let (top, view) = (frame.scroll_top(), frame.client_height());
            let left = frame.scroll_height() - top - view;
            let on_the_way = self.is_pinned() && (1..view).contains(&left);
            if on_the_way {
                frame.set_scroll_top(top + (left * 3 / 5).max(1));
                self.top.try_set_value(frame.scroll_top());
                self.glide();
                return;
            }
            self.gliding.try_set_value(false);
            if self.is_pinned() {
                self.jump();
            }
        });
    }

    /// Changes what stands in the page while what is read stays where it is.
    pub fn keep(self, change: impl FnOnce()) {
        let frame = self.frame.try_get_untracked().flatten();
        let Some(frame) = frame.filter(|_| !self.is_pinned()) else {
            change();
            return;
        };
        let mark = place::Mark::take(&frame);
        place::begin(&frame);
        change();
        request_animation_frame(move || {
            mark.hold(&frame);
            self.top.try_set_value(frame.scroll_top());
            place::end(&frame);
        });
    }

    /// How many turns stand far outside of the view on each side, above and below.
    #[must_use]
    pub fn spare(self) -> (usize, usize) {
        let frame = self.frame.try_get_untracked().flatten();
        frame.map_or((0, 0), |frame| place::spare(&frame))
    }

    /// Brings an element with this id to the top of the view, or so far below it, and stays there. `false` when there is
    /// none.
    pub fn show(self, id: &str, below: Option<f64>) -> bool {
        let (Some(frame), Some(element)) = (
            self.frame.try_get_untracked().flatten(),
            document().get_element_by_id(id),
        ) else {
            return false;
        };
        self.feel(Gesture::Back);
        place::begin(&frame);
        place::bring(
            &frame,
            &element,
            below.unwrap_or(crate::state::scroll::LEAD),
        );
        self.top.try_set_value(frame.scroll_top());
        self.moved();
        place::end(&frame);
        true
    }

    /// Notes where the reader stands, for whoever comes back to this page.
    pub fn note(self, conversation: &str) {
        let frame = self.frame.try_get_untracked().flatten();
        let mark = frame
            .filter(|_| !self.is_pinned())
            .and_then(|frame| place::first_turn(&frame));
        memory::save(conversation, mark);
    }

    /// Where the reader stood when this page was left: a turn's id, and how far below the top it was.
    #[must_use]
    pub fn noted(conversation: &str) -> Option<(String, f64)> {
        memory::read(conversation)
    }
}

fn is_typing() -> bool {
    let active = document().active_element();
    active.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.has_attribute("contenteditable")
    })
}
