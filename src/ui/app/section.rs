//! Pages whose code is a part of its own: nobody downloads the entrance to read a conversation.
//!
//! A page that is loaded at such an address waits for its part before it comes to life; where a link inside the page
//! leads to one that is not there, the server's page is loaded instead. Must not enter: what is on the pages.

use leptos::prelude::*;

use crate::{auth, chat, home};

/// Such pages, by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// For visitors.
    Entrance,
    /// Where a conversation begins.
    Start,
}

/// One of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Landing,
    Login,
    Register,
    New,
}

impl Section {
    /// What a page at `path` needs, for a member or a visitor.
    #[must_use]
    pub fn of(path: &str, member: bool) -> Option<Self> {
        match path {
            "/login" | "/register" => Some(Self::Entrance),
            "/" if !member => Some(Self::Entrance),
            "/" | "/chat" => Some(Self::Start),
            _ => None,
        }
    }

    /// The part of the page's WASM that holds it (`manifest.json`).
    #[must_use]
    pub fn part(self) -> &'static str {
        match self {
            Self::Entrance => "entrance",
            Self::Start => "start",
        }
    }

    /// The section of this name.
    #[must_use]
    pub fn from_part(name: &str) -> Option<Self> {
        [Self::Entrance, Self::Start]
            .into_iter()
            .find(|section| section.part() == name)
    }
}

fn entrance(page: Page) -> AnyView {
    match page {
        Page::Login => view! { <auth::Login/> }.into_any(),
        Page::Register => view! { <auth::Register/> }.into_any(),
        _ => view! { <home::Landing/> }.into_any(),
    }
}

fn start(_: Page) -> AnyView {
    view! { <chat::NewConversation/> }.into_any()
}

/// The page's view.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
pub(super) fn show(page: Page) -> AnyView {
    match page {
        Page::New => start(page),
        _ => entrance(page),
    }
}

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub(super) use fetched::show;
#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub use fetched::{ahead, begin};

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
mod fetched {
    //! The sections that are there.

    use std::cell::Cell;

    use leptos::{
        prelude::*,
        wasm_split::{SplitLoaderError, wasm_split},
    };

    use super::{Page, Section};
    use crate::{app::App, i18n, tools};

    type Pages = fn(Page) -> AnyView;

    thread_local! {
        static ENTRANCE: Cell<Option<Pages>> = const { Cell::new(None) };
        static START: Cell<Option<Pages>> = const { Cell::new(None) };
    }

    pub fn show(page: Page) -> AnyView {
        let there = match page {
            Page::New => START.get(),
            _ => ENTRANCE.get(),
        };
        match there {
            Some(pages) => pages(page),
            None => {
                crate::kit::load_here();
                ().into_any()
            }
        }
    }

    /// Brings the page to life when all that is in it is there. The server's page is whole without: where a part
    /// cannot be fetched it stays as it is.
    pub fn begin() {
        let boot = document().query_selector("[data-boot]").ok().flatten();
        let part = boot.and_then(|boot| boot.get_attribute("data-boot"));
        let section = part.and_then(|part| Section::from_part(&part));
        wasm_bindgen_futures::spawn_local(async move {
            if fetch(section).await.is_ok() {
                i18n::when_there(|| {
                    if has_tools() {
                        tools::when_there(hydrate);
                    } else {
                        hydrate();
                    }
                });
            }
        });
    }

    /// The router reads the address while it begins to listen. Before that the address may have changed, heard by
    /// nobody (`shell::boot`): then what stands in the page is not what is there.
    fn hydrate() {
        if is_elsewhere() {
            // Fails only in a document that is gone.
            let _ = window().location().reload();
        } else {
            leptos::mount::hydrate_body(App);
        }
    }

    /// Whether the page was made for another address than the one that it has now. Said once for each address: a proxy
    /// that asks the server for another one than the browser asked for must not have the page loaded for ever.
    fn is_elsewhere() -> bool {
        const LOADED: &str = "elsewhere";
        let made = document().query_selector("[data-made]").ok().flatten();
        let made = made.and_then(|script| script.get_attribute("data-made"));
        let location = window().location();
        let now = [location.pathname(), location.search()].map(Result::unwrap_or_default);
        let now = now.concat();
        if made.is_none_or(|made| made == now) {
            return false;
        }
        // Where nothing can be kept the page is taken as it is.
        let Ok(Some(kept)) = window().session_storage() else {
            return false;
        };
        let is_news = kept.get_item(LOADED).ok().flatten().as_ref() != Some(&now);
        is_news && kept.set_item(LOADED, &now).is_ok()
    }

    /// Whether one of the tools is alive in the first HTML: a message was opened without scripts, or replies are compared.
    fn has_tools() -> bool {
        let search = window().location().search().unwrap_or_default();
        let opened = ["edit=", "details=", "find="];
        let compared = || {
            document()
                .query_selector(".comparison")
                .ok()
                .flatten()
                .is_some()
        };
        opened.iter().any(|name| search.contains(name)) || compared()
    }

    /// Fetches where a member goes next. What fails is no loss: the page is loaded, then.
    pub fn ahead() {
        wasm_bindgen_futures::spawn_local(async {
            let _ = fetch(Some(Section::Start)).await;
        });
    }

    async fn fetch(section: Option<Section>) -> Result<(), SplitLoaderError> {
        match section {
            Some(Section::Entrance) => ENTRANCE.set(Some(entrance().await?)),
            Some(Section::Start) => START.set(Some(start().await?)),
            None => {}
        }
        Ok(())
    }

    #[wasm_split(entrance, wasm_split_path = leptos::wasm_split, fallible)]
    fn entrance() -> Result<Pages, SplitLoaderError> {
        Ok(super::entrance)
    }

    #[wasm_split(start, wasm_split_path = leptos::wasm_split, fallible)]
    fn start() -> Result<Pages, SplitLoaderError> {
        Ok(super::start)
    }
}

#[cfg(test)]
mod tests {
    use super::Section;

    #[test]
    fn the_first_page_is_another_one_for_members() {
        assert_eq!(Section::of("/", false), Some(Section::Entrance));
        assert_eq!(Section::of("/", true), Some(Section::Start));
        assert_eq!(Section::of("/login", false), Some(Section::Entrance));
        assert_eq!(Section::of("/chat/1", true), None);
    }

    #[test]
    fn a_section_is_known_by_its_part() {
        for section in [Section::Entrance, Section::Start] {
            assert_eq!(Section::from_part(section.part()), Some(section));
        }
        assert_eq!(Section::from_part(""), None);
    }
}
