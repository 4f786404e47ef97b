//! One conversation with its forms.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{Conversation, limits};

use super::page::Place;
use crate::{
    kit::{Glyph, Icon, Look},
    rpc::conversations::acts::{DeleteConversation, RenameConversation},
};

/// The form that the boxes belong to.
pub(super) const CHOSEN: &str = "chosen";

/// The row; `open` shows the field for another title at once.
pub(super) fn row(conversation: &Conversation, place: &Place, open: bool) -> AnyView {
    let (texts, words) = (&place.texts.sidebar, place.words);
    let id = conversation.id.to_string();
    let title = if conversation.title.is_empty() {
        place.texts.chat.untitled.to_owned()
    } else {
        conversation.title.clone()
    };
    let used = conversation.updated_at;
    let full = place.zone.full(used, place.locale);
    let seconds = u64::try_from((place.now.0 - used.0) / 1_000_000).unwrap_or_default();
    view! {
        <li class="history-row">
            <input type="checkbox" name="ids[]" value=id.clone() form=CHOSEN aria-label=(words.select)(&title)/>
            <a class="history-title" href=format!("/chat/{id}")><bdi>{title.clone()}</bdi></a>
            <span class="history-used">
                <span class="visually-hidden">{words.used}" "</span>
                <time datetime=used.rfc3339()>{(place.texts.turns.ago)(seconds)}</time>
                " · "
                {full}
            </span>
            <details class="history-rename" open=open>
                <summary class=format!("{} button-icon", Look::Quiet.class()) aria-label=named(texts.rename, &title)>
                    <Icon glyph=Glyph::Edit/>
                </summary>
                <form method="post" action=RenameConversation::url()>
                    <input type="hidden" name="conversation_id" value=id.clone()/>
                    <input type="hidden" name="back" value=place.back.clone()/>
                    <input
                        class="field-input"
                        name="title"
                        value=conversation.title.clone()
                        maxlength=limits::TITLE_CHARS.to_string()
                        required
                        autocomplete="off"
                        aria-label=words.title
                    />
                    <button class=Look::Plain.class() type="submit">{words.save}</button>
                </form>
            </details>
            <form class="history-delete" method="post" action=DeleteConversation::url()>
                <input type="hidden" name="conversation_id" value=id/>
                <button
                    class=format!("{} button-icon", Look::Quiet.class())
                    type="submit"
                    aria-label=named(texts.delete, &title)
                    data-tip=texts.delete
                >
                    <Icon glyph=Glyph::Trash/>
                </button>
            </form>
        </li>
    }
    .into_any()
}

/// What a button does, and to which of the many.
fn named(act: &str, title: &str) -> String {
    format!("{act}: {title}")
}
