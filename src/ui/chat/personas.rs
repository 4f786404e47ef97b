//! Who should answer: one card each. Radio buttons that belong to the composer's form, so they need no scripts.

use leptos::prelude::*;

use super::composer::FORM;
use crate::{i18n::t, state::page::PersonaCard};

/// The cards; one is chosen.
#[component]
pub fn PersonaCards(personas: Vec<PersonaCard>) -> impl IntoView {
    let cards = personas
        .into_iter()
        .map(|persona| {
            view! {
                <label class="persona">
                    <input
                        class="persona-choice"
                        type="radio"
                        name="persona"
                        value=persona.slug
                        form=FORM
                        checked=persona.chosen
                    />
                    <span class="persona-name">{persona.name}</span>
                    <span class="persona-about">{persona.description}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="personas">
            <legend class="personas-label">{t().chat.personas}</legend>
            {cards}
        </fieldset>
    }
}
