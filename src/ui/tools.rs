//! Code that no page needs before somebody presses, types or scrolls: a part of the WASM of its own, fetched as soon as
//! the page has come to life.
//!
//! A tool is a plain function in a table. Handlers ask for the table by [`with`], which waits for it where it is not
//! there yet, so nothing that is pressed early is lost; components have their listeners put up by [`wire`]. On the server
//! the table is always there. Must not enter: what is alive in the first HTML, for it cannot wait.

pub mod reading;

use leptos::web_sys::Element;
use parlance_core::domain::UserId;

use crate::{auth, browser, chat, profile, sidebar};

/// All of them.
pub struct Tools {
    pub(crate) chat: chat::Tools,
    pub(crate) sidebar: sidebar::Tools,
    reading: reading::Reading,
    /// Sends a form that ends the session.
    pub(crate) submit: fn(auth::Submission),
    /// Looks for colours for the code in an element.
    pub(crate) colour: fn(&Element),
    /// What every page listens to.
    pub(crate) page: fn(Option<UserId>),
    /// The listener of the shortcuts.
    pub(crate) keyboard: fn(),
    /// The listener of the settings' forms.
    pub(crate) preferences: fn(),
    /// The listener of buttons that copy.
    pub(crate) copying: fn(),
}

static TOOLS: Tools = Tools {
    chat: chat::TOOLS,
    sidebar: sidebar::TOOLS,
    reading: reading::READING,
    submit: auth::Submission::send,
    colour: browser::code::colour,
    page,
    keyboard: browser::keyboard::listen,
    preferences: browser::preferences::save_on_change,
    copying: profile::copy_on_press,
};

fn page(user: Option<UserId>) {
    browser::menu::listen();
    browser::drafts::sweep(user);
    #[cfg(all(feature = "hydrate", target_family = "wasm"))]
    if user.is_some() {
        crate::app::ahead();
    }
}

/// What waits for the tools.
type Act = Box<dyn FnOnce(&'static Tools)>;

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub use fetched::{ready, there, when_there, wire, with};

/// The tools, if they are there.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
#[must_use]
pub fn there() -> Option<&'static Tools> {
    Some(&TOOLS)
}

/// Does it with the tools: now, or when they have come.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
pub fn with(act: Act) {
    act(&TOOLS);
}

/// The tools, when they have come.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
pub async fn ready() -> &'static Tools {
    &TOOLS
}

/// Does it with the tools under the owner that is building now; on the server not at all.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
pub fn wire(act: Act) {
    drop(act);
}

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
mod fetched {
    //! The table, once it is there.

    use std::{
        cell::{Cell, RefCell},
        time::Duration,
    };

    use leptos::{
        prelude::*,
        wasm_split::{SplitLoaderError, wasm_split},
    };

    use futures::{channel::oneshot, future::pending};

    use super::{Act, TOOLS, Tools};

    /// When what could not be fetched is asked for again.
    const AGAIN: Duration = Duration::from_secs(3);

    thread_local! {
        static HELD: Cell<Option<&'static Tools>> = const { Cell::new(None) };
        static WAITING: RefCell<Vec<Act>> = const { RefCell::new(Vec::new()) };
        static ASKED: Cell<bool> = const { Cell::new(false) };
    }

    pub fn there() -> Option<&'static Tools> {
        HELD.get()
    }

    pub fn with(act: Act) {
        if let Some(tools) = HELD.get() {
            act(tools);
        } else {
            WAITING.with_borrow_mut(|waiting| waiting.push(act));
            if !ASKED.replace(true) {
                ask();
            }
        }
    }

    pub async fn ready() -> &'static Tools {
        let (tell, told) = oneshot::channel();
        with(Box::new(move |tools| {
            tell.send(tools).ok();
        }));
        // Nobody drops what waits for the tools.
        match told.await {
            Ok(tools) => tools,
            Err(_) => pending().await,
        }
    }

    /// Who is gone by then has cleaned up, and whatever is made for them goes with their owner.
    pub fn wire(act: Act) {
        if let Some(owner) = Owner::current() {
            with(Box::new(move |tools| owner.with(|| act(tools))));
        }
    }

    /// Does it once the tools are there, for a page whose first HTML has one of them in it.
    pub fn when_there(then: impl FnOnce() + 'static) {
        with(Box::new(|_| then()));
    }

    fn ask() {
        wasm_bindgen_futures::spawn_local(async {
            if let Ok(tools) = fetch().await {
                HELD.set(Some(tools));
                for act in WAITING.take() {
                    act(tools);
                }
            } else {
                set_timeout(ask, AGAIN);
            }
        });
    }

    #[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
    fn fetch() -> Result<&'static Tools, SplitLoaderError> {
        Ok(&TOOLS)
    }
}
