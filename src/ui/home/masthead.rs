//! The head of the pages outside the conversations.

use leptos::prelude::*;

use crate::{i18n::t, kit::Seal};

/// Seal and name, linking to the first page.
#[component]
pub fn Masthead() -> impl IntoView {
    view! {
        <header class="masthead">
            <a class="brand" href="/">
                <Seal/>
                <span class="brand-name">{t().site.name}</span>
            </a>
        </header>
    }
}
