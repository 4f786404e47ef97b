//! The conversations under the headings of their days, last used first, live in all tabs, and the way to older ones.

use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_router::location::Url;

use super::{
    acts::Acts,
    row::{ROW_FORM, row},
};
use crate::{
    app::query,
    browser::sidebar::{is_near_end, open_menu, row_of},
    kit::{Glyph, Icon, skeleton},
    rpc::conversations::acts::HISTORY,
    state::roster::Roster,
    tools::{self, reading},
};

/// Without scripts "Show more" is a link with this parameter, which shows the list from there on.
const FROM: &str = "list";

/// The list.
pub(super) fn list(acts: Acts) -> AnyView {
    let texts = &acts.texts.sidebar;
    let from = query(FROM);
    let first = Resource::new_blocking(|| (), move |()| reading::list(from.clone()));
    let again = move |event: ev::MouseEvent| {
        event.prevent_default();
        first.refetch();
    };
    let pages = Pages {
        acts,
        busy: RwSignal::new(false),
        failed: RwSignal::new(false),
    };
    let place = NodeRef::<html::Nav>::new();
    let scrolled = move |_| {
        if place.get_untracked().is_some_and(|list| is_near_end(&list)) {
            pages.more();
        }
    };
    view! {
        <nav class="sidebar-list" aria-label=texts.list node_ref=place on:scroll=scrolled>
            <Suspense fallback=|| skeleton(6)>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok(page) => {
                            acts.roster.set(Roster::from(page));
                            rows(pages)
                        }
                        Err(_) => view! {
                            <p class="sidebar-note">{texts.failed}</p>
                            <a class="sidebar-more" href="" rel="external" on:click=again>{texts.retry}</a>
                        }
                        .into_any(),
                    }
                })}
            </Suspense>
        </nav>
        {menu(acts)}
    }
    .into_any()
}

/// The pages that follow the first.
#[derive(Clone, Copy)]
struct Pages {
    acts: Acts,
    busy: RwSignal<bool>,
    failed: RwSignal<bool>,
}

impl Pages {
    /// Reads the next page, unless it is on its way.
    fn more(self) {
        let next = self
            .acts
            .roster
            .with_untracked(|roster| roster.next.clone());
        let (Some(cursor), false) = (next, self.busy.get_untracked()) else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let page = reading::list(Some(cursor)).await;
            self.failed.try_set(page.is_err());
            if let Ok(page) = page {
                self.acts.roster.try_update(|roster| roster.append(page));
            }
            self.busy.try_set(false);
        });
    }
}

fn rows(pages: Pages) -> AnyView {
    let Pages { acts, busy, failed } = pages;
    let (texts, roster) = (&acts.texts.sidebar, acts.roster);
    let next = Memo::new(move |_| roster.with(|roster| roster.next.clone()));
    let empty = Memo::new(move |_| roster.with(|roster| roster.rows.is_empty()));
    let hold = move |held| {
        // While a title is being changed its row stays where it is.
        if acts.editing.get_untracked().is_none() {
            roster.update(|roster| roster.hold(held));
        }
    };
    let ask = move |event: ev::MouseEvent, within: &str| {
        let Some(id) = row_of(&event, within) else {
            return;
        };
        if let Some(menu) = acts.menu.get_untracked() {
            event.prevent_default();
            acts.subject.set_value(Some(id));
            open_menu(&menu, &event);
        }
    };
    let words = move || match (busy.get(), failed.get()) {
        (true, _) => texts.loading,
        (_, true) => texts.more_failed,
        _ => texts.more,
    };
    let more = move |event: ev::MouseEvent| {
        event.prevent_default();
        pages.more();
    };
    view! {
        <ul
            class="sidebar-rows"
            role="list"
            on:pointerenter=move |_| hold(true)
            on:pointerleave=move |_| hold(false)
            on:click=move |event| ask(event, ".sidebar-act")
            on:contextmenu=move |event| ask(event, ".sidebar-row")
        >
            <For each=move || roster.with(Roster::ids) key=|id| *id children=move |id| row(id, acts)/>
        </ul>
        <p class="sidebar-note" hidden=move || !empty.get()>{texts.empty}</p>
        {move || next.get().map(|cursor| view! {
            <a class="sidebar-more" href=format!("?{FROM}={}", Url::escape(&cursor)) rel="external" on:click=more>
                {words}
            </a>
        })}
    }
    .into_any()
}

/// What may be done with a row: one menu for all of them, and the form that takes its place without scripts.
fn menu(acts: Acts) -> AnyView {
    let texts = &acts.texts.sidebar;
    let rename = move |_| {
        if let Some(id) = acts.subject.get_value() {
            tools::with(Box::new(move |_| acts.edit(Some(id))));
        }
    };
    let delete = move |_| {
        if let Some(id) = acts.subject.get_value() {
            tools::with(Box::new(move |tools| (tools.sidebar.delete)(acts, id)));
        }
    };
    let delete_open = move |_| {
        if let Some(id) = untrack(move || acts.open()) {
            tools::with(Box::new(move |tools| (tools.sidebar.delete)(acts, id)));
        }
    };
    view! {
        <form id=ROW_FORM action=HISTORY method="get" hidden></form>
        <div class="menu row-menu" id="row-menu" popover="auto" role="group" aria-label=texts.menu node_ref=acts.menu>
            <button class="menu-item" type="button" autofocus on:click=rename>
                <Icon glyph=Glyph::Edit/>
                {texts.rename}
            </button>
            <button class="menu-item menu-item-danger" type="button" on:click=delete>
                <Icon glyph=Glyph::Trash/>
                {texts.delete}
            </button>
        </div>
        // For the keyboard shortcut.
        <button type="button" hidden data-act="delete-conversation" on:click=delete_open></button>
    }
    .into_any()
}
