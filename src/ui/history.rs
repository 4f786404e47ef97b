//! `/history`: past conversations, to be renamed and deleted, one by one, several, or all.
//!
//! The server alone makes the page (`kit::still`): it is a list of forms, which need no scripts. Must not enter: what
//! the forms do (`rpc::conversations::acts`).

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    i18n::t,
    kit::{Reading, still_after},
    rpc::{conversations::acts::LIST_FORM, form::take_flash},
    sidebar::{DrawerToggle, NewLink},
};

#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod row;

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let title = t().sidebar.history;
    let flash = take_flash(LIST_FORM);
    // What is read stays on the server.
    #[cfg(feature = "ssr")]
    let found = StoredValue::new(None);
    let read = move || -> Reading {
        Box::pin(async move {
            #[cfg(feature = "ssr")]
            found.set_value(Some(page::read().await));
        })
    };
    let make = move || {
        #[cfg(feature = "ssr")]
        let page = page::view(found.get_value(), flash.clone());
        #[cfg(not(feature = "ssr"))]
        let page = {
            let _ = &flash;
            ().into_any()
        };
        page
    };
    view! {
        <Title text=title/>
        <div class="history">
            <header class="chat-header">
                <DrawerToggle/>
                <h1 class="chat-title">{title}</h1>
                <NewLink/>
            </header>
            <main id="content" class="history-body">
                {still_after(Box::new(read), Box::new(make))}
            </main>
        </div>
    }
}
