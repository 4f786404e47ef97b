//! All personas that the viewer may choose or looks after. Links leave the page by the browser itself: the server has the
//! next one whole.

use leptos::prelude::*;
use leptos_router::location::Url;
use parlance_core::domain::Persona;

use crate::{
    i18n::{roles::Roles, t},
    kit::{Look, avatar},
    rpc::{
        contexts::CONTEXTS,
        roles::{NEW_ROLE, ROLES},
    },
};

/// Those to choose from, each with a way to begin; and behind them those that are switched off.
pub(super) fn view(words: &'static Roles, choices: Vec<Persona>, kept: &[Persona]) -> AnyView {
    let is_kept = |one: &Persona| kept.iter().any(|mine| mine.id == one.id);
    let off = kept.iter().filter(|one| !one.character.is_active).cloned();
    let rows = choices
        .into_iter()
        .chain(off)
        .map(|one| row(words, is_kept(&one), one))
        .collect_view();
    view! {
        <p class="profile-lead">{words.lead}</p>
        <p class="profile-acts">
            <a class=Look::Primary.class() href=NEW_ROLE rel="external">{words.new}</a>
            <a class="button" href=CONTEXTS rel="external">{t().locale.contexts().title}</a>
        </p>
        <ul class="profile-rows" role="list" aria-label=words.title>{rows}</ul>
    }
    .into_any()
}

fn row(words: &'static Roles, is_kept: bool, persona: Persona) -> AnyView {
    let locale = t().locale;
    let (id, character) = (persona.id, persona.character);
    let name = locale.persona_name(id, character.name);
    let description = locale.persona_description(id, character.description);
    let mark = match (persona.shared, character.is_active) {
        (_, false) => words.off,
        (true, true) => words.everybodys,
        (false, true) => words.yours,
    };
    let begin = character.is_active.then(|| {
        let href = format!("/chat?persona={}", Url::escape(&persona.slug));
        let label = format!("{}: {name}", words.begin);
        view! { <a class="button" href=href rel="external" aria-label=label>{words.begin}</a> }
    });
    let change = is_kept.then(|| {
        let href = format!("{ROLES}/{id}");
        let label = format!("{}: {name}", words.edit);
        view! { <a class="button" href=href rel="external" aria-label=label>{words.edit}</a> }
    });
    view! {
        <li class="profile-row">
            {avatar(&name)}
            <div class="profile-row-text">
                <p class="profile-row-name">
                    <bdi>{name}</bdi>
                    <span class="profile-mark">{mark}</span>
                </p>
                <p class="profile-note" dir="auto">{description}</p>
            </div>
            {begin}
            {change}
        </li>
    }
    .into_any()
}
