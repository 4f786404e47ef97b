//! Looking for words in a conversation that stands in the page only in part: the way there, and what the server's page
//! shows of it. The address says what is looked for (`?find=`), so all of it works as it stands; where scripts run, the
//! bar (`bar`) answers without leaving the page.

use leptos::{ev, prelude::*};
use leptos_router::location::Url;
use parlance_core::domain::MessageId;

use super::{acts::Acts, window::anchor};
use crate::{
    kit::{Glyph, Icon, unscripted},
    state::find::{Finds, Hit},
    tools,
};

pub(super) mod bar;

/// The search of one page.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// Whether the bar is shown.
    pub(super) open: RwSignal<bool>,
    /// What it begins with.
    begun: StoredValue<Finds>,
}

impl Search {
    /// As the address asks for it, if it does.
    pub(super) fn new(finds: Option<Finds>) -> Self {
        Self {
            open: RwSignal::new(finds.is_some()),
            begun: StoredValue::new(finds.unwrap_or_default()),
        }
    }
}

/// The way to the bar.
pub(super) fn find_link(acts: Acts) -> impl IntoView {
    let label = acts.texts.find.label;
    let press = move |event: ev::MouseEvent| {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            tools::with(Box::new(move |_| acts.search.open.set(true)));
        }
    };
    view! {
        <a
            class="button button-quiet button-icon"
            href=format!("/chat/{}?find=", acts.thread.id)
            on:click=press
            aria-label=label
            data-tip=label
        >
            <Icon glyph=Glyph::Search/>
        </a>
    }
}

/// Every hit with the way to it.
fn list(acts: Acts, finds: &Finds) -> AnyView {
    let found = finds.clone();
    unscripted(move || {
        let current = found.current().map(|hit| hit.id);
        let row = |hit: &Hit| {
            let [before, text, after] = hit.snippet.clone();
            let href = address(acts, &found.text, hit.id);
            let here = (current == Some(hit.id)).then_some("true");
            view! { <li><a href=href aria-current=here>{before}<mark>{text}</mark>{after}</a></li> }
        };
        let rows = found.hits().iter().map(row).collect_view();
        view! { <ol class="find-hits">{rows}</ol> }.into_any()
    })
}

/// The page with the search that looks at this message.
fn address(acts: Acts, text: &str, id: MessageId) -> String {
    let (conversation, text) = (acts.thread.id, Url::escape(text));
    format!("/chat/{conversation}?m={id}&find={text}#{}", anchor(id))
}
