//! The form of a model. What was typed into it comes back with it, but for the key, which is held sealed.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{
    FieldCode, ModelConfig, ModelKind, ModelQuota, ProblemCode, limits, model::PRESETS,
};

use super::lines::{Line, Place, Shape};
use crate::{
    app::query,
    forms_page::field::tick,
    i18n::{Texts, models::Models},
    kit::{Look, Notice, Tone},
    rpc::models::{
        ModelSheet, NEW_MODEL, SaveModel, TestModel,
        kept::{Kept, Told},
    },
};

/// Lists of suggestions.
const ADDRESSES: &str = "model-addresses";
const MODELS: &str = "model-names";

/// What is written, and by whom.
#[derive(Clone)]
pub(super) struct Writing {
    /// A form that came back a while ago.
    pub(super) kept: Option<Kept>,
    pub(super) config: Option<ModelConfig>,
    pub(super) quota: ModelQuota,
    /// Whether the viewer may make models for everybody.
    pub(super) is_admin: bool,
}

/// The form of a new model or of this one; or why there can be no new one.
pub(super) fn view(texts: &'static Texts, words: &'static Models, writing: Writing) -> AnyView {
    let Writing {
        kept,
        config,
        quota,
        is_admin,
    } = writing;
    if config.is_none() && !quota.can_create && !is_admin {
        return super::list::making(words, quota);
    }
    // Who comes by another way begins anew.
    let kept = kept.filter(|_| query("typed").is_some());
    let is_new = config.is_none();
    let sheet = match (&kept, &config) {
        (Some(kept), _) => kept.sheet.clone(),
        (None, Some(config)) => ModelSheet::of(config),
        (None, None) => preset(&query("preset").unwrap_or_default()),
    };
    let fields = kept.as_ref().and_then(|kept| match &kept.told {
        Told::Refused { fields, .. } => Some(fields.clone()),
        Told::Listed { .. } => None,
    });
    let fields = fields.unwrap_or_default();
    let place = Place {
        texts,
        words,
        bad: &|field| fields.get(field).copied(),
    };
    let presets = is_new.then(|| presets(words));
    let shared = (is_new && is_admin).then(|| shared(words, &sheet, quota));
    let id = config.as_ref().map(|config| {
        let seen = match sheet.seen.as_str() {
            "" => ModelSheet::of(config).seen,
            seen => seen.to_owned(),
        };
        view! {
            <input type="hidden" name="id" value=config.id.to_string()/>
            <input type="hidden" name="sheet[seen]" value=seen/>
        }
    });
    let models = match kept.as_ref().map(|kept| &kept.told) {
        Some(Told::Listed { models, .. }) => models.clone(),
        _ => Vec::new(),
    };
    let is_open = fields.keys().any(|name| name.starts_with("parameters."));
    let key = key(&place, kept.is_some(), &sheet, config.as_ref());
    view! {
        {presets}
        {kept.as_ref().map(|kept| told(texts, words, kept))}
        <form class="profile-form model-form" method="post" action=SaveModel::url()>
            {id}
            {whereabouts(&place, &sheet, models)}
            {key}
            <details class="model-more" open=is_open>
                <summary>{words.parameters.title}</summary>
                <div class="model-part">
                    <p class="profile-note">{words.parameters.lead}</p>
                    {place.parameters("sheet[parameters]", &sheet.parameters, None)}
                </div>
            </details>
            {measures(&place, &sheet)}
            {shared}
            <p class="profile-acts">
                <button class=Look::Primary.class() type="submit">{words.form.save}</button>
                <button class=Look::Plain.class() type="submit" formaction=TestModel::url() formnovalidate>
                    {words.form.test}
                </button>
            </p>
        </form>
    }
    .into_any()
}

/// The form as a provider's suggestion fills it.
fn preset(name: &str) -> ModelSheet {
    let found = PRESETS.iter().find(|preset| preset.name == name);
    found.map_or_else(ModelSheet::default, |preset| ModelSheet {
        name: preset.name.to_owned(),
        kind: preset.kind.as_str().to_owned(),
        base_url: preset.base_url.to_owned(),
        model: preset.model.to_owned(),
        ..ModelSheet::default()
    })
}

