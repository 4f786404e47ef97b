//! The conversations, last used first, live in all tabs, and the way to older ones.

use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_query_map, location::Url};
use parlance_core::domain::ConversationId;

use crate::{i18n::t, rpc::conversations::list_conversations, state::roster::Roster};

/// Without scripts "Show more" is a link with this parameter, which shows the list from there on.
const FROM: &str = "list";

/// The list.
#[component]
pub fn ConversationList() -> impl IntoView {
    let texts = &t().sidebar;
    let from = use_query_map().read_untracked().get(FROM);
    let first = Resource::new_blocking(|| (), move |()| list_conversations(from.clone()));
    view! {
        <nav class="sidebar-list" aria-label=texts.list>
            <Suspense>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) => view! { <Rows first=Roster::from(page)/> }.into_any(),
                        Err(_) => view! { <p class="sidebar-note">{texts.failed}</p> }.into_any(),
                    }
                })}
            </Suspense>
        </nav>
    }
}

#[component]
fn Rows(first: Roster) -> impl IntoView {
    let texts = &t().sidebar;
    let roster = use_context::<RwSignal<Roster>>().unwrap_or_default();
    roster.set(first);
    let next = move || roster.with(|roster| roster.next.clone());
    let more = move |event: ev::MouseEvent| {
        event.prevent_default();
        let Some(cursor) = roster.with_untracked(|roster| roster.next.clone()) else {
            return;
        };
        spawn_local(async move {
            // On failure the link stays and may be tried again.
            if let Ok(page) = list_conversations(Some(cursor)).await {
                roster.try_update(|roster| roster.append(page));
            }
        });
    };
    view! {
        <ul
            class="sidebar-rows"
            role="list"
            on:pointerenter=move |_| roster.update(|roster| roster.hold(true))
            on:pointerleave=move |_| roster.update(|roster| roster.hold(false))
        >
            <For each=move || roster.with(Roster::ids) key=|id| *id children=move |id| view! { <Row id=id roster=roster/> }/>
        </ul>
        <p class="sidebar-note" hidden=move || roster.with(|roster| !roster.rows.is_empty())>{texts.empty}</p>
        {move || next().map(|cursor| view! {
            <a class="sidebar-more" href=format!("?{FROM}={}", Url::escape(&cursor)) rel="external" on:click=more>
                {texts.more}
            </a>
        })}
    }
}

/// One conversation. The router marks the current one with `aria-current="page"`.
#[component]
fn Row(id: ConversationId, roster: RwSignal<Roster>) -> impl IntoView {
    let texts = t();
    let title = move || {
        roster.with(|roster| match roster.title(id) {
            "" => texts.chat.untitled.to_owned(),
            title => title.to_owned(),
        })
    };
    let live = Memo::new(move |_| roster.with(|roster| roster.is_running(id)));
    view! {
        <li>
            <A href=format!("/chat/{id}") attr:class="sidebar-row" attr:title=title>
                {title}
            </A>
            {move || live.get().then(|| view! {
                <span class="sidebar-live" role="img" aria-label=texts.sidebar.writing title=texts.sidebar.writing></span>
            })}
        </li>
    }
}
