//! A page of lists and forms that the server alone makes: the frame around it, what has just been done, and why there is
//! nothing to show. Server only. Must not enter: what any one page shows.

pub(crate) mod field;

use leptos::prelude::*;

use crate::{
    app::query,
    i18n::t,
    kit::{Notice, Tone},
    rpc::problem::RpcError,
    sidebar::DrawerToggle,
};

/// The frame of such a page.
pub(crate) struct FormsPage {
    /// What the bar says: the subject that the page belongs to.
    pub(crate) subject: &'static str,
    /// What the page is called.
    pub(crate) title: &'static str,
    /// Where one came from: the address, and what leads there.
    pub(crate) up: Option<(String, &'static str)>,
    /// The pages beside it.
    pub(crate) tabs: Option<AnyView>,
}

impl FormsPage {
    /// The page. `done` has the words for what a form leads back with (`?done=`).
    pub(crate) fn view(
        self,
        done: impl FnOnce(&str) -> Option<&'static str>,
        body: AnyView,
    ) -> AnyView {
        let news = query("done").and_then(|word| done(&word));
        let news = news.map(|text| view! { <Notice>{text}</Notice> });
        let up = self.up.map(|(href, text)| {
            view! { <p><a class="link" href=href rel="external">{text}</a></p> }
        });
        // The title says it already where the page is the subject's own.
        let subject = (self.subject != self.title)
            .then(|| view! { <span class="settings-name">{self.subject}</span> });
        view! {
            <div class="settings profile">
                <header class="settings-bar">
                    <DrawerToggle/>
                    {subject}
                </header>
                {self.tabs}
                <main class="settings-main" id="content">
                    {up}
                    <h1 class="title">{self.title}</h1>
                    {news}
                    {body}
                </main>
            </div>
        }
        .into_any()
    }
}

/// What was read for the page as its body, or why there is none.
pub(crate) fn body<T>(
    found: Option<Result<T, RpcError>>,
    show: impl FnOnce(T) -> AnyView,
) -> AnyView {
    match found {
        Some(Ok(found)) => show(found),
        Some(Err(error)) => {
            let text = t().failure(&error);
            view! { <Notice tone=Tone::Error>{text}</Notice> }.into_any()
        }
        None => ().into_any(),
    }
}
