//! On or off: a checkbox that looks and is announced as a switch.

use leptos::prelude::*;

/// A switch of a form; it sends `name=true` when it is on, and nothing when it is off.
pub fn switch(
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    on: bool,
) -> AnyView {
    let hint_id = format!("{name}-hint");
    let described_by = hint.map(|_| hint_id.clone());
    view! {
        <div class="switch">
            <label class="switch-label" for=name>{label}</label>
            <input
                class="switch-input"
                id=name
                name=name
                type="checkbox"
                role="switch"
                value="true"
                checked=on
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p class="switch-hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}
