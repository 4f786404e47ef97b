//! Lines of these forms, and the part of parameters, which two of them have.

use leptos::prelude::*;
use parlance_core::domain::{Effort, FieldCode, limits};

use crate::{
    chat::initial,
    forms_page::field::Labelled,
    i18n::{
        Texts,
        models::{Choice, Models},
    },
    rpc::models::ParameterSheet,
};

/// What a form knows while it is written.
pub(super) struct Place<'a> {
    pub(super) texts: &'static Texts,
    pub(super) words: &'static Models,
    /// What is wrong with a field.
    pub(super) bad: &'a dyn Fn(&str) -> Option<FieldCode>,
}

/// What a line is typed into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A keyboard of digits, where there are several.
    Number,
    Key,
    Lines,
    Code,
}

/// A line, or a field of several.
pub(super) struct Line<'a> {
    /// As problems name it.
    pub(super) field: &'a str,
    /// As the form sends it.
    pub(super) name: String,
    pub(super) label: &'static str,
    pub(super) hint: String,
    pub(super) value: &'a str,
    pub(super) placeholder: &'a str,
    /// Characters.
    pub(super) most: usize,
    pub(super) shape: Shape,
    /// Id of a list of suggestions.
    pub(super) list: Option<&'static str>,
    pub(super) required: bool,
}

impl Default for Line<'_> {
    fn default() -> Self {
        Self {
            field: "",
            name: String::new(),
            label: "",
            hint: String::new(),
            value: "",
            placeholder: "",
            most: 40,
            shape: Shape::Text,
            list: None,
            required: false,
        }
    }
}

