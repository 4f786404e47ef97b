//! Buttons. Further attributes and handlers (`on:click`, `attr:…`) go to the native element.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one thing that a page is for.
    Primary,
    #[default]
    Plain,
    /// No border until pointed at.
    Quiet,
    /// Stops or destroys.
    Danger,
}

impl Look {
    /// Classes for the native element; links that look like buttons use them too.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Plain => "button",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

/// A button with words in it.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    /// `submit` sends the form that the button stands in; `button` waits for a handler.
    #[prop(default = "submit")]
    kind: &'static str,
    #[prop(into, optional)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button class=look.class() type=kind disabled=move || disabled.get()>
            {children()}
        </button>
    }
}

/// A square button with an icon and a name that is read aloud and shown as a tooltip.
#[component]
pub fn IconButton(
    glyph: Glyph,
    #[prop(into)] label: Signal<&'static str>,
    #[prop(default = Look::Quiet)] look: Look,
    #[prop(default = "button")] kind: &'static str,
    #[prop(into, optional)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            class=format!("{} button-icon", look.class())
            type=kind
            aria-label=move || label.get()
            data-tip=move || label.get()
            disabled=move || disabled.get()
        >
            <Icon glyph=glyph/>
        </button>
    }
}
