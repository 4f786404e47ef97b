//! Words for screen readers alone, spoken when they change.

use leptos::prelude::*;

/// A place whose text is read aloud whenever it becomes another one. It must be in the page before it has anything to
/// say.
#[component]
pub fn LiveRegion(
    #[prop(into)] text: Signal<String>,
    /// Interrupts what is being read; for failures.
    #[prop(optional)]
    assertive: bool,
) -> impl IntoView {
    let (role, live) = if assertive {
        ("alert", "assertive")
    } else {
        ("status", "polite")
    };
    view! {
        <div class="visually-hidden" role=role aria-live=live aria-atomic="true">
            {move || text.get()}
        </div>
    }
}
