//! One line of a form: label, input, hint, and what is wrong with it right beside it.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A labelled input. What the person types is never overwritten: `value` is only what the page starts with.
#[component]
pub fn Field(
    /// Name of the form field; also the element's id.
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    /// The browser's autofill token (HTML, "autofill field name").
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(into)] error: Signal<Option<&'static str>>,
    #[prop(optional, into)] value: String,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match (error.get().is_some(), hint.is_some()) {
            (true, true) => Some(format!("{error_id} {hint_id}")),
            (true, false) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            <input
                class="field-input"
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                autofocus=autofocus
                aria-required="true"
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by
            />
            <p class="field-error" id=error_id hidden=move || error.get().is_none()>
                <Icon glyph=Glyph::Alert/>
                <span>{move || error.get().unwrap_or_default()}</span>
            </p>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
