//! Keeps the end of the thread in view for as long as the reader wants it: the hands of `state::scroll`.

use leptos::{ev, html, leptos_dom::helpers::WindowListenerHandle, prelude::*};

use crate::state::scroll::{Gesture, Scroll};

/// The scrolled element, what grows in it, and where the reader stands.
#[derive(Clone, Copy)]
pub struct Follower {
    pub frame: NodeRef<html::Div>,
    pub content: NodeRef<html::Div>,
    pub scroll: RwSignal<Scroll>,
    /// Position at the last look, CSS pixels.
    top: StoredValue<i32>,
    /// Where the finger was.
    touch: StoredValue<Option<f64>>,
}

impl Default for Follower {
    fn default() -> Self {
        Self {
            frame: NodeRef::new(),
            content: NodeRef::new(),
            scroll: RwSignal::new(Scroll::default()),
            top: StoredValue::new(0),
            touch: StoredValue::new(None),
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
            self.jump();
            #[cfg(feature = "hydrate")]
            if let Some(content) = self.content.get() {
                growth::watch(&content, move || {
                    if self
                        .scroll
                        .try_get_untracked()
                        .is_some_and(|scroll| scroll.pinned)
                    {
                        self.jump();
                    }
                });
            }
            let keys: WindowListenerHandle = window_event_listener(ev::keydown, move |event| {
                let back = matches!(event.key().as_str(), "PageUp" | "Home" | "ArrowUp");
                if back && !is_typing() {
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

    /// To the end, and stay there.
    pub fn to_end(self) {
        self.feel(Gesture::ToEnd);
        self.jump();
    }

    /// A wheel turned.
    pub fn wheel(self, event: &ev::WheelEvent) {
        self.feel(Gesture::Wheel {
            x: event.delta_x(),
            y: event.delta_y(),
            ctrl: event.ctrl_key(),
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
            self.feel(Gesture::Drag { y: to - from });
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
        let down = before.is_some_and(|before| top > before);
        self.feel(Gesture::Moved {
            left: f64::from(frame.scroll_height() - top - frame.client_height()),
            down,
        });
    }

    fn jump(self) {
        if let Some(frame) = self.frame.try_get_untracked().flatten() {
            frame.set_scroll_top(frame.scroll_height());
            self.top.try_set_value(frame.scroll_top());
        }
    }
}

fn is_typing() -> bool {
    let active = document().active_element();
    active.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

#[cfg(feature = "hydrate")]
mod growth {
    //! Tells when an element changes its size.

    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{Element, ResizeObserver};

    /// Calls `grown` whenever `element` has another size, until the current owner is cleaned up.
    pub(super) fn watch(element: &Element, grown: impl Fn() + 'static) {
        let callback = Closure::<dyn FnMut()>::new(grown);
        let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(element);
        let kept = StoredValue::new_local((observer, callback));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
}
