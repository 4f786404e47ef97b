//! The quiet control of which model is asked: in a conversation's head a form of its own, where one begins a part of the
//! composer's.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{ConversationId, ModelConfigId};

use super::lines::options_of;
use crate::{
    app::query,
    i18n::{models::Models, provide_locale},
    kit::Look,
    rpc::models::{
        ChooseModel, MODELS, choose_path,
        offer::{self, Offer},
    },
};

/// Which page the control is of, where there is no conversation yet.
const NEW: &str = "new";

/// Id of what the control opens.
const PANEL: &str = "model-panel";

/// The control that was read with this page.
pub(super) fn noted() -> Option<AnyView> {
    let mut offer = offer::noted()?;
    if offer.conversation.is_none() {
        let asked = query("model").and_then(|id| id.parse().ok());
        let known = asked.filter(|id| offer.items.iter().any(|one| one.id == *id));
        offer.chosen = known.unwrap_or(offer.chosen);
    }
    Some(view(&offer))
}

/// The control as it stands in a page.
#[must_use]
pub fn control_html(offer: Offer) -> String {
    view(&offer).to_html()
}

fn view(offer: &Offer) -> AnyView {
    let words = provide_locale().models();
    match offer.conversation {
        Some(id) => head(words, offer, id),
        None => beginning(words, offer),
    }
}

fn head(words: &'static Models, offer: &Offer, id: ConversationId) -> AnyView {
    let chosen = offer.items.iter().find(|one| one.id == offer.chosen);
    let name = chosen.map_or_else(|| words.choice.gone.to_owned(), |one| one.name.clone());
    let label = format!("{}: {name}", words.choice.model);
    let parameters = choose_path(id);
    let context = format!("/chat/{id}/context");
    view! {
        <div class="model-choice" data-of=id.to_string()>
            <button class="model-chosen" type="button" popovertarget=PANEL aria-label=label>
                <bdi>{name}</bdi>
            </button>
            <div class="menu model-panel" id=PANEL popover="auto" role="group" aria-label=words.choice.model>
                <form method="post" action=ChooseModel::url()>
                    <input type="hidden" name="conversation_id" value=id.to_string()/>
                    <select class="field-input" name="model" aria-label=words.choice.model>
                        {options_of(options(words, offer, offer.chosen))}
                    </select>
                    <button class=Look::Plain.class() type="submit">{words.choice.take}</button>
                </form>
                <p class="model-ways">
                    <a class="link" href=parameters rel="external">{words.choice.parameters}</a>
                    <a class="link" href=context rel="external">{provide_locale().contexts().title}</a>
                    <a class="link" href=MODELS rel="external">{words.all}</a>
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// Nothing is asked where there is nothing to choose.
fn beginning(words: &'static Models, offer: &Offer) -> AnyView {
    if offer.items.len() < 2 {
        return view! { <span data-of=NEW></span> }.into_any();
    }
    let options = options(words, offer, offer.chosen);
    view! {
        <select class="model-start" data-of=NEW name="model" form="composer" aria-label=words.choice.model>
            {options_of(options)}
        </select>
    }
    .into_any()
}

/// What there is to choose from: id, name, whether it is chosen. One that is gone stands before the others.
pub(super) fn options(
    words: &'static Models,
    offer: &Offer,
    chosen: ModelConfigId,
) -> Vec<(String, String, bool)> {
    let is_gone = !offer.items.iter().any(|one| one.id == chosen);
    let gone = is_gone.then(|| (chosen.to_string(), words.choice.gone.to_owned(), true));
    let items = offer.items.iter();
    let items = items.map(|one| (one.id.to_string(), one.name.clone(), one.id == chosen));
    gone.into_iter().chain(items).collect()
}
