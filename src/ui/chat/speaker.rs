//! Who speaks, above a turn: a mark, a name, and quietly the model and the time.

use leptos::prelude::*;

use super::acts::Acts;
use crate::{
    browser::moment,
    i18n::{letters::upper, t},
    kit::avatar,
    rpc::session::current_user,
    state::page::Turn,
};

/// The name under which replies of this conversation are given.
#[derive(Clone)]
struct Persona(Option<String>);

/// Makes the name known to all turns below.
pub(super) fn provide_persona(name: Option<String>) {
    provide_context(Persona(name.filter(|name| !name.trim().is_empty())));
}

/// Who replies in this conversation, where that is known.
pub(super) fn persona() -> Option<String> {
    use_context::<Persona>().and_then(|persona| persona.0)
}

/// Above a reply; `turn` is `None` while it is being written.
pub(super) fn reply_head(label: String, turn: Option<(Acts, &Turn)>) -> impl IntoView + use<> {
    let known = turn.and_then(|(_, turn)| turn.facts.name.clone());
    let name = known
        .or_else(persona)
        .unwrap_or_else(|| t().chat.assistant.to_owned());
    let model = turn.and_then(|(_, turn)| turn.model.clone());
    let first = name.trim().chars().next();
    let mark = first.map(|first| upper(first.encode_utf8(&mut [0; 4])));
    view! {
        <div class="turn-head">
            <span class="mark" aria-hidden="true">{mark}</span>
            <h2 class="turn-name" id=label>{name}</h2>
            {model.map(|model| view! { <span class="turn-quiet turn-model">{model}</span> })}
            {turn.map(|(acts, turn)| time(acts, turn))}
        </div>
    }
}

/// Above what a person wrote.
pub(super) fn person(acts: Acts, label: String, turn: &Turn) -> impl IntoView + use<> {
    let name =
        untrack(current_user).map_or_else(|| acts.texts.chat.you.to_owned(), |user| user.username);
    view! {
        <div class="turn-head">
            {time(acts, turn)}
            <h2 class="turn-name" id=label>{name.clone()}</h2>
            {avatar(&name)}
        </div>
    }
}

/// When it was written, as short as today allows; in full where it is pointed at.
fn time(acts: Acts, turn: &Turn) -> Option<impl IntoView + use<>> {
    let facts = &turn.facts;
    let at = facts.at?;
    let tag = acts.texts.locale.tag();
    let (clock, date) = if facts.clock.is_empty() {
        (moment::clock(at, tag), moment::full(at, tag))
    } else {
        (facts.clock.clone(), facts.date.clone())
    };
    Some(view! {
        <time class="turn-quiet" datetime=moment::iso(at) title=date>{clock}</time>
    })
}
