//! The form of a named context. The browser itself asks for what is missing or too long, before anything is sent.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{NamedContext, limits};

use crate::{
    chat::initial,
    forms_page::field::{Deletion, Labelled, Refusal, tick, value, wrong},
    i18n::contexts::Contexts,
    kit::Look,
    rpc::{
        contexts::{DELETE_FORM, DeleteContext, SAVE_FORM, SaveContext},
        form::{Flash, received},
    },
};

/// The form of a new context or of this one, and its end.
pub(super) fn view(words: &'static Contexts, context: Option<&NamedContext>) -> AnyView {
    let deleted = received(DELETE_FORM).map(|flash| refusal(words, &[]).view(&flash));
    view! {
        {deleted}
        {form(words, context)}
        {context.map(|context| end(words, context))}
    }
    .into_any()
}

fn form(words: &'static Contexts, context: Option<&NamedContext>) -> AnyView {
    let flash = received(SAVE_FORM);
    let draft = context.map(|context| &context.draft);
    let value = |name: &str, stored: Option<&str>| value(flash.as_ref(), name, stored);
    let name = value("name", draft.map(|draft| draft.name.as_str()));
    let content = value("content", draft.map(|draft| draft.content.as_str()));
    let is_default = match &flash {
        Some(flash) => !flash.typed("is_default").is_empty(),
        None => draft.is_some_and(|draft| draft.is_default),
    };
    let id = context.map(|context| {
        view! { <input type="hidden" name="id" value=context.id.to_string()/> }
    });
    let refusal = flash
        .as_ref()
        .map(|flash| refusal(words, &["name", "content"]).view(flash));
    let named = Labelled {
        id: "context-name".to_owned(),
        label: words.name,
        error: wrong(flash.as_ref(), "name"),
        hint: String::new(),
    };
    let (invalid, described) = (named.invalid(), named.described());
    let named = named.around(
        view! {
            <input
                class="field-input"
                id="context-name"
                name="sheet[name]"
                value=name
                maxlength=limits::CONTEXT_NAME_CHARS
                required
                pattern=".*\\S.*"
                autocomplete="off"
                aria-invalid=invalid
                aria-describedby=described
            />
        }
        .into_any(),
    );
    let content = Content {
        value: content,
        hint: words.content_hint,
        rows: 10,
        required: true,
    };
    view! {
        <form class="profile-form context-form" method="post" action=SaveContext::url()>
            {refusal}
            {id}
            {named}
            {content.view(words, flash.as_ref())}
            {tick("is_default", words.default, Some(words.default_hint), is_default)}
            <p><button class=Look::Primary.class() type="submit">{words.save}</button></p>
        </form>
    }
    .into_any()
}

/// The field of a context's text.
pub(super) struct Content {
    pub(super) value: String,
    pub(super) hint: &'static str,
    pub(super) rows: u8,
    pub(super) required: bool,
}

impl Content {
    pub(super) fn view(self, words: &'static Contexts, flash: Option<&Flash>) -> AnyView {
        let field = Labelled {
            id: "context-content".to_owned(),
            label: words.content,
            error: wrong(flash, "content"),
            hint: self.hint.to_owned(),
        };
        let (invalid, described) = (field.invalid(), field.described());
        let input = view! {
            <textarea
                class="field-input"
                id="context-content"
                name="sheet[content]"
                rows=self.rows
                maxlength=limits::SYSTEM_PROMPT_CHARS
                required=self.required
                dir="auto"
                aria-invalid=invalid
                aria-describedby=described
            >
                {initial(self.value)}
            </textarea>
        };
        field.around(input.into_any())
    }
}

/// What is said of one of these forms when it comes back. `fields`: those that speak for themselves.
pub(super) fn refusal<'a>(words: &Contexts, fields: &'a [&'a str]) -> Refusal<'a> {
    Refusal {
        fields,
        rest: &[],
        unfit: words.unfit,
        too_much: words.too_much,
    }
}

fn end(words: &'static Contexts, context: &NamedContext) -> AnyView {
    let deletion = Deletion {
        action: DeleteContext::url(),
        id: context.id.to_string(),
        label: words.delete,
        lead: words.delete_lead,
        now: words.delete_now,
    };
    view! {
        <section class="profile-part">
            <h2 class="profile-heading">{words.delete}</h2>
            {deletion.view()}
        </section>
    }
    .into_any()
}
