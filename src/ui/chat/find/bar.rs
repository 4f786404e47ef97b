//! The bar of the search. The browser's own sees no more than the page does; pressing its keys once more brings it all
//! the same. Without scripts the field and the buttons ask for the page anew.

use std::time::Duration;

use leptos::{ev, html, leptos_dom::helpers::WindowListenerHandle, prelude::*, task::spawn_local};

use super::{
    super::window::{Pager, anchor},
    list,
};
use crate::{
    browser::{composer::is_composing, find as browser},
    kit::{Glyph, Icon},
    rpc::find::find_in_conversation,
    state::find::Finds,
};

/// Between the last letter and the question.
const REST: Duration = Duration::from_millis(250);
/// Where what was found stands: below the bar. CSS pixels.
const BELOW: f64 = 120.0;

/// Opens the search when its keys are pressed and there is more than the page shows.
pub(in crate::chat) fn listen(pager: Pager) {
    let (thread, open) = (pager.acts.thread, pager.acts.search.open);
    let keys: WindowListenerHandle = window_event_listener(ev::keydown, move |event| {
        let partly = thread.earlier.get_untracked() || thread.later.get_untracked();
        let asked = browser::is_asked_for(&event) && pager.acts.is_live();
        if asked && partly && !open.get_untracked() {
            event.prevent_default();
            open.set(true);
        }
    });
    on_cleanup(move || keys.remove());
}

/// The bar.
pub(in crate::chat) fn bar(pager: Pager) -> AnyView {
    let (acts, texts) = (pager.acts, &pager.acts.texts.find);
    let input = NodeRef::<html::Input>::new();
    let begun = acts.search.begun;
    // What the address asked for is looked for once.
    let begun = begun.try_update_value(std::mem::take).unwrap_or_default();
    let (asked, hits) = (begun.text.clone(), list(acts, &begun));
    let finds = RwSignal::new(begun);
    let show = move || {
        finds.with_untracked(|finds| {
            if let Some(hit) = finds.current() {
                let (id, text) = (anchor(hit.id), finds.text.clone());
                pager.go(
                    hit.id,
                    Some(BELOW),
                    Box::new(move || browser::highlight(&id, &text)),
                );
            } else {
                browser::highlight("", "");
            }
        });
    };
    let typed = move || {
        input
            .get_untracked()
            .map(|input| input.value().trim().to_owned())
    };
    let look = move || {
        let Some(text) = typed() else { return };
        if finds.with_untracked(|finds| finds.text == text) {
            return;
        }
        spawn_local(async move {
            let found = match text.is_empty() {
                true => Ok(Vec::new()),
                false => find_in_conversation(acts.thread.id, text.clone()).await,
            };
            // What was typed since has an answer of its own.
            if typed().as_ref() != Some(&text) {
                return;
            }
            finds.try_set(Finds::new(text, found.unwrap_or_default()));
            show();
        });
    };
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let wait = move || {
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(look, REST).ok());
    };
    let turn = move |back: bool| {
        let known = finds.with_untracked(|finds| typed().as_ref() == Some(&finds.text));
        if known {
            finds.update(|finds| finds.turn(back));
            show();
        } else {
            look();
        }
    };
    let close = move || {
        browser::highlight("", "");
        acts.search.open.set(false);
        acts.rest();
    };
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        _ if is_composing(&event) => {}
        "Enter" => {
            event.prevent_default();
            turn(event.shift_key());
        }
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            close();
        }
        _ => {}
    };
    Effect::new(move || {
        if let Some(input) = input.get() {
            // Fails only for an element that is not in the page.
            let _ = input.focus();
            if finds.with_untracked(|finds| finds.current().is_some()) {
                show();
            }
        }
    });
    let place = move || {
        finds.with(|finds| match finds.place() {
            None => String::new(),
            Some((_, 0)) => texts.none.to_owned(),
            Some((at, count)) => (texts.place)(at, count),
        })
    };
    let snippet = move || {
        let [before, found, after] =
            finds.with(|finds| finds.current().map(|hit| hit.snippet.clone()))?;
        Some(view! { <p class="find-snippet">{before}<mark>{found}</mark>{after}</p> })
    };
    let neighbour = move |back| {
        move || {
            finds.with(|finds| {
                let hit = finds.neighbour(back);
                hit.map(|hit| hit.id.to_string()).unwrap_or_default()
            })
        }
    };
    let here = format!("/chat/{}", acts.thread.id);
    let leave = move |event: ev::MouseEvent| {
        event.prevent_default();
        close();
    };
    view! {
        <search class="find" aria-label=texts.label>
            <form
                class="find-ask"
                method="get"
                action=here.clone()
                on:submit=move |event: ev::SubmitEvent| event.prevent_default()
            >
                <input
                    class="find-text"
                    type="search"
                    name="find"
                    value=asked
                    autocomplete="off"
                    maxlength="200"
                    aria-label=texts.field
                    placeholder=texts.field
                    node_ref=input
                    on:input=move |_| wait()
                    on:keydown=on_key
                />
            </form>
            <span class="find-place" role="status">{place}</span>
            // Not a part of the other form, where Enter would press the first of its buttons.
            <form class="find-turn" method="get" action=here.clone()>
                <input type="hidden" name="find" value=move || finds.with(|finds| finds.text.clone())/>
                {button(texts.previous, Glyph::ChevronLeft, neighbour(true), move || turn(true))}
                {button(texts.next, Glyph::ChevronRight, neighbour(false), move || turn(false))}
            </form>
            <a class="find-button" href=here aria-label=texts.close title=texts.close on:click=leave>
                <Icon glyph=Glyph::Close/>
            </a>
            {snippet}
            {hits}
        </search>
    }
    .into_any()
}

/// A button that leads to the hit `id`.
fn button(
    label: &'static str,
    glyph: Glyph,
    id: impl Fn() -> String + Send + Sync + 'static,
    press: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        press();
    };
    view! {
        <button class="find-button" name="m" value=id aria-label=label title=label on:click=on_click>
            <Icon glyph=glyph/>
        </button>
    }
}
