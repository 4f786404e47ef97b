//! What happens between pressing "Send" and the first event of the reply, where there is no conversation yet; and what
//! all ways of sending share.

use std::cell::{Cell, RefCell};

use leptos::{html, prelude::*, task::spawn_local};
use parlance_core::domain::{ConversationId, ProblemCode, lane::BESIDE};

use super::drafts::Drafting;
use crate::{
    browser::composer::{checked, mint_id, write},
    i18n::{Texts, t},
    rpc::{chat::send, conversations::open_conversation, form::Flash, problem::RpcError},
    sidebar::RosterHandle,
    state::{drafts::joined, page::OpenPage},
};

/// Where the composer keeps what is typed.
type Input = NodeRef<html::Textarea>;

/// Text and id of a message that was sent off and not answered.
pub(super) type Unanswered = StoredValue<Option<(String, String)>>;

/// What to tell the person about a failed send: about the field when the field is to blame.
pub(super) fn sentence(texts: &Texts, error: &RpcError) -> String {
    let field = error.0.fields.iter().next();
    match field {
        Some((field, problem)) if error.0.code == ProblemCode::Validation => {
            texts.field(field, problem.code).to_owned()
        }
        _ => texts.failure(error).to_owned(),
    }
}

/// The text that a failed form brought back, where the server could not keep it.
pub(super) fn typed(flash: Option<&Flash>) -> Option<String> {
    flash
        .map(|flash| flash.typed("text"))
        .filter(|text| !text.is_empty())
}

/// The id that a text goes out under. The same text has the same id again: the answer may have been lost, not the
/// message.
pub(super) fn key_for(unanswered: Unanswered, text: &str) -> String {
    unanswered
        .try_update_value(Option::take)
        .flatten()
        .filter(|(sent, _)| sent == text)
        .map_or_else(mint_id, |(_, key)| key)
}

/// What a page needs to send the first message and to go to the conversation that it makes. Until then the message
/// stands in `sending`, and what is typed meanwhile goes along.
#[derive(Clone, Copy)]
pub(super) struct First {
    pub(super) conversation: ConversationId,
    pub(super) input: Input,
    pub(super) sending: RwSignal<Option<String>>,
    pub(super) problem: RwSignal<Option<String>>,
    pub(super) drafting: Drafting,
    pub(super) roster: RosterHandle,
    /// Goes to a path of this site.
    pub(super) go: Callback<String>,
    /// What was sent last, and its id: the same text goes out under the same id again, for the answer may have been
    /// lost and not the message.
    pub(super) last: StoredValue<(String, String)>,
}

/// Sends `text` as the first message.
pub(super) fn first(page: First, text: String) {
    let First {
        input,
        sending,
        problem,
        ..
    } = page;
    // The page may be gone by the time that the tools are there.
    if sending.try_with_untracked(Option::is_none) != Some(true) {
        return;
    }
    // First: from here on the draft is left alone, and comes back if the page is loaded anew before the answer.
    sending.set(Some(text.clone()));
    let typed = input.get_untracked().map(|input| input.value());
    if typed.as_deref() == Some(text.as_str()) {
        clear(input);
    }
    problem.set(None);
    page.last.update_value(|(sent, id)| {
        if !sent.is_empty() && *sent != text {
            *id = mint_id();
        }
        sent.clone_from(&text);
    });
    let (_, key) = page.last.get_value();
    let persona = checked("persona").unwrap_or_default();
    let model = checked("model").and_then(|id| id.parse().ok());
    let beside = (0..BESIDE).filter_map(|at| checked(&format!("beside[{at}]")));
    let beside = beside.filter(|id| !id.is_empty()).collect();
    spawn_local(async move {
        let id = page.conversation;
        let outcome = send(text.clone(), id, key, Some(persona), None, model, beside).await;
        match outcome {
            Ok(accepted) => {
                // Who has left this page meanwhile stays where they are.
                if sending.try_get_untracked().is_none() {
                    return;
                }
                page.drafting.forget();
                page.roster.refresh();
                let id = accepted.conversation_id;
                // Read before it is gone to: this page can be typed on until the other one is there.
                FETCHED.set(open_conversation(id, None, None).await.ok());
                if sending.try_get_untracked().is_none() {
                    return;
                }
                TAKEN_ALONG.set(Some(id));
                page.go.run(format!("/chat/{id}"));
            }
            Err(error) => {
                sending.try_set(None);
                put_back(input, &text);
                problem.try_set(Some(sentence(t(), &error)));
            }
        }
    });
}

thread_local! {
    /// The conversation to which the page that made it leads: what stands in the composer goes along.
    static TAKEN_ALONG: Cell<Option<ConversationId>> = const { Cell::new(None) };
    /// Its page.
    static FETCHED: RefCell<Option<OpenPage>> = const { RefCell::new(None) };
    /// What stands in the composer. The old page is typed on until the new one is there, and its signals are gone by
    /// then.
    static TYPED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes what stands in the composer.
pub(super) fn note(text: String) {
    TYPED.set(text);
}

/// The page of the conversation that was just made; once.
pub(super) fn fetched(conversation: ConversationId) -> Option<OpenPage> {
    FETCHED
        .take()
        .filter(|page| page.conversation.id == conversation)
}

/// What was typed on the page that made this conversation, after its first message was sent; `None` when that page was
/// not the one before. Call it while the new page is being built, however often.
pub(super) fn typed_meanwhile(conversation: ConversationId) -> Option<String> {
    if TAKEN_ALONG.get() != Some(conversation) {
        take_nothing_along();
        return None;
    }
    Some(TYPED.with_borrow(String::clone))
}

/// The conversation is left: what is typed from now on belongs elsewhere.
pub(super) fn take_nothing_along() {
    TAKEN_ALONG.set(None);
}

/// Empties the composer.
pub(super) fn clear(input: Input) {
    if let Some(input) = input.get_untracked() {
        write(&input, "");
    }
}

/// In front of whatever was typed since.
pub(super) fn put_back(input: Input, text: &str) {
    if let Some(input) = input.try_get_untracked().flatten() {
        write(&input, &joined(text, &input.value()));
    }
}
