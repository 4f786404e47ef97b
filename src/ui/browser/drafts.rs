//! Texts that are not sent yet: in the tab's own storage at once, on the server soon after.
//!
//! `sessionStorage` and not IndexedDB: it belongs to the tab (no other one overwrites what is typed here), survives a
//! reload and the browser's crash, answers at once also while the page goes away, and costs the download next to
//! nothing. What outlives the tab is the server's copy. Where storage is forbidden or full, that one is all there is.

use parlance_core::domain::{ConversationId, UserId};

/// All keys begin with this; then follow the person and the place.
const MARK: &str = "parlance:";

/// The key for `what` of this person.
#[must_use]
pub fn place(user: Option<UserId>, conversation: Option<ConversationId>, what: &str) -> String {
    let user = user.map(|id| id.to_string()).unwrap_or_default();
    let conversation = conversation.map(|id| id.to_string()).unwrap_or_default();
    [MARK, &user, ":", &conversation, ":", what].concat()
}

/// What the tab keeps there.
#[must_use]
pub fn kept(place: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    let kept = tab::storage()?.get_item(place).ok().flatten();
    #[cfg(not(feature = "hydrate"))]
    let kept = {
        let _ = place;
        None
    };
    kept
}

/// Keeps `text` there; nothing is kept of an empty one.
pub fn keep(place: &str, text: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(storage) = tab::storage() {
        // Fails when the tab's share is used up: the server's copy remains.
        let _ = if text.is_empty() {
            storage.remove_item(place)
        } else {
            storage.set_item(place, text)
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (place, text);
}

/// Forgets what belongs to anybody but this person: whoever signs out leaves nothing behind.
pub fn sweep(user: Option<UserId>) {
    #[cfg(feature = "hydrate")]
    if let Some(storage) = tab::storage() {
        let own = user.map(|id| [MARK, &id.to_string(), ":"].concat());
        let is_own = |key: &str| own.as_ref().is_some_and(|own| key.starts_with(own));
        let mut at = 0;
        while let Ok(Some(key)) = storage.key(at) {
            if key.starts_with(MARK) && !is_own(&key) && storage.remove_item(&key).is_ok() {
                continue;
            }
            at += 1;
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = user;
}

/// Sends `text` to `url` as the draft of the conversation. A beacon, which leaves also when the page goes away; the
/// browser takes them up to 64 KiB, larger ones go as any request does.
pub fn send(url: &'static str, conversation: Option<ConversationId>, text: &str) {
    #[cfg(feature = "hydrate")]
    {
        use web_sys::UrlSearchParams;

        let Ok(form) = UrlSearchParams::new() else {
            return;
        };
        form.append("text", text);
        if let Some(id) = conversation {
            form.append("conversation_id", &id.to_string());
        }
        let left = leptos::prelude::window()
            .navigator()
            .send_beacon_with_opt_url_search_params(url, Some(&form));
        if left == Ok(true) {
            return;
        }
        if let Ok(request) = gloo_net::http::Request::post(url).body(form) {
            leptos::task::spawn_local(async move {
                // The tab has its own copy, and the next change tries again.
                let _ = request.send().await;
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, conversation, text);
}

#[cfg(feature = "hydrate")]
mod tab {
    /// `None` where it is forbidden.
    pub(super) fn storage() -> Option<web_sys::Storage> {
        leptos::prelude::window().session_storage().ok().flatten()
    }
}
