//! The form of a named context. The browser itself asks for what is missing or too long, before anything is sent.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{NamedContext, limits};

use crate::{
    chat::initial,
    i18n::{Texts, contexts::Contexts},
    kit::{Look, Notice, Tone},
    rpc::{
        contexts::{DELETE_FORM, DeleteContext, SAVE_FORM, SaveContext},
        form::{Flash, received},
    },
};

/// The form of a new context or of this one, and its end.
pub(super) fn view(
    texts: &'static Texts,
    words: &'static Contexts,
    context: Option<&NamedContext>,
) -> AnyView {
    let deleted = received(DELETE_FORM).map(|flash| refusal(texts, words, &flash, &[]));
    view! {
        {deleted}
        {form(texts, words, context)}
        {context.map(|context| end(words, context))}
    }
    .into_any()
}

fn form(
    texts: &'static Texts,
    words: &'static Contexts,
    context: Option<&NamedContext>,
) -> AnyView {
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
        .map(|flash| refusal(texts, words, flash, &["name", "content"]));
    let [name_error, content_error] =
        ["name", "content"].map(|name| error(texts, flash.as_ref(), name));
    let [name_bad, content_bad] =
        [&name_error, &content_error].map(|it| it.as_ref().map(|_| "true"));
    let name_described = name_bad.map(|_| "context-name-error");
    let content_described = match content_bad {
        Some(_) => "context-content-error",
        None => "context-content-hint",
    };
    view! {
        <form class="profile-form context-form" method="post" action=SaveContext::url()>
            {refusal}
            {id}
            <div class="field">
                <label class="field-label" for="context-name">{words.name}</label>
                <input
                    class="field-input"
                    id="context-name"
                    name="sheet[name]"
                    value=name
                    maxlength=limits::CONTEXT_NAME_CHARS
                    required
                    pattern=".*\\S.*"
                    autocomplete="off"
                    aria-invalid=name_bad
                    aria-describedby=name_described
                />
                {name_error}
            </div>
            <div class="field">
                <label class="field-label" for="context-content">{words.content}</label>
                <textarea
                    class="field-input"
                    id="context-content"
                    name="sheet[content]"
                    rows="10"
                    maxlength=limits::SYSTEM_PROMPT_CHARS
                    required
                    dir="auto"
                    aria-invalid=content_bad
                    aria-describedby=content_described
                >
                    {initial(content)}
                </textarea>
                {content_error}
                <p class="field-hint" id="context-content-hint">{words.content_hint}</p>
            </div>
            <div class="field">
                <label class="context-tick">
                    <input type="checkbox" name="sheet[is_default]" value="on" checked=is_default/>
                    <span>{words.default}</span>
                </label>
                <p class="field-hint">{words.default_hint}</p>
            </div>
            <p><button class=Look::Primary.class() type="submit">{words.save}</button></p>
        </form>
    }
    .into_any()
}

/// What was typed into a refused form, else what is stored. What was too long to travel back is as it was stored.
pub(super) fn value(flash: Option<&Flash>, name: &str, stored: Option<&str>) -> String {
    match flash {
        Some(flash) if flash.fields.contains_key(name) => flash.typed(name),
        _ => stored.unwrap_or_default().to_owned(),
    }
}

/// What is wrong with a field.
pub(super) fn error(
    texts: &'static Texts,
    flash: Option<&Flash>,
    name: &'static str,
) -> Option<AnyView> {
    let code = flash?.problem.fields.get(name)?.code;
    let id = format!("context-{name}-error");
    Some(view! { <p class="field-error" id=id>{texts.field(name, code)}</p> }.into_any())
}

/// What went wrong where none of `fields` says it, and whether something typed did not come back.
pub(super) fn refusal(
    texts: &'static Texts,
    words: &'static Contexts,
    flash: &Flash,
    fields: &[&str],
) -> AnyView {
    let problem = &flash.problem;
    let is_told = fields.iter().any(|name| problem.fields.contains_key(*name));
    let text = match problem.fields.is_empty() {
        true => texts.problem(problem.code),
        false => words.unfit,
    };
    let told = (!is_told).then(|| view! { <Notice tone=Tone::Error>{text}</Notice> });
    let is_whole = fields.iter().all(|name| flash.fields.contains_key(*name));
    let lost = (!is_whole).then(|| view! { <Notice tone=Tone::Error>{words.too_much}</Notice> });
    view! { {told} {lost} }.into_any()
}

fn end(words: &'static Contexts, context: &NamedContext) -> AnyView {
    view! {
        <section class="profile-part">
            <h2 class="profile-heading">{words.delete}</h2>
            <details class="context-delete">
                <summary class=Look::Danger.class()>{words.delete}</summary>
                <form method="post" action=DeleteContext::url()>
                    <input type="hidden" name="id" value=context.id.to_string()/>
                    <p class="profile-note">{words.delete_lead}</p>
                    <button class=Look::Danger.class() type="submit">{words.delete_now}</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}
