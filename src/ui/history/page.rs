//! What the server reads for the page, and the page around the list.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::location::Url;
use parlance_core::domain::{Conversation, ConversationSort, FieldCode, Timestamp};
use parlance_server::service::conversations::Update;

use super::row::{CHOSEN, row};
use crate::{
    app::query,
    i18n::{Locale, Texts, history::History, moment::Zone, t},
    kit::{Dialog, Look, Notice, Tone},
    rpc::{
        conversations::acts::{
            DeleteAllConversations, DeleteConversations, HISTORY, RestoreConversations, ids,
        },
        form::Flash,
        problem::RpcError,
        session,
    },
};

/// The dialog that asks before everything goes.
const ALL: &str = "delete-all";

/// What the page shows.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The one that the address asks for.
    pub(super) chosen: Option<Conversation>,
    rows: Vec<Conversation>,
    next: Option<String>,
    now: Timestamp,
    query: Query,
}

/// What the address says.
#[derive(Clone, Debug, Default)]
struct Query {
    cursor: Option<String>,
    row: Option<String>,
    deleted: String,
    emptied: bool,
}

impl Query {
    fn of_request() -> Self {
        Self {
            cursor: query("cursor"),
            row: query("row"),
            deleted: query("deleted").unwrap_or_default(),
            emptied: query("emptied").is_some(),
        }
    }
}

/// What the forms need of the page that they stand in.
pub(super) struct Place {
    pub(super) texts: &'static Texts,
    pub(super) words: &'static History,
    pub(super) locale: Locale,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    /// Where a form leads back to.
    pub(super) back: String,
}

/// Reads the page that the address asks for.
pub(super) async fn read() -> Result<Found, RpcError> {
    let query = Query::of_request();
    let (app, viewer) = (session::app()?, session::viewer()?);
    let sort = ConversationSort::default();
    let page = app
        .conversations
        .list(&viewer, sort, query.cursor.as_deref(), None)
        .await?;
    let chosen = match query.row.as_deref().map(str::parse) {
        // No change at all answers what there is. One that is gone is not shown, and that is all.
        Some(Ok(id)) => app
            .conversations
            .update(&viewer, id, Update::default())
            .await
            .ok(),
        _ => None,
    };
    Ok(Found {
        chosen,
        rows: page.items,
        next: page.next_cursor,
        now: app.now(),
        query,
    })
}

/// The page, or why there is none.
pub(super) fn view(found: Option<Result<Found, RpcError>>, flash: Option<Flash>) -> AnyView {
    let texts = t();
    let found = match found {
        Some(Ok(found)) => found,
        Some(Err(error)) => return notice(Tone::Error, texts.failure(&error).to_owned()),
        None => return ().into_any(),
    };
    let place = Place {
        texts,
        words: texts.locale.history(),
        locale: texts.locale,
        zone: Zone::of_request(),
        now: found.now,
        back: match &found.query.cursor {
            Some(cursor) => format!("{HISTORY}?cursor={}", Url::escape(cursor)),
            None => HISTORY.to_owned(),
        },
    };
    let words = place.words;
    let chosen = found.chosen.as_ref().map(|chosen| {
        view! {
            <section aria-label=words.chosen>
                <ul class="history-rows" role="list">{row(chosen, &place, true)}</ul>
            </section>
        }
    });
    let rest = found
        .rows
        .iter()
        .filter(|one| Some(one.id) != found.chosen.as_ref().map(|chosen| chosen.id));
    let rows = rest.map(|one| row(one, &place, false)).collect_view();
    let list = if found.rows.is_empty() {
        view! {
            <p class="history-empty">{words.empty}</p>
            <p><a class=Look::Primary.class() href="/chat">{words.start}</a></p>
        }
        .into_any()
    } else {
        view! {
            {tools(words)}
            <ul class="history-rows" role="list" aria-label=words.list>{rows}</ul>
        }
        .into_any()
    };
    view! {
        {flash.map(|flash| notice(Tone::Error, sentence(&place, &flash)))}
        {news(&found.query, words, texts)}
        {chosen}
        <p class="history-lead">{words.lead}</p>
        {list}
        {turn(&found, words)}
        <p class="history-lead">{words.bin}</p>
    }
    .into_any()
}

fn notice(tone: Tone, text: String) -> AnyView {
    view! { <Notice tone=tone>{text}</Notice> }.into_any()
}

fn sentence(place: &Place, flash: &Flash) -> String {
    let fields = &flash.problem.fields;
    if fields.contains_key("word") {
        return place.words.wrong_word.to_owned();
    }
    let title = fields.get("title").map(|field| field.code);
    match title {
        Some(FieldCode::Required | FieldCode::TooLong | FieldCode::Malformed) => {
            let code = title.unwrap_or(FieldCode::Malformed);
            place.texts.field("title", code).to_owned()
        }
        _ => place.texts.problem(flash.problem.code).to_owned(),
    }
}

/// What has just been deleted, with the way back.
fn news(query: &Query, words: &'static History, texts: &'static Texts) -> Option<AnyView> {
    let count = ids(&query.deleted).len();
    if count == 0 {
        return query
            .emptied
            .then(|| notice(Tone::Info, words.emptied.to_owned()));
    }
    let undo = view! {
        <div class="history-news">
            <Notice>{(words.deleted)(count)}</Notice>
            <form method="post" action=RestoreConversations::url()>
                <input type="hidden" name="ids" value=query.deleted.clone()/>
                <button class=Look::Plain.class() type="submit">{texts.sidebar.undo}</button>
            </form>
        </div>
    };
    Some(undo.into_any())
}

/// What may be done with several.
fn tools(words: &'static History) -> AnyView {
    view! {
        <div class="history-tools">
            <form id=CHOSEN method="post" action=DeleteConversations::url()>
                <button class=Look::Plain.class() type="submit">{words.delete_selected}</button>
            </form>
            <button class=Look::Quiet.class() type="button" command="show-modal" commandfor=ALL>
                {words.delete_all}
            </button>
        </div>
        <Dialog id=ALL.to_owned() title=words.all_title>
            <form class="history-all" method="post" action=DeleteAllConversations::url()>
                <p>{words.all_lead}</p>
                <label class="field">
                    <span class="field-label">{words.word_label}</span>
                    <input class="field-input" name="word" required autocomplete="off" autocapitalize="off"/>
                </label>
                <p class="history-all-acts">
                    <button class=Look::Danger.class() type="submit">{words.all_confirm}</button>
                    <button class=Look::Quiet.class() type="button" command="close" commandfor=ALL>
                        {words.cancel}
                    </button>
                </p>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The way to the other pages.
fn turn(found: &Found, words: &'static History) -> AnyView {
    let older = found.next.as_ref().map(|cursor| {
        let href = format!("{HISTORY}?cursor={}", Url::escape(cursor));
        view! { <a class=Look::Plain.class() href=href rel="external next">{words.older}</a> }
    });
    let newest = found.query.cursor.is_some().then(|| {
        view! { <a class=Look::Quiet.class() href=HISTORY rel="external">{words.newest}</a> }
    });
    view! { <p class="history-turn">{newest}{older}</p> }.into_any()
}
