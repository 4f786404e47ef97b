//! Time as the browser sees it, and when to paint.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::prelude::*;

/// Between updates of a page that nobody sees: its animation frames never come.
const HIDDEN_PAINT: Duration = Duration::from_millis(250);
/// From one beat to the next at least, milliseconds: every second frame of most displays.
const BEAT: f64 = 25.0;
/// The most of the time that beats may take, as long as a frame takes 30 ms at most. With what the stream itself costs, and
/// the frames that only scroll, that is under a third of the main thread.
const SHARE: f64 = 0.2;
/// From one beat to the next at most, milliseconds: text that comes in rarer steps is no longer read as it grows.
const SLOWEST_BEAT: f64 = 150.0;
/// How much the newest beat counts in the mean of what they take.
const NEWEST: f64 = 0.25;

thread_local! {
    static WAITING: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
    static LAST_BEAT: Cell<f64> = const { Cell::new(0.0) };
    /// What a beat takes with its frame, milliseconds.
    static TAKEN: Cell<f64> = const { Cell::new(0.0) };
}

/// Milliseconds since the page began; never goes back.
#[must_use]
pub fn now() -> f64 {
    #[cfg(feature = "hydrate")]
    let now = window()
        .performance()
        .map_or(0.0, |performance| performance.now());
    #[cfg(not(feature = "hydrate"))]
    let now = 0.0;
    now
}

/// Whether the page is hidden behind another tab or window.
#[must_use]
pub fn is_hidden() -> bool {
    #[cfg(feature = "hydrate")]
    let hidden = document().hidden();
    #[cfg(not(feature = "hydrate"))]
    let hidden = false;
    hidden
}

/// Runs `paint` before the next frame, or soon when there are no frames.
pub fn before_paint(paint: impl FnOnce() + 'static) {
    if is_hidden() {
        set_timeout(paint, HIDDEN_PAINT);
    } else {
        request_animation_frame(paint);
    }
}

/// Runs `act` with the next beat. While a reply is written, laying out, painting and moving the page is most of what it
/// costs, and text that grows with every second frame reads the same; so what changes the page meets in the same frames.
/// After a pause the next frame is a beat. Where a frame takes long, beats are rarer, and whoever scrolls or types finds
/// the page free.
pub fn with_beat(act: impl FnOnce() + 'static) {
    let is_first = WAITING.with_borrow_mut(|waiting| {
        waiting.push(Box::new(act));
        waiting.len() == 1
    });
    if is_first {
        let pause = (TAKEN.get() / SHARE).clamp(BEAT, SLOWEST_BEAT);
        let rest = LAST_BEAT.get() + pause - now();
        if rest > 0.0 {
            set_timeout(
                || before_paint(beat),
                Duration::from_millis(rest.ceil() as u64),
            );
        } else {
            before_paint(beat);
        }
    }
}

fn beat() {
    let began = now();
    LAST_BEAT.set(began);
    for act in WAITING.take() {
        act();
    }
    // The next task, after this frame is laid out and painted.
    set_timeout(
        move || {
            let taken = TAKEN.get();
            TAKEN.set(taken + NEWEST * (now() - began - taken));
        },
        Duration::ZERO,
    );
}
