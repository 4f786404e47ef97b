//! What one conversation tells its model: its own text, which messages count, and what comes of it.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{
    ContextId, ConversationContext, ConversationId, Fate, NamedContext, Outlook, OutlookMessage,
    ProblemCode, Role,
};

use super::{
    gauge,
    sheet::{Content, refusal},
};
use crate::{
    app::query,
    forms_page::field::value,
    i18n::contexts::Contexts,
    kit::{Look, Notice, Tone},
    rpc::{
        contexts::{CONTEXTS, TELL_FORM, TellContext, context_of},
        form::received,
        problem::RpcError,
        session,
    },
};

/// Messages that the page has boxes for, the newest. Before them the rest of the path stays as it is.
const SHOWN: usize = 200;

/// What the page shows.
#[derive(Clone)]
pub(super) struct Talk {
    id: ConversationId,
    context: ConversationContext,
    rev: u64,
    outlook: Outlook,
    /// To begin anew with.
    named: Vec<NamedContext>,
}

/// Reads it.
pub(super) async fn read(id: ConversationId) -> Result<Talk, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let opened = app.contexts.open(&viewer, id).await?;
    Ok(Talk {
        id,
        context: opened.context,
        rev: opened.rev,
        outlook: opened.outlook,
        named: app.contexts.list(&viewer).await?,
    })
}

/// The page's body.
pub(super) fn view(words: &'static Contexts, talk: Talk) -> AnyView {
    let taken = query("from").and_then(|id| id.parse::<ContextId>().ok());
    let taken = talk.named.iter().find(|one| Some(one.id) == taken).cloned();
    view! {
        <p class="profile-lead">{words.talk_lead}</p>
        {gauge::view(words, &talk.outlook)}
        {pick(words, &talk, taken.as_ref())}
        {form(words, &talk, taken.as_ref())}
    }
    .into_any()
}

/// Putting the text of a named one into the form: a page of its own address, so nothing is stored by it.
fn pick(words: &'static Contexts, talk: &Talk, taken: Option<&NamedContext>) -> AnyView {
    if talk.named.is_empty() {
        return view! {
            <p class="profile-note">
                {words.pick_none} " " <a class="link" href=CONTEXTS rel="external">{words.title}</a>
            </p>
        }
        .into_any();
    }
    let options = talk.named.iter().map(|one| {
        let selected = taken.is_some_and(|taken| taken.id == one.id);
        let name = one.draft.name.clone();
        view! { <option value=one.id.to_string() selected=selected>{name}</option> }
    });
    view! {
        <form class="context-pick" method="get" action=context_of(talk.id)>
            <label class="field-label" for="context-from">{words.pick}</label>
            <select class="field-input" id="context-from" name="from">{options.collect_view()}</select>
            <button class=Look::Plain.class() type="submit">{words.pick_now}</button>
            <a class="link" href=CONTEXTS rel="external">{words.all}</a>
        </form>
    }
    .into_any()
}

fn form(words: &'static Contexts, talk: &Talk, taken: Option<&NamedContext>) -> AnyView {
    let flash = received(TELL_FORM);
    let refusal = flash.as_ref().map(|flash| match flash.problem.code {
        ProblemCode::Conflict => {
            view! { <Notice tone=Tone::Error>{words.stale}</Notice> }.into_any()
        }
        _ => refusal(words, &["content"]).view(flash),
    });
    let stored = taken.map_or(&talk.context.content, |taken| &taken.draft.content);
    let content = value(flash.as_ref(), "content", Some(stored));
    let content = Content {
        value: content,
        hint: words.talk_hint,
        rows: 8,
        required: false,
    };
    let unsaved = (taken.is_some() && flash.is_none())
        .then(|| view! { <Notice>{words.pick_unsaved}</Notice> });
    let path = &talk.outlook.path;
    let rows = &path[path.len().saturating_sub(SHOWN)..];
    let has_more = rows.len() < path.len() || talk.outlook.earlier;
    let shown: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let more = has_more.then(|| view! { <p class="profile-note">{words.earlier}</p> });
    let messages = match rows.is_empty() {
        true => view! { <p class="profile-note">{words.no_messages}</p> }.into_any(),
        false => {
            let rows = rows.iter().enumerate();
            let rows = rows.map(|(place, row)| message(words, talk, place, row));
            view! { <ul class="profile-rows context-messages" role="list">{rows.collect_view()}</ul> }
                .into_any()
        }
    };
    view! {
        <form class="context-form" method="post" action=TellContext::url()>
            {refusal}
            {unsaved}
            <input type="hidden" name="conversation" value=talk.id.to_string()/>
            <input type="hidden" name="rev" value=talk.rev.to_string()/>
            <input type="hidden" name="sheet[shown]" value=shown.join(",")/>
            {content.view(words, flash.as_ref())}
            <fieldset class="context-fieldset">
                <legend class="field-label">{words.messages}</legend>
                <p class="field-hint">{words.messages_hint}</p>
                {more}
                {messages}
            </fieldset>
            <p><button class=Look::Primary.class() type="submit">{words.save}</button></p>
        </form>
    }
    .into_any()
}

fn message(words: &'static Contexts, talk: &Talk, place: usize, row: &OutlookMessage) -> AnyView {
    let who = match row.role {
        Role::User => words.person,
        Role::Assistant | Role::System | Role::Tool => words.model,
    };
    let counts = !talk.context.excluded.contains(&row.id);
    let fate = match row.fate {
        Fate::Sent => words.fate_sent,
        Fate::LeftOut => words.fate_left_out,
        Fate::Summarised => words.fate_summarised,
        Fate::Excluded => words.fate_excluded,
        Fate::Empty => words.fate_empty,
    };
    let facts = match row.tokens {
        0 => fate.to_owned(),
        tokens => format!("{fate} · {tokens} {}", words.tokens),
    };
    let mark = row
        .reworded
        .then(|| view! { <span class="profile-mark">{words.reworded_mark}</span> });
    let href = format!("{}?edit={}", context_of(talk.id), row.id);
    // Told apart by what they are about.
    let about: String = row.excerpt.chars().take(40).collect();
    let tick = format!("{}: {who}: {about}", words.counts);
    let edit = format!("{}: {about}", words.reword);
    view! {
        <li class="profile-row" id=format!("m-{}", row.id)>
            <input
                type="checkbox"
                class="context-box"
                name=format!("sheet[counts][{place}]")
                value=row.id.to_string()
                checked=counts
                aria-label=tick
            />
            <div class="profile-row-text">
                <p class="profile-row-name">{who} {mark}</p>
                <p class="context-excerpt" dir="auto">{row.excerpt.clone()}</p>
                <p class="profile-note">{facts}</p>
            </div>
            <a class="button" href=href rel="external" aria-label=edit>{words.reword}</a>
        </li>
    }
    .into_any()
}
