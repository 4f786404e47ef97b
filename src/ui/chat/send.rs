//! What happens between pressing "Send" and the first event of the reply.

use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use parlance_core::domain::ProblemCode;

use crate::{
    browser::composer::{checked, mint_id},
    i18n::{Texts, t},
    rpc::{chat::send, form::Flash, problem::RpcError},
    sidebar::{RosterHandle, use_roster},
    state::{page::StartPage, thread::Thread},
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

/// Sends in an open conversation: the message appears at once, and its text comes back if it was not taken.
pub(super) fn to_conversation(
    thread: Thread,
    roster: RosterHandle,
    input: Input,
    problem: RwSignal<Option<String>>,
    unanswered: Unanswered,
    text: String,
) {
    let texts = t();
    // The same text goes out under the same id again: the answer may have been lost, not the message.
    let key = unanswered
        .try_update_value(Option::take)
        .flatten()
        .filter(|(sent, _)| *sent == text)
        .map_or_else(mint_id, |(_, key)| key);
    problem.set(None);
    thread.sending(&key, &text);
    clear(input);
    spawn_local(async move {
        match send(text, thread.id, key.clone(), None).await {
            Ok(accepted) => {
                thread.accepted(&key, &accepted);
                roster.refresh();
            }
            Err(error) => {
                // None: the stream showed meanwhile that it did arrive; only the answer got lost.
                if let Some(text) = thread.refused(&key) {
                    if error.is_unreachable() {
                        unanswered.try_set_value(Some((text.clone(), key)));
                    }
                    put_back(input, &text);
                    problem.try_set(Some(sentence(texts, &error)));
                }
            }
        }
    });
}

/// Sends the first message and goes to the conversation that it made. Until then the text stays where it is.
pub(super) fn to_new_conversation(
    start: &StartPage,
    sending: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
) -> impl Fn(String) + Send + Sync + 'static {
    let (texts, navigate, roster) = (t(), use_navigate(), use_roster());
    let conversation = start.conversation_id;
    // The same text goes out under the same id again: the answer may have been lost, not the message.
    let last = StoredValue::new((String::new(), start.composer.client_message_id.clone()));
    move |text| {
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        problem.set(None);
        last.update_value(|(sent, id)| {
            if !sent.is_empty() && *sent != text {
                *id = mint_id();
            }
            sent.clone_from(&text);
        });
        let (_, key) = last.get_value();
        let persona = checked("persona").unwrap_or_default();
        let navigate = navigate.clone();
        spawn_local(async move {
            let outcome = send(text, conversation, key, Some(persona)).await;
            if sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(accepted) => {
                    roster.refresh();
                    navigate(
                        &format!("/chat/{}", accepted.conversation_id),
                        NavigateOptions::default(),
                    );
                }
                Err(error) => problem.set(Some(sentence(texts, &error))),
            }
        });
    }
}

fn clear(input: Input) {
    if let Some(input) = input.get_untracked() {
        input.set_value("");
    }
}

/// In front of whatever was typed since.
fn put_back(input: Input, text: &str) {
    let Some(input) = input.try_get_untracked().flatten() else {
        return;
    };
    let typed = input.value();
    input.set_value(&if typed.trim().is_empty() {
        text.to_owned()
    } else {
        format!("{text}\n\n{typed}")
    });
}
