//! Who is using the page: known to the server from the session, handed to the browser with the first HTML.

use leptos::prelude::*;
use parlance_core::domain::User;

/// The signed-in person, shared by all components.
#[derive(Clone, Copy)]
struct CurrentUser(RwSignal<Option<User>>);

/// Makes the person known to all components below. The browser takes what the server wrote into the page.
pub fn provide_current_user() {
    let user = SharedValue::new(user_of_request).into_inner();
    provide_context(CurrentUser(RwSignal::new(user)));
}

/// The signed-in person; `None` for a visitor. Signing in or out loads a new page, so it holds as long as the page does.
#[must_use]
pub fn current_user() -> Option<User> {
    use_context::<CurrentUser>().and_then(|CurrentUser(user)| user.get_untracked())
}

#[cfg(not(feature = "ssr"))]
fn user_of_request() -> Option<User> {
    None
}

#[cfg(feature = "ssr")]
pub use server::{CLEAR_SITE_DATA, SessionCookie, app, client, viewer};

#[cfg(feature = "ssr")]
pub(super) use server::{forget, keep};

#[cfg(feature = "ssr")]
use server::user_of_request;

#[cfg(feature = "ssr")]
mod server;
