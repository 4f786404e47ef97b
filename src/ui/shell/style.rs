//! The style sheet: in the document itself for a browser that has none yet, by its address for one that has.
//!
//! A style sheet holds the first paint back. On a slow line its request costs as much as the page's own. A browser that
//! was given it is sent for the file once the page is idle (`pwa/page.js`), so that the next page, which names it, finds it
//! in the cache and stays small.

use leptos::prelude::*;

use super::{Assets, Sheet};
use crate::{
    app::Section,
    rpc::{
        form::{cookie, keep_cookie},
        session,
    },
};

/// Names the style sheet that the browser was given last.
const COOKIE: &str = "style";
/// Two weeks: a cache that has dropped the file by then costs one slow page in two weeks.
const SECONDS: u32 = 14 * 24 * 3600;

/// The sheet of the page that was asked for: the whole, where the browser has it already, else as much as the page needs.
/// Nothing when the site was not built.
pub fn style_sheet(assets: &Assets, nonce: Option<String>) -> AnyView {
    let given = cookie(COOKIE).unwrap_or_default();
    let sheet = match own_sheet(assets) {
        Some(own) if given != assets.css.address => own,
        _ => &assets.css,
    };
    let address = sheet.address.clone();
    if address.is_empty() {
        return ().into_any();
    }
    if sheet.text.is_empty() || given == address {
        return view! { <link rel="stylesheet" href=address/> }.into_any();
    }
    keep_cookie(COOKIE, &address, SECONDS);
    view! { <style nonce=nonce data-file=address>{sheet.text.to_string()}</style> }.into_any()
}

/// The smaller sheet of the page, if it has one.
fn own_sheet(assets: &Assets) -> Option<&Sheet> {
    let request = use_context::<axum::http::request::Parts>()?;
    let path = request.uri.path();
    match Section::of(path, session::viewer().is_ok()) {
        Some(Section::Entrance) => Some(&assets.entrance_css),
        Some(Section::Start) => Some(&assets.chat_css),
        None => {
            // What lies below a conversation is a form about it.
            let conversation = path.strip_prefix("/chat/")?;
            (!conversation.contains('/')).then_some(&assets.chat_css)
        }
    }
}