impl Place<'_> {
    /// The sentence for what is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&'static str> {
        let code = (self.bad)(field)?;
        let own = (self.words.field)(field, code);
        Some(own.unwrap_or_else(|| self.texts.field(field, code)))
    }

    /// A labelled line.
    pub(super) fn line(&self, line: Line<'_>) -> AnyView {
        let field = Labelled {
            id: format!("model-{}", line.field.replace('.', "-")),
            label: line.label,
            error: self.wrong(line.field),
            hint: line.hint,
        };
        let (id, invalid, described) = (field.id.clone(), field.invalid(), field.described());
        let placeholder = (!line.placeholder.is_empty()).then(|| line.placeholder.to_owned());
        let input = match line.shape {
            Shape::Lines | Shape::Code => view! {
                <textarea
                    class="field-input model-lines"
                    id=id
                    name=line.name
                    rows="3"
                    maxlength=line.most
                    spellcheck="false"
                    placeholder=placeholder
                    data-code=(line.shape == Shape::Code).then_some("")
                    aria-invalid=invalid
                    aria-describedby=described
                >
                    {initial(line.value.to_owned())}
                </textarea>
            }
            .into_any(),
            shape => view! {
                <input
                    class="field-input"
                    id=id
                    name=line.name
                    type=if shape == Shape::Key { "password" } else { "text" }
                    inputmode=(shape == Shape::Number).then_some("decimal")
                    value=line.value.to_owned()
                    maxlength=line.most
                    placeholder=placeholder
                    list=line.list
                    required=line.required
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=invalid
                    aria-describedby=described
                />
            }
            .into_any(),
        };
        field.around(input)
    }

    /// A labelled choice of words: value, text, whether it is chosen.
    pub(super) fn choice(
        &self,
        field: &'static str,
        name: String,
        label: &'static str,
        options: Vec<(String, String, bool)>,
    ) -> AnyView {
        let field = Labelled {
            id: format!("model-{}", field.replace('.', "-")),
            label,
            error: self.wrong(field),
            hint: String::new(),
        };
        let (id, invalid, described) = (field.id.clone(), field.invalid(), field.described());
        let input = view! {
            <select class="field-input" id=id name=name aria-invalid=invalid aria-describedby=described>
                {options_of(options)}
            </select>
        };
        field.around(input.into_any())
    }

    /// The lists of models that are asked side by side, if there are any.
    pub(super) fn together(
        &self,
        field: &str,
        words: &'static Choice,
        lists: Option<AnyView>,
    ) -> Option<AnyView> {
        const HINT: &str = "model-beside-hint";
        const ERROR: &str = "model-beside-error";
        let lists = lists?;
        let error = self.wrong(field);
        let described = error.map_or(HINT.to_owned(), |_| format!("{ERROR} {HINT}"));
        let error = error.map(|text| view! { <p class="field-error" id=ERROR>{text}</p> });
        Some(
            view! {
                <fieldset class="field model-together" aria-describedby=described>
                    <legend class="field-label">{words.beside}</legend>
                    {lists}
                    {error}
                    <p class="field-hint" id=HINT>{words.beside_hint}</p>
                </fieldset>
            }
            .into_any(),
        )
    }

    /// All parameters. `base`: what an empty line stands for, where that is known.
    pub(super) fn parameters(
        &self,
        prefix: &str,
        sheet: &ParameterSheet,
        base: Option<&ParameterSheet>,
    ) -> AnyView {
        let words = &self.words.parameters;
        let unset = match base {
            Some(_) => words.as_model,
            None => words.unset,
        };
        let nothing = ParameterSheet::default();
        let base = base.unwrap_or(&nothing);
        let number = |field, label, value, base: &str| {
            let placeholder = match base {
                "" => unset.to_owned(),
                set => format!("{unset}: {set}"),
            };
            self.parameter(
                prefix,
                (field, label, ""),
                value,
                &placeholder,
                Shape::Number,
            )
        };
        let efforts = Effort::ALL.into_iter().zip(words.efforts);
        let efforts = efforts.map(|(effort, text)| {
            let (word, chosen) = (effort.as_str(), sheet.reasoning_effort == effort.as_str());
            (word.to_owned(), text.to_owned(), chosen)
        });
        let chosen = sheet.reasoning_effort.is_empty();
        let open = std::iter::once((String::new(), unset.to_owned(), chosen));
        let effort = self.choice(
            "parameters.reasoning_effort",
            format!("{prefix}[reasoning_effort]"),
            words.effort,
            open.chain(efforts).collect(),
        );
        let stop = ("stop", words.stop, words.stop_hint);
        let extra = ("extra", words.extra, words.extra_hint);
        view! {
            <div class="model-grid">
                {number("temperature", words.temperature, &sheet.temperature, &base.temperature)}
                {number("top_p", words.top_p, &sheet.top_p, &base.top_p)}
                {number("max_tokens", words.max_tokens, &sheet.max_tokens, &base.max_tokens)}
                {number("seed", words.seed, &sheet.seed, &base.seed)}
                {number("presence_penalty", words.presence, &sheet.presence_penalty, &base.presence_penalty)}
                {number("frequency_penalty", words.frequency, &sheet.frequency_penalty, &base.frequency_penalty)}
            </div>
            {effort}
            {self.parameter(prefix, stop, &sheet.stop, &base.stop, Shape::Lines)}
            {self.parameter(prefix, extra, &sheet.extra, &base.extra, Shape::Code)}
        }
        .into_any()
    }

    fn parameter(
        &self,
        prefix: &str,
        (field, label, hint): (&str, &'static str, &str),
        value: &str,
        placeholder: &str,
        shape: Shape,
    ) -> AnyView {
        let name = format!("{prefix}[{field}]");
        let field = format!("parameters.{field}");
        self.line(Line {
            field: &field,
            name,
            label,
            hint: hint.to_owned(),
            value,
            placeholder,
            shape,
            most: match shape {
                Shape::Code => limits::PARAMETERS_BYTES,
                Shape::Lines => limits::STOPS * (limits::STOP_CHARS + 2),
                _ => 40,
            },
            ..Line::default()
        })
    }
}

/// The options of a choice: value, text, whether it is chosen.
pub(super) fn options_of(options: Vec<(String, String, bool)>) -> AnyView {
    let options = options.into_iter().map(|(value, text, chosen)| {
        view! { <option value=value selected=chosen>{text}</option> }
    });
    options.collect_view().into_any()
}
