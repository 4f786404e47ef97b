//! All models that the viewer may choose. Links leave the page by the browser itself: the server has the next one whole.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{Catalogue, ModelConfig, ModelQuota};

use crate::{
    forms_page::field::end,
    i18n::{Texts, models::Models, numbers::grouped},
    kit::{Look, Notice, Tone},
    rpc::{
        form::received,
        models::{DELETE_FORM, DeleteModels, MODELS, NEW_MODEL},
    },
};

/// Id of the form that the boxes in the rows belong to.
const CHOSEN: &str = "models-chosen";

/// What there is, how many more there may be, and a way to delete several.
pub(super) fn view(texts: &'static Texts, words: &'static Models, found: Catalogue) -> AnyView {
    let Catalogue { items, quota } = found;
    let is_editable = items.iter().any(|one| one.editable);
    let failure = received(DELETE_FORM).map(|flash| {
        let text = texts.problem(flash.problem.code);
        view! { <Notice tone=Tone::Error>{text}</Notice> }
    });
    let empty = (quota.own == 0).then(|| view! { <p class="profile-note">{words.empty}</p> });
    let rows = items
        .into_iter()
        .map(|one| row(words, one, is_editable))
        .collect_view();
    view! {
        {failure}
        <p class="profile-lead">{words.lead}</p>
        {making(words, quota)}
        <ul class="profile-rows" role="list" aria-label=words.title>{rows}</ul>
        {empty}
        {is_editable.then(|| deleting(words))}
    }
    .into_any()
}

/// The way to a new one, or why there is none.
pub(super) fn making(words: &'static Models, quota: ModelQuota) -> AnyView {
    let told = (words.quota)(quota.own, quota.limit);
    if let (false, Some(limit)) = (quota.can_create, quota.limit) {
        let full = (words.full)(limit);
        return view! { <Notice tone=Tone::Warning>{full}</Notice> }.into_any();
    }
    view! {
        <p class="model-making">
            <a class=Look::Primary.class() href=NEW_MODEL rel="external">{words.new}</a>
            <span class="profile-note">{told}</span>
        </p>
    }
    .into_any()
}

/// `among`: some of the rows can be ticked, and the others keep that place free.
fn row(words: &'static Models, one: ModelConfig, among: bool) -> AnyView {
    let mark = match (one.is_installation(), one.shared) {
        (true, _) => words.servers,
        (false, true) => words.everybodys,
        (false, false) => words.yours,
    };
    let price =
        |price: Option<f64>| price.map_or_else(|| "–".to_owned(), |price| price.to_string());
    let prices = one.prices.price_in.or(one.prices.price_out).map(|_| {
        let (read, written) = (price(one.prices.price_in), price(one.prices.price_out));
        (words.prices)(&read, &written)
    });
    let window = one.context_tokens.map(|tokens| {
        let tokens = grouped(tokens);
        (words.window)(&tokens)
    });
    let key = one.key_hint.as_deref().map(words.key);
    let model = Some(one.model.clone()).filter(|model| !model.is_empty() && *model != one.name);
    let told = [
        Some((words.form.kinds)(one.kind).to_owned()),
        model,
        one.base_url.clone(),
        key,
        window,
        prices,
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    let begin = format!("/chat?model={}", one.id);
    let begin_label = format!("{}: {}", words.begin, one.name);
    let change = one.editable.then(|| {
        let href = format!("{MODELS}/{}", one.id);
        let label = format!("{}: {}", words.edit, one.name);
        view! { <a class="button" href=href rel="external" aria-label=label>{words.edit}</a> }
    });
    let tick = among.then(|| {
        if !one.editable {
            return view! { <span class="model-tick"></span> }.into_any();
        }
        let (id, label) = (one.id.to_string(), (words.select)(&one.name));
        view! {
            <label class="model-tick">
                <input type="checkbox" name="ids[]" value=id form=CHOSEN aria-label=label/>
            </label>
        }
        .into_any()
    });
    view! {
        <li class="profile-row">
            {tick}
            <div class="profile-row-text">
                <p class="profile-row-name">
                    <bdi>{one.name}</bdi>
                    <span class="profile-mark">{mark}</span>
                </p>
                <p class="profile-note" dir="auto">{told.join(" · ")}</p>
            </div>
            <a class="button" href=begin rel="external" aria-label=begin_label>{words.begin}</a>
            {change}
        </li>
    }
    .into_any()
}

fn deleting(words: &'static Models) -> AnyView {
    let sure = view! {
        <div>
            <p class="profile-note">{words.delete_lead}</p>
            <button class=Look::Danger.class() type="submit">{words.delete_now}</button>
        </div>
    };
    view! {
        <form id=CHOSEN method="post" action=DeleteModels::url()>
            {end(words.delete, sure.into_any())}
        </form>
    }
    .into_any()
}
