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
        let beside = query("beside").unwrap_or_default();
        offer.beside = beside.split(',').filter_map(|id| id.parse().ok()).collect();
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
    let name = names(words, offer);
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
                    {beside(words, offer, None)}
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
        <div class="model-begin" data-of=NEW>
            <select class="model-start" name="model" form="composer" aria-label=words.choice.model>
                {options_of(options)}
            </select>
            {beside(words, offer, Some("composer"))}
        </div>
    }
    .into_any()
}

/// What is asked: `A`, or side by side `A + B`.
fn names(words: &'static Models, offer: &Offer) -> String {
    let ids = std::iter::once(&offer.chosen).chain(&offer.beside);
    let name = |id: &ModelConfigId| {
        let mut items = offer.items.iter();
        let found = items.find(|one| one.id == *id);
        found.map_or(words.choice.gone, |one| one.name.as_str())
    };
    ids.map(name).collect::<Vec<_>>().join(" + ")
}

/// Which models are asked side by side with the first, of a `form` elsewhere or of the one around it. Where there is no
/// other model there is nothing to choose. The last list stands there once the one before it has chosen.
pub(super) fn beside(
    words: &'static Models,
    offer: &Offer,
    form: Option<&'static str>,
) -> Option<AnyView> {
    let choice = &words.choice;
    let (class, none) = match form {
        Some(_) => ("model-with", choice.with),
        None => ("model-with field-input", choice.no_other),
    };
    let list = |(at, label)| {
        let chosen = offer.beside.get(at).copied();
        let others = match chosen {
            Some(chosen) => options(words, offer, chosen),
            None => named(offer, |_| false).collect(),
        };
        let none = (String::new(), none.to_owned(), chosen.is_none());
        let options = std::iter::once(none).chain(others).collect();
        let name = format!("beside[{at}]");
        view! { <select class=class name=name form=form aria-label=label>{options_of(options)}</select> }
    };
    let there = offer.items.len().saturating_sub(1);
    let lists = choice.places.into_iter().enumerate().take(there).map(list);
    let lists = lists.collect_view();
    (there > 0).then(|| view! { <div class="model-beside">{lists}</div> }.into_any())
}

/// What there is to choose from: id, name, whether it is chosen. One that is gone stands before the others.
pub(super) fn options(
    words: &'static Models,
    offer: &Offer,
    chosen: ModelConfigId,
) -> Vec<(String, String, bool)> {
    let is_gone = !offer.items.iter().any(|one| one.id == chosen);
    let gone = is_gone.then(|| (chosen.to_string(), words.choice.gone.to_owned(), true));
    let items = named(offer, |id| id == chosen);
    gone.into_iter().chain(items).collect()
}

fn named(
    offer: &Offer,
    chosen: impl Fn(ModelConfigId) -> bool,
) -> impl Iterator<Item = (String, String, bool)> {
    let items = offer.items.iter();
    items.map(move |one| (one.id.to_string(), one.name.clone(), chosen(one.id)))
}
