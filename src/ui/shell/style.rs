//! The style sheet: in the document itself for a browser that has none yet, by its address for one that has.
//!
//! A style sheet holds the first paint back. On a slow line its request costs as much as the page's own. A browser that
//! was given it finds the file in its worker, which fetches all files of the build once a page is idle; where there is
//! none, the second page fetches it, and all later ones have it in the cache and stay small.

use std::sync::Arc;

use leptos::prelude::*;

use crate::rpc::form::{cookie, keep_cookie};

/// Names the style sheet that the browser was given last.
const COOKIE: &str = "style";
/// Two weeks: a cache that has dropped the file by then costs one slow page in two weeks.
const SECONDS: u32 = 14 * 24 * 3600;

/// `address` is that of the file, `text` its content; both are empty when the site was not built.
pub fn style_sheet(address: String, text: &Arc<str>, nonce: Option<String>) -> AnyView {
    if address.is_empty() {
        return ().into_any();
    }
    if text.is_empty() || cookie(COOKIE).as_deref() == Some(&address) {
        return view! { <link rel="stylesheet" href=address/> }.into_any();
    }
    keep_cookie(COOKIE, &address, SECONDS);
    view! { <style nonce=nonce>{text.to_string()}</style> }.into_any()
}
