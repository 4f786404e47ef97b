//! The lesser entrances: the code of a second factor, a lost password, a confirmed address, the first administrator.
//!
//! The server alone makes these pages (`kit::still`): they are forms, which need no scripts, and few people ever come
//! this way. Must not enter: what the forms do (`rpc::{accounts, links, setup}`).

use leptos::prelude::*;
use leptos_meta::Title;

use crate::kit::{still, still_page, still_title};

#[cfg(feature = "ssr")]
mod code;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod setup;

/// One of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideDoor {
    /// `/factor`
    Code,
    /// `/register?sent=1`
    Sent,
    /// `/forgot`
    Forgot,
    /// `/reset?token=…`
    Reset,
    /// `/verify?token=…`
    Verify,
    /// `/setup?token=…`
    SetUp,
}

/// The page.
pub fn side_door(door: SideDoor) -> AnyView {
    if door == SideDoor::Verify {
        return verify();
    }
    view! {
        <Title text=still_title(move || title(door))/>
        {still(move || page(door, None))}
    }
    .into_any()
}

/// What waits for the token is looked up before the page is made.
fn verify() -> AnyView {
    #[cfg(feature = "ssr")]
    let page = still_page(title(SideDoor::Verify), links::waiting, |found| {
        page(SideDoor::Verify, found.flatten())
    });
    #[cfg(not(feature = "ssr"))]
    let page = still_page();
    page
}

#[cfg(feature = "ssr")]
fn title(door: SideDoor) -> &'static str {
    let words = crate::i18n::t().locale.entrance();
    match door {
        SideDoor::Code => words.factor_title,
        SideDoor::Sent => words.registered_title,
        SideDoor::Forgot => words.forgot_title,
        SideDoor::Reset => words.reset_title,
        SideDoor::Verify if links::is_done() => words.verified_title,
        SideDoor::Verify => words.verify_title,
        SideDoor::SetUp => words.setup_title,
    }
}

/// `waiting`: name and address of an account that waits for the token of the address.
#[cfg(feature = "ssr")]
fn page(door: SideDoor, waiting: Option<(String, String)>) -> AnyView {
    let texts = crate::i18n::t();
    match door {
        SideDoor::Code => code::view(texts),
        SideDoor::Sent => links::sent(texts),
        SideDoor::Forgot => links::forgot(texts),
        SideDoor::Reset => links::reset(texts),
        SideDoor::Verify => links::verify(texts, waiting),
        SideDoor::SetUp => setup::view(texts),
    }
}

#[cfg(not(feature = "ssr"))]
fn title(_: SideDoor) -> &'static str {
    ""
}

#[cfg(not(feature = "ssr"))]
fn page(_: SideDoor, _: Option<(String, String)>) -> AnyView {
    ().into_any()
}
