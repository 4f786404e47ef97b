//! The forms, a function each. The fields are named like attributes of the page, their values are the settings' words.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{
    Preferences,
    preferences::{Accent, Density, Language, Motion, Streaming, TextSize, Theme, Width, ZoneName},
};

use crate::{
    i18n::{
        Locale,
        moment::{AREAS, Zone},
        settings::Choices,
        t,
    },
    kit::switch,
    rpc::preferences::SavePreferences,
};

/// Language and time zone.
pub(super) fn general(preferences: &Preferences) -> AnyView {
    let texts = t().settings();
    let auto = ("auto", texts.language_auto, preferences.locale.is_none());
    let languages = Language::ALL.iter().map(|language| {
        let chosen = preferences.locale == Some(*language);
        (language.word(), name_of(*language), chosen)
    });
    let choices = std::iter::once(auto).chain(languages);
    let language = radios("locale", texts.language, texts.language_hint, choices);
    let zone = zones(preferences.time_zone.as_ref().map(ZoneName::as_str));
    form("general", view! { {language} {zone} }.into_any())
}

/// What the pages look like.
pub(super) fn appearance(preferences: &Preferences) -> AnyView {
    let texts = t().settings();
    let theme = worded(
        "theme",
        &texts.theme,
        Theme::ALL,
        preferences.theme,
        Theme::word,
    );
    let accent = accents(&texts.accent, preferences.accent);
    let size = worded(
        "size",
        &texts.text_size,
        &[
            TextSize::Small,
            TextSize::Medium,
            TextSize::Large,
            TextSize::Largest,
        ],
        preferences.text_size,
        TextSize::word,
    );
    let density = worded(
        "density",
        &texts.density,
        Density::ALL,
        preferences.density,
        Density::word,
    );
    let width = worded(
        "width",
        &texts.width,
        Width::ALL,
        preferences.width,
        Width::word,
    );
    let motion = worded(
        "motion",
        &texts.motion,
        Motion::ALL,
        preferences.motion,
        Motion::word,
    );
    let fields = view! { {theme} {accent} {size} {density} {width} {motion} };
    form("appearance", fields.into_any())
}

/// How conversations behave.
pub(super) fn chat(preferences: &Preferences) -> AnyView {
    let texts = t().settings();
    let [send, newline] = texts.enter.choices;
    let choices = [
        ("send", send, preferences.enter_sends),
        ("newline", newline, !preferences.enter_sends),
    ];
    let enter = radios(
        "enter",
        texts.enter.name,
        texts.enter.hint,
        choices.into_iter(),
    );
    let streaming = worded(
        "streaming",
        &texts.streaming,
        Streaming::ALL,
        preferences.streaming,
        Streaming::word,
    );
    let shortcuts = switch(
        "shortcuts",
        texts.shortcuts,
        Some(texts.shortcuts_hint),
        !preferences.shortcuts_off,
    );
    let fields = view! { {enter} {streaming} <div class="setting">{shortcuts}</div> };
    form("chat", fields.into_any())
}

/// A language's name in itself.
pub(super) fn name_of(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::ZhCn => "简体中文",
    }
}

/// Around the fields: where they go, and the button for those without scripts.
fn form(page: &'static str, fields: AnyView) -> AnyView {
    let texts = t().settings();
    let action = <SavePreferences as ServerFn>::url();
    view! {
        <form
            class="settings-form"
            method="post"
            action=action
            data-save-on-change=texts.saved
        >
            <input type="hidden" name="page" value=page/>
            {fields}
            <p class="settings-end">
                <button class="button button-primary settings-save">{texts.save}</button>
                <span class="settings-saved" role="status"></span>
            </p>
        </form>
    }
    .into_any()
}

/// A setting whose choices are words.
fn worded<T: Copy + PartialEq, const N: usize>(
    field: &'static str,
    texts: &'static Choices<N>,
    all: &[T],
    chosen: T,
    word: fn(T) -> &'static str,
) -> AnyView {
    let choices = all
        .iter()
        .zip(texts.choices)
        .map(|(choice, text)| (word(*choice), text, *choice == chosen));
    radios(field, texts.name, texts.hint, choices)
}

/// Radio buttons beside each other: value, words, whether it is chosen.
fn radios(
    field: &'static str,
    name: &'static str,
    hint: &'static str,
    choices: impl Iterator<Item = (&'static str, &'static str, bool)>,
) -> AnyView {
    let choices = choices
        .map(|(value, text, chosen)| {
            let lang = (field == "locale")
                .then(|| Locale::from_tag(value))
                .flatten();
            view! {
                <label class="choice" lang=lang.map(Locale::tag)>
                    <input type="radio" name=field value=value checked=chosen/>
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view();
    group(field, name, hint, choices.into_any())
}

/// The accents, each with its colour: what `data-accent` makes of the tokens below it.
fn accents(texts: &'static Choices<4>, chosen: Accent) -> AnyView {
    let choices = Accent::ALL
        .iter()
        .zip(texts.choices)
        .map(|(accent, text)| {
            view! {
                <label class="choice">
                    <input type="radio" name="accent" value=accent.word() checked=*accent == chosen/>
                    <span class="swatch" data-accent=accent.word()></span>
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view();
    group("accent", texts.name, texts.hint, choices.into_any())
}

/// All time zones. One that was chosen elsewhere and is none of these stays as it is.
fn zones(chosen: Option<&str>) -> AnyView {
    let texts = t().settings();
    let auto = (texts.zone_auto)(Zone::of_browser().as_deref());
    let mut listed = chosen.is_none();
    let mut option = |name: String, text: String| {
        let selected = chosen == Some(name.as_str());
        listed |= selected;
        view! { <option value=name selected=selected>{text}</option> }
    };
    let universal = option("UTC".to_owned(), "UTC".to_owned());
    let mut areas = Vec::new();
    for (area, words) in AREAS.into_iter().zip(texts.zone_areas) {
        let mut places = Vec::new();
        for name in Zone::names(area) {
            let place = name[area.len() + 1..].replace('_', " ");
            places.push(option(name, place.replace('/', " / ")));
        }
        areas.push(view! { <optgroup label=words>{places}</optgroup> });
    }
    let other = chosen.filter(|_| !listed).map(str::to_owned);
    let other = other
        .map(|name| view! { <option value=name.clone() selected=true>{name.clone()}</option> });
    let choices = view! {
        <select class="field-input" name="zone" aria-label=texts.zone>
            <option value="auto" selected=chosen.is_none()>{auto}</option>
            {universal}
            {other}
            {areas}
        </select>
    };
    group("zone", texts.zone, texts.zone_hint, choices.into_any())
}

fn group(field: &'static str, name: &'static str, hint: &'static str, choices: AnyView) -> AnyView {
    let id = format!("{field}-hint");
    let described_by = (!hint.is_empty()).then(|| id.clone());
    let hint = (!hint.is_empty()).then(|| view! { <p class="setting-hint" id=id>{hint}</p> });
    view! {
        <fieldset class="setting" aria-describedby=described_by>
            <legend class="setting-name">{name}</legend>
            {hint}
            <div class="choices">{choices}</div>
        </fieldset>
    }
    .into_any()
}
