//! Another wording of a message: the text in its place becomes a form. What is sent stands beside the old wording. The
//! button that opens it is one of the turn's (`acts`).

use leptos::{
    ev, html, prelude::*, server_fn::ServerFn, task::spawn_local, wasm_bindgen::JsCast,
    web_sys::HtmlElement,
};

use super::{
    acts::Acts,
    composer::initial,
    send::{Unanswered, sentence},
};
use crate::{
    browser::composer::{is_composing, sends},
    kit::Look,
    rpc::chat::{ROOT, SendMessage, send},
    sidebar::use_roster,
    state::page::Turn,
};

/// The form in the message's place.
pub(super) fn edit_form(acts: Acts, turn: Turn) -> AnyView {
    let texts = &acts.texts.chat;
    let (thread, parent) = (acts.thread, turn.parent);
    let parent_word = parent.map_or_else(|| ROOT.to_owned(), |id| id.to_string());
    let word = StoredValue::new(parent_word.clone());
    let input = NodeRef::<html::Textarea>::new();
    let problem = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let unanswered = Unanswered::new(None);
    let roster = use_roster();
    let id = turn.id;
    let close = move || {
        acts.editing.set(None);
        // Back to the button that opened it, which is there again.
        request_animation_frame(move || {
            let button = id
                .map(|id| format!("button[name=edit][value='{id}']"))
                .and_then(|selector| document().query_selector(&selector).ok().flatten())
                .and_then(|button| button.dyn_into::<HtmlElement>().ok());
            if let Some(button) = button {
                // Fails only for an element that is not in the page.
                let _ = button.focus();
            }
        });
    };
    let submit = move || {
        let Some(text) = input.get_untracked().map(|input| input.value()) else {
            return;
        };
        if text.trim().is_empty() || pending.get_untracked() {
            return;
        }
        if let Some(reason) = untrack(|| acts.reason()) {
            problem.set(Some(reason.to_owned()));
            return;
        }
        let key = super::send::key_for(unanswered, &text);
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let parent_word = Some(word.get_value());
            match send(
                text.clone(),
                thread.id,
                key.clone(),
                None,
                parent_word,
                None,
                Vec::new(),
            )
            .await
            {
                Ok(accepted) => {
                    thread.reworded(&key, &text, parent, &accepted);
                    acts.editing.try_set(None);
                    acts.rest();
                    roster.refresh();
                }
                Err(error) => {
                    if error.is_unreachable() {
                        unanswered.try_set_value(Some((text, key)));
                    }
                    problem.try_set(Some(sentence(acts.texts, &error)));
                    pending.try_set(false);
                }
            }
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !is_composing(&event) {
            event.prevent_default();
            close();
        } else if sends(&event) && acts.is_live() {
            event.prevent_default();
            submit();
        }
    };
    if cfg!(feature = "hydrate") {
        // It was asked for, so a keyboard on glass may come up too.
        request_animation_frame(move || {
            if let Some(input) = input.try_get_untracked().flatten() {
                // Fails only for an element that is not in the page.
                let _ = input.focus();
            }
        });
    }
    // The page's own composer has an id of its own: both may be sent.
    let mut client_message_id = acts.client_message_id.get_value();
    client_message_id.truncate(8);
    client_message_id.push_str(&turn.key);
    view! {
        <form
            class="edit"
            method="post"
            action=SendMessage::url()
            on:submit=move |event: ev::SubmitEvent| {
                if acts.is_live() {
                    event.prevent_default();
                    submit();
                }
            }
        >
            <input type="hidden" name="conversation_id" value=thread.id.to_string()/>
            <input type="hidden" name="client_message_id" value=client_message_id/>
            <input type="hidden" name="parent_id" value=parent_word/>
            <textarea
                class="edit-text"
                name="text"
                required=true
                aria-label=texts.edit_text
                readonly=move || pending.get()
                node_ref=input
                on:keydown=on_key
            >
                {initial(turn.content)}
            </textarea>
            <p class="composer-problem" role="alert" hidden=move || problem.with(Option::is_none)>
                {move || problem.get()}
            </p>
            <div class="edit-bar">
                <a
                    class=Look::Quiet.class()
                    href=acts.here()
                    on:click=move |event| {
                        event.prevent_default();
                        close();
                    }
                >
                    {texts.cancel}
                </a>
                <button
                    class=Look::Primary.class()
                    type="submit"
                    title=move || acts.reason()
                    disabled=move || acts.held() || pending.get()
                >
                    {texts.edit_send}
                </button>
            </div>
        </form>
    }
    .into_any()
}
