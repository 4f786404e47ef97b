//! Text files that are dropped on the page go into the composer, and a long paste may become a block of code. Files that
//! are no text will have their way in here too, once they can be attached.

use leptos::{html, prelude::*};
use parlance_core::domain::limits;

use crate::{
    browser::{
        composer::{focus, write},
        files::{self, Given},
    },
    i18n::t,
    kit::toast::{Toasts, use_toasts},
    state::drafts::{LONG_PASTE, fenced, joined},
    tools,
};

/// How long the offer stands, milliseconds.
const OFFER: u32 = 10_000;

/// What is seen while files hang over the page.
pub(super) fn veil(input: NodeRef<html::Textarea>) -> impl IntoView {
    let toasts = use_toasts();
    let over = RwSignal::new(false);
    tools::wire(Box::new(move |tools| {
        (tools.chat.drop)(input, over, toasts);
    }));
    view! {
        <div class="drop-veil" hidden=move || !over.get()>
            <p class="drop-words">{t().composer.drop_here}</p>
        </div>
    }
}

/// Takes what is dropped on the page and pasted into `input`; `over` says whether something hangs over the page.
pub(super) fn listen(input: NodeRef<html::Textarea>, over: RwSignal<bool>, toasts: Toasts) {
    let texts = &t().composer;
    let field = move || input.try_get_untracked().flatten();
    let give = move |given| match given {
        Given::Over(is_over) => {
            if over.try_get_untracked() == Some(!is_over) {
                over.set(is_over);
            }
        }
        Given::Text(name, text) => {
            if let Some(field) = field() {
                write(&field, &joined(&field.value(), &fenced(Some(&name), &text)));
                focus(&field);
            }
        }
        Given::NoText(name) => toasts.say((texts.no_text)(&name)),
        Given::TooLarge(name) => toasts.say((texts.too_large)(&name)),
        Given::Pasted(text) => {
            if text.len() <= LONG_PASTE || text.chars().nth(LONG_PASTE).is_none() {
                return;
            }
            let make = Callback::new(move |()| {
                if let Some(field) = field() {
                    write(
                        &field,
                        &field.value().replacen(&text, &fenced(None, &text), 1),
                    );
                    focus(&field);
                }
            });
            toasts.offer(texts.pasted.to_owned(), texts.make_block, make, OFFER);
        }
    };
    files::listen(limits::MESSAGE_BYTES as f64, give);
}
