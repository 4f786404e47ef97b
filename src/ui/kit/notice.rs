//! A sentence that the person should not miss, with a sign beside it: colour never speaks alone.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// What a notice is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Info,
    Warning,
    Error,
}

/// A notice. Errors interrupt a screen reader, the others wait.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let (class, role, glyph) = match tone {
        Tone::Info => ("notice", "status", Glyph::Info),
        Tone::Warning => ("notice notice-warning", "status", Glyph::Alert),
        Tone::Error => ("notice notice-error", "alert", Glyph::Alert),
    };
    view! {
        <div class=class role=role>
            <Icon glyph=glyph/>
            <div class="notice-text">{children()}</div>
        </div>
    }
}
