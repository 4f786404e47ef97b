//! What fields of these pages have in common: the label, what is wrong, what may help, and what was typed before.

use leptos::prelude::*;

use crate::{
    i18n::t,
    kit::{Look, Notice, Tone},
    rpc::form::Flash,
};

/// What stands around an input.
#[derive(Default)]
pub(crate) struct Labelled {
    /// The input's.
    pub(crate) id: String,
    pub(crate) label: &'static str,
    /// What is wrong with what was typed.
    pub(crate) error: Option<&'static str>,
    /// Empty: none.
    pub(crate) hint: String,
}

impl Labelled {
    /// For the input: the ids of what is said about it.
    pub(crate) fn described(&self) -> Option<String> {
        let said = [
            self.error.map(|_| self.about("error")),
            (!self.hint.is_empty()).then(|| self.about("hint")),
        ];
        let said: Vec<_> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// For the input: whether it is said to be wrong.
    pub(crate) fn invalid(&self) -> Option<&'static str> {
        self.error.map(|_| "true")
    }

    /// The field around its input.
    pub(crate) fn around(self, input: AnyView) -> AnyView {
        let (error_id, hint_id) = (self.about("error"), self.about("hint"));
        let error = self
            .error
            .map(|text| view! { <p class="field-error" id=error_id>{text}</p> });
        let hint = (!self.hint.is_empty())
            .then(|| view! { <p class="field-hint" id=hint_id>{self.hint}</p> });
        view! {
            <div class="field">
                <label class="field-label" for=self.id>{self.label}</label>
                {input}
                {error}
                {hint}
            </div>
        }
        .into_any()
    }

    fn about(&self, what: &str) -> String {
        format!("{}-{what}", self.id)
    }
}

/// A box to be ticked, which sends `on`.
pub(crate) fn tick(
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    ticked: bool,
) -> AnyView {
    view! {
        <div class="field">
            <label class="form-tick">
                <input type="checkbox" name=format!("sheet[{name}]") value="on" checked=ticked/>
                <span>{label}</span>
            </label>
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
        </div>
    }
    .into_any()
}

/// What is wrong with a field of a form that came back.
pub(crate) fn wrong(flash: Option<&Flash>, name: &'static str) -> Option<&'static str> {
    let code = flash?.problem.fields.get(name)?.code;
    Some(t().field(name, code))
}

/// What was typed into a form that came back, else what is stored. What was too long to travel is as it was stored.
pub(crate) fn value(flash: Option<&Flash>, name: &str, stored: Option<&str>) -> String {
    match flash {
        Some(flash) if flash.fields.contains_key(name) => flash.typed(name),
        _ => stored.unwrap_or_default().to_owned(),
    }
}

/// What is said of a form that came back.
pub(crate) struct Refusal<'a> {
    /// The fields that say themselves what is wrong with them.
    pub(crate) fields: &'a [&'a str],
    /// What else travelled with the form.
    pub(crate) rest: &'a [&'a str],
    /// Said of a field that cannot say it itself.
    pub(crate) unfit: &'static str,
    /// Said when not all that was typed has come back.
    pub(crate) too_much: &'static str,
}

impl Refusal<'_> {
    /// What went wrong where none of the fields says it, and whether something typed did not come back.
    pub(crate) fn view(&self, flash: &Flash) -> AnyView {
        let problem = &flash.problem;
        let mut fields = self.fields.iter();
        let is_told = fields.any(|name| problem.fields.contains_key(*name));
        let text = match problem.fields.is_empty() {
            true => t().problem(problem.code),
            false => self.unfit,
        };
        let mut all = self.fields.iter().chain(self.rest);
        let is_whole = all.all(|name| flash.fields.contains_key(*name));
        let notice = |text| view! { <Notice tone=Tone::Error>{text}</Notice> };
        let told = (!is_told).then(|| notice(text));
        let lost = (!is_whole).then(|| notice(self.too_much));
        view! { {told} {lost} }.into_any()
    }
}

/// The way to an end that nothing leads back from: a button that only shows what asks once more.
pub(crate) fn end(label: &'static str, inner: AnyView) -> AnyView {
    view! {
        <details class="form-end">
            <summary class=Look::Danger.class()>{label}</summary>
            {inner}
        </details>
    }
    .into_any()
}

/// Deleting one thing.
pub(crate) struct Deletion {
    pub(crate) action: &'static str,
    /// The thing's.
    pub(crate) id: String,
    pub(crate) label: &'static str,
    /// What goes with it.
    pub(crate) lead: &'static str,
    /// The button that does it.
    pub(crate) now: &'static str,
}

impl Deletion {
    pub(crate) fn view(self) -> AnyView {
        let form = view! {
            <form method="post" action=self.action>
                <input type="hidden" name="id" value=self.id/>
                <p class="profile-note">{self.lead}</p>
                <button class=Look::Danger.class() type="submit">{self.now}</button>
            </form>
        };
        end(self.label, form.into_any())
    }
}
