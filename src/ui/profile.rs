//! `/profile` and the pages beside it: what concerns one's own account.
//!
//! The server alone makes these pages (`kit::still`): they are forms, which need no scripts. Must not enter: what the
//! forms do (`rpc::{profile, devices, factors, keys}`).

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[cfg(feature = "ssr")]
use crate::i18n::t;
use crate::{error_page::NotFound, kit::still_page, tools};

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod agent;
mod copying;
#[cfg(feature = "ssr")]
mod data;
#[cfg(feature = "ssr")]
mod devices;
#[cfg(feature = "ssr")]
mod factor;
#[cfg(feature = "ssr")]
pub(crate) mod form;
#[cfg(feature = "ssr")]
mod keys;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
mod picture;
mod reminder;

pub use copying::copy_on_press;
pub use reminder::reminder;

/// One of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Account,
    Password,
    Devices,
    Factor,
    Keys,
    Data,
}

impl Part {
    /// The page of this last word of an address; none is the first one.
    fn from_word(word: Option<&str>) -> Option<Self> {
        match word {
            None => Some(Self::Account),
            Some("password") => Some(Self::Password),
            Some("devices") => Some(Self::Devices),
            Some("factor") => Some(Self::Factor),
            Some("keys") => Some(Self::Keys),
            Some("data") => Some(Self::Data),
            Some(_) => None,
        }
    }
}

/// The page that the address asks for.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("page"));
    let Some(part) = Part::from_word(name.as_deref()) else {
        return view! { <NotFound/> }.into_any();
    };
    tools::wire(Box::new(|tools| (tools.copying)()));
    #[cfg(feature = "ssr")]
    let page = still_page(
        page::heading(part, t().locale.profile()),
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
    use super::Part;

    #[test]
    fn every_page_has_its_word() {
        assert_eq!(Part::from_word(None), Some(Part::Account));
        assert_eq!(Part::from_word(Some("factor")), Some(Part::Factor));
        for none in ["", "account", "Factor", ".."] {
            assert_eq!(Part::from_word(Some(none)), None, "{none}");
        }
    }
}