fn presets(words: &'static Models) -> AnyView {
    let links = PRESETS.iter().map(|preset| {
        let name = leptos_router::location::Url::escape(preset.name);
        let href = format!("{NEW_MODEL}?preset={name}");
        view! { <li><a class="link" href=href rel="external">{preset.name}</a></li> }
    });
    view! {
        <nav class="model-presets" aria-label=words.form.presets>
            <p class="field-label">{words.form.presets}</p>
            <ul role="list">{links.collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// What came of the form.
fn told(texts: &'static Texts, words: &'static Models, kept: &Kept) -> AnyView {
    let (tone, text) = match &kept.told {
        Told::Listed { all: 0, .. } => (Tone::Info, words.form.answers.to_owned()),
        Told::Listed { models, all } => (Tone::Info, (words.form.listed)(*all, models.len())),
        Told::Refused {
            testing,
            code,
            fields,
        } => (
            Tone::Error,
            refused(texts, words, *testing, *code, fields.len()),
        ),
    };
    let lost = kept
        .lost
        .then(|| view! { <Notice tone=Tone::Error>{words.form.too_much}</Notice> });
    view! {
        <Notice tone=tone>{text}</Notice>
        {lost}
    }
    .into_any()
}

fn refused(
    texts: &'static Texts,
    words: &'static Models,
    testing: bool,
    code: ProblemCode,
    fields: usize,
) -> String {
    let why = match code {
        // Of the key that stands in this form, and not of the server's own.
        ProblemCode::UpstreamAuth => words.form.refused_key,
        ProblemCode::Conflict => words.form.stale,
        code => texts.problem(code),
    };
    match testing && fields == 0 {
        true => [words.form.failed, texts.turns.gap, why].concat(),
        false => why.to_owned(),
    }
}

/// Name, kind, address and model.
fn whereabouts(place: &Place<'_>, sheet: &ModelSheet, models: Vec<String>) -> AnyView {
    let words = &place.words.form;
    let chosen = sheet.kind.parse().unwrap_or_default();
    let kinds = ModelKind::ALL.into_iter().map(|kind| {
        let text = (words.kinds)(kind).to_owned();
        (kind.as_str().to_owned(), text, kind == chosen)
    });
    let kinds = place.choice(
        "kind",
        "sheet[kind]".to_owned(),
        words.kind,
        kinds.collect(),
    );
    let name = Line {
        field: "name",
        name: "sheet[name]".to_owned(),
        label: words.name,
        hint: words.name_hint.to_owned(),
        value: &sheet.name,
        most: limits::MODEL_NAME_CHARS,
        required: true,
        ..Line::default()
    };
    let address = Line {
        field: "base_url",
        name: "sheet[base_url]".to_owned(),
        label: words.address,
        hint: words.address_hint.to_owned(),
        value: &sheet.base_url,
        placeholder: chosen.own_address().unwrap_or_default(),
        most: limits::MODEL_URL_CHARS,
        list: Some(ADDRESSES),
        ..Line::default()
    };
    let model = Line {
        field: "model",
        name: "sheet[model]".to_owned(),
        label: words.model,
        hint: words.model_hint.to_owned(),
        value: &sheet.model,
        most: limits::MODEL_CHARS,
        list: Some(MODELS),
        ..Line::default()
    };
    let addresses = PRESETS.iter().map(|preset| {
        view! { <option value=preset.base_url>{preset.name}</option> }
    });
    let models = models
        .into_iter()
        .map(|model| view! { <option value=model></option> });
    view! {
        {place.line(name)}
        {kinds}
        {place.line(address)}
        <datalist id=ADDRESSES>{addresses.collect_view()}</datalist>
        {place.line(model)}
        <datalist id=MODELS>{models.collect_view()}</datalist>
    }
    .into_any()
}

/// The key, which is never written here.
fn key(
    place: &Place<'_>,
    came_back: bool,
    sheet: &ModelSheet,
    config: Option<&ModelConfig>,
) -> AnyView {
    let words = &place.words.form;
    let is_held = came_back && !sheet.api_key.trim().is_empty();
    let stored = config.and_then(|config| config.key_hint.as_deref());
    // One that has to be given again is held no longer.
    let is_asked = (place.bad)("api_key") == Some(FieldCode::Required);
    let hint = match (is_held && !is_asked, stored) {
        (true, _) => words.key_held.to_owned(),
        (false, Some(end)) => (words.key_kept)(end),
        (false, None) => words.key_hint.to_owned(),
    };
    let line = Line {
        field: "api_key",
        name: "sheet[api_key]".to_owned(),
        label: words.key,
        hint,
        most: limits::MODEL_KEY_BYTES,
        shape: Shape::Key,
        ..Line::default()
    };
    let held = (is_held && !is_asked)
        .then(|| view! { <input type="hidden" name="sheet[held]" value="on"/> });
    let drop = stored.map(|_| tick("drop_key", words.key_drop, None, sheet.drop_key.is_some()));
    view! { {held} {place.line(line)} {drop} }.into_any()
}

/// Window and prices.
fn measures(place: &Place<'_>, sheet: &ModelSheet) -> AnyView {
    let words = &place.words.form;
    let line = |field, label, hint: &str, value| {
        place.line(Line {
            field,
            name: format!("sheet[{field}]"),
            label,
            hint: hint.to_owned(),
            value,
            shape: Shape::Number,
            ..Line::default()
        })
    };
    view! {
        {line("context_tokens", words.window, words.window_hint, &sheet.context_tokens)}
        <div class="model-grid">
            {line("price_in", words.price_in, "", &sheet.price_in)}
            {line("price_out", words.price_out, "", &sheet.price_out)}
        </div>
        <p class="field-hint">{words.prices_hint}</p>
    }
    .into_any()
}

/// An admin whose own ones are all there makes them for everybody alone.
fn shared(words: &'static Models, sheet: &ModelSheet, quota: ModelQuota) -> AnyView {
    let ticked = sheet.shared.is_some() || !quota.can_create;
    let form = &words.form;
    tick("shared", form.shared, Some(form.shared_hint), ticked)
}
