//! The logo: a square seal, cut with the strokes of 言, "speech".

use leptos::prelude::*;

/// The seal, as large as the text around it says (1.5 em a side). Decorative: the name stands beside it.
#[component]
pub fn Seal() -> impl IntoView {
    view! {
        <svg class="seal" viewBox="0 0 64 64" width="24" height="24" aria-hidden="true" focusable="false">
            <rect class="seal-stone" x="3" y="3" width="58" height="58" rx="9"></rect>
            <path class="seal-cut" d="M29.5 11.5l5 5M14 24h36M21 32h22M21 40h22M22 48h20v6H22z"></path>
        </svg>
    }
}
