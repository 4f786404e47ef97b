//! A gap that is being filled. It shows itself only after 150 ms (CSS), so quick answers never flicker.

use leptos::prelude::*;

/// As many grey lines as the text to come is likely to have. Decorative: `aria-busy` belongs to the region around it.
pub fn skeleton(lines: u8) -> AnyView {
    let line = |_| view! { <span class="skeleton skeleton-line"></span> };
    view! { <div class="skeleton-lines" aria-hidden="true">{(0..lines).map(line).collect_view()}</div> }
        .into_any()
}
