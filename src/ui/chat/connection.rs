//! One quiet pill that says when the page is not up to date, and what to do about it if anything.

use leptos::prelude::*;
use leptos_router::location::Url;

use crate::{
    i18n::t,
    state::{connection::Notice, thread::Thread},
};

/// The pill. Its place is always in the page, so that what it says is read out.
#[component]
pub fn ConnectionPill(thread: Thread) -> impl IntoView {
    let texts = &t().chat;
    let words = move || {
        thread.notice.get().map(|notice| match notice {
            Notice::Reconnecting => texts.reconnecting,
            Notice::Offline => texts.offline,
            Notice::SignedOut => texts.signed_out,
            Notice::Gone => texts.gone,
        })
    };
    let signed_out = Memo::new(move |_| thread.notice.get() == Some(Notice::SignedOut));
    let login = format!(
        "/login?next={}",
        Url::escape(&format!("/chat/{}", thread.id))
    );
    let login = StoredValue::new(login);
    view! {
        <div class="connection" role="status" data-shown=move || words().is_some().to_string()>
            <span>{move || words().unwrap_or_default()}</span>
            <Show when=move || signed_out.get()>
                // In a tab of its own: this one keeps the text.
                <a href=login.get_value() target="_blank" rel="noopener">{texts.sign_in_again}</a>
            </Show>
        </div>
    }
}
