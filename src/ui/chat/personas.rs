//! Who should answer: one card each. Radio buttons that belong to the composer's form, so they need no scripts.

use leptos::prelude::*;

use super::{composer::FORM, opening::Opening};
use crate::{i18n::t, state::page::PersonaCard, tools};

/// The cards; one is chosen. `opening` follows the choice.
#[component]
pub fn PersonaCards(personas: Vec<PersonaCard>, opening: Opening) -> impl IntoView {
    let turn = move |_| tools::with(Box::new(move |tools| (tools.chat.turn)(opening)));
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
        <fieldset class="personas" on:change=turn>
            <legend class="personas-label">{t().chat.personas}</legend>
            {cards}
        </fieldset>
    }
}
