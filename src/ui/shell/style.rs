//! The style sheet: in the document itself for a browser that has none yet, by its address for one that has.
//!
//! A style sheet holds the first paint back. On a slow line its request costs as much as the page's own. A browser that
//! was given it is sent for the file once the page is idle (`pwa/page.js`), so that the next page, which names it, finds it
//! in the cache and stays small.

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
    view! { <style nonce=nonce data-file=address>{text.to_string()}</style> }.into_any()
}
