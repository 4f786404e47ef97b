//! `/roles`: who replies. Choosing a persona to begin with, and making, changing, taking along and deleting one's own.
//!
//! The server alone makes these pages (`kit::still`): they are lists and forms, which need no scripts. Must not enter: what
//! the forms do (`rpc::roles`).

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use parlance_core::domain::PersonaId;

#[cfg(feature = "ssr")]
use crate::i18n::t;
use crate::{error_page::NotFound, kit::still_page};

#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod sheet;

/// One of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    List,
    New,
    Change(PersonaId),
}

impl Part {
    /// The page of this last word of an address; none is the list.
    fn from_word(word: Option<&str>) -> Option<Self> {
        match word {
            None => Some(Self::List),
            Some("new") => Some(Self::New),
            Some(id) => id.parse().ok().map(Self::Change),
        }
    }
}

/// The page that the address asks for.
#[component]
pub fn RolesPage() -> impl IntoView {
    let word = use_params_map().with_untracked(|params| params.get("id"));
    let Some(part) = Part::from_word(word.as_deref()) else {
        return view! { <NotFound/> }.into_any();
    };
    #[cfg(feature = "ssr")]
    let page = still_page(
        page::heading(part, t().locale.roles()),
        move || page::read(part),
        move |found| page::view(part, found),
    );
    #[cfg(not(feature = "ssr"))]
    let page = {
        let _ = part;
        still_page()
    };
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_word() {
        let id = PersonaId("01941f29-7c00-7000-8000-000000000001".parse().unwrap());
        assert_eq!(Part::from_word(None), Some(Part::List));
        assert_eq!(Part::from_word(Some("new")), Some(Part::New));
        assert_eq!(
            Part::from_word(Some(&id.to_string())),
            Some(Part::Change(id))
        );
        for none in ["", "New", "1", ".."] {
            assert_eq!(Part::from_word(Some(none)), None, "{none}");
        }
    }
}
