//! The pages and their addresses.

#[cfg(feature = "ssr")]
use std::sync::OnceLock;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_axum::AxumRouteListing;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    auth::{SideDoor, side_door},
    chat, contexts,
    error_page::NotFound,
    history, i18n,
    kit::toast::{ToastRegion, provide_toasts},
    models, profile, roles,
    rpc::session::{current_user, provide_current_user},
    settings::SettingsPage,
    shortcuts::Shortcuts,
    sidebar, tools,
};

mod section;
mod visit;

use section::Page;
pub use section::Section;
#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub use section::{ahead, begin};
use visit::restore_focus;
pub use visit::{GoTo, ToSignIn, query};

/// The product in a browser, and in the server's first HTML.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let texts = i18n::provide_locale().texts();
    provide_current_user();
    provide_toasts();
    let user = current_user().map(|user| user.id);
    // In the browser only, once it has taken over: what is pressed from now on is not lost.
    Effect::new(|_| mark("data-alive"));
    // Once everything answers: tests and styles may wait for the mark.
    tools::wire(Box::new(move |tools| {
        (tools.page)(user);
        mark("data-hydrated");
    }));

    let name = texts.site.name;
    let title = move |page: String| {
        if page.is_empty() {
            name.to_owned()
        } else {
            title_text(&format!("{page} · {name}"))
        }
    };
    view! {
        <Title formatter=title text=""/>
        <Router>
            // `external` keeps the router's hands off: only the browser itself moves the focus along.
            <a class="skip-link" href="#content" rel="external">{texts.site.skip_to_content}</a>
            <Pages/>
        </Router>
        <ToastRegion/>
        {user.map(|_| view! { <Shortcuts/> })}
    }
}

/// Sets an attribute of the document.
fn mark(name: &str) {
    if let Some(html) = document().document_element() {
        // Setting a well-formed attribute cannot fail.
        let _ = html.set_attribute(name, "");
    }
}

/// The window's title. The server writes it into the HTML as it is (leptos_meta escapes nothing), and a person's words
/// are in it; the browser sets it as text.
fn title_text(text: &str) -> String {
    if !cfg!(feature = "ssr") {
        return text.to_owned();
    }
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The server renders every page in order and whole, so that status, redirects and title are settled before the first byte.
#[component]
fn Pages() -> impl IntoView {
    restore_focus();
    view! {
        <Routes fallback=|| view! { <NotFound/> }.into_any()>
            <Route path=path!("/login") view=|| section::show(Page::Login) ssr=SsrMode::InOrder/>
            <Route path=path!("/register") view=|| section::show(Page::Register) ssr=SsrMode::InOrder/>
            <Route path=path!("/factor") view=|| side_door(SideDoor::Code) ssr=SsrMode::InOrder/>
            <Route path=path!("/forgot") view=|| side_door(SideDoor::Forgot) ssr=SsrMode::InOrder/>
            <Route path=path!("/reset") view=|| side_door(SideDoor::Reset) ssr=SsrMode::InOrder/>
            <Route path=path!("/verify") view=|| side_door(SideDoor::Verify) ssr=SsrMode::InOrder/>
            <Route path=path!("/setup") view=|| side_door(SideDoor::SetUp) ssr=SsrMode::InOrder/>
            <Route path=path!("/kit") view=gallery ssr=SsrMode::InOrder/>
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::InOrder>
                <Route path=path!("/") view=first_page ssr=SsrMode::InOrder/>
                <Route
                    path=path!("/chat")
                    view=members_only(|| section::show(Page::New))
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/chat/:id")
                    view=members_only(|| view! { <chat::ConversationPage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/settings/:page")
                    view=members_only(|| view! { <SettingsPage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/profile")
                    view=members_only(|| view! { <profile::ProfilePage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/profile/:page")
                    view=members_only(|| view! { <profile::ProfilePage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/roles")
                    view=members_only(|| view! { <roles::RolesPage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/roles/:id")
                    view=members_only(|| view! { <roles::RolesPage/> }.into_any())
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/contexts")
                    view=members_only(contexts::contexts_page)
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/contexts/:id")
                    view=members_only(contexts::contexts_page)
                    ssr=SsrMode::InOrder
                />
                <Route
                    path=path!("/chat/:id/context")
                    view=members_only(contexts::contexts_page)
                    ssr=SsrMode::InOrder
                />
                <Route path=path!("/models") view=members_only(models::page) ssr=SsrMode::InOrder/>
                <Route path=path!("/models/:id") view=members_only(models::page) ssr=SsrMode::InOrder/>
                <Route path=path!("/chat/:id/model") view=members_only(models::page) ssr=SsrMode::InOrder/>
                <Route
                    path=path!("/history")
                    view=members_only(|| view! { <history::History/> }.into_any())
                    ssr=SsrMode::InOrder
                />
            </ParentRoute>
        </Routes>
    }
}

/// The pages' addresses, as patterns of axum.
///
/// They are gathered once in a process. Meanwhile no resource loads, in no thread: a page that was being rendered then
/// would wait for ever. Whoever renders asks for them first; this also sets the runtime of all that is reactive.
#[cfg(feature = "ssr")]
pub fn paths() -> impl Iterator<Item = &'static str> {
    static LISTED: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let listed = LISTED.get_or_init(|| leptos_axum::generate_route_list(App));
    listed.iter().map(AxumRouteListing::path)
}

/// `/`: for visitors what this is and how to start, for members a new conversation.
fn first_page() -> AnyView {
    let member = current_user().is_some();
    section::show(if member { Page::New } else { Page::Landing })
}

/// Every part of the kit in every state, for those who build it.
#[cfg(debug_assertions)]
fn gallery() -> AnyView {
    view! { <crate::kit::Gallery/> }.into_any()
}

#[cfg(not(debug_assertions))]
fn gallery() -> AnyView {
    view! { <NotFound/> }.into_any()
}

/// The sidebar around the pages of a signed-in person; for visitors the bare page.
#[component]
fn Frame() -> impl IntoView {
    if current_user().is_some() {
        view! { <sidebar::ChatLayout/> }.into_any()
    } else {
        view! { <Outlet/> }.into_any()
    }
}

/// `page` for a signed-in person; visitors are sent to sign in and come back afterwards.
fn members_only(page: fn() -> AnyView) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    move || {
        if current_user().is_some() {
            page()
        } else {
            view! { <ToSignIn/> }.into_any()
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests;
