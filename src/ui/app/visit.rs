//! Moving a person from page to page.

use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Url};

/// The value of `name` in the address's query, as it was meant: the router's own map decodes twice, which loses what
/// follows an `&` in an address within the address.
pub fn query(name: &str) -> Option<String> {
    let search = use_location().search.get_untracked();
    search
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| Url::unescape(&value.replace('+', " ")))
}

/// Leads on to `path`, a path of this site: by 303 from the server, by navigation in the browser.
#[component]
pub fn GoTo(path: String) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::rpc::form::see_other(&path);
    #[cfg(not(feature = "ssr"))]
    {
        let navigate = leptos_router::hooks::use_navigate();
        Effect::new(move |_| {
            navigate(
                &path,
                leptos_router::NavigateOptions {
                    replace: true,
                    ..Default::default()
                },
            );
        });
    }
}

/// Leads a visitor to the sign-in page, which leads back here. In the browser by a new page load: the session ended
/// while this page was open, and everything in it still believes in the person who is gone.
#[component]
pub fn ToSignIn() -> impl IntoView {
    let location = use_location();
    let mut here = location.pathname.get_untracked();
    let search = location.search.get_untracked();
    if !search.is_empty() {
        here.push('?');
        here.push_str(&search);
    }
    let address = format!("/login?next={}", Url::escape(&here));
    #[cfg(feature = "ssr")]
    crate::rpc::form::see_other(&address);
    #[cfg(not(feature = "ssr"))]
    Effect::new(move |_| {
        // Fails only for an address that cannot be read, and this one is our own.
        let _ = window().location().set_href(&address);
    });
}

/// After a change of page, when the focused element has gone with the old one, the keyboard goes on at the new heading.
pub fn restore_focus() {
    let pathname = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = pathname.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(focus_heading_if_lost);
        }
        now
    });
}

fn focus_heading_if_lost() {
    use leptos::wasm_bindgen::JsCast;

    let document = document();
    let lost = document
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY");
    let heading = document.query_selector("h1").ok().flatten();
    if let (true, Some(heading)) = (
        lost,
        heading.and_then(|h1| h1.dyn_into::<leptos::web_sys::HtmlElement>().ok()),
    ) {
        // Both calls fail only for elements that are not in the page, and then nothing is to be done.
        let _ = heading.set_attribute("tabindex", "-1");
        let _ = heading.focus();
    }
}
