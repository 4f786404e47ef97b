//! Time as the browser sees it, and when to paint.

use std::time::Duration;

use leptos::prelude::*;

/// Between updates of a page that nobody sees: its animation frames never come.
const HIDDEN_PAINT: Duration = Duration::from_millis(250);

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
