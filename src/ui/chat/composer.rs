//! Where a message is written: a plain form first, with keys, stop and errors on top.

use leptos::{ev, html, prelude::*, server_fn::ServerFn, task::spawn_local};
use parlance_core::domain::{ConversationId, GenerationId, ProblemCode};

use super::send::{note, sentence};
use crate::{
    browser::{composer as keys, render::use_renderer},
    i18n::{chat::Chat, t},
    kit::{Glyph, Icon},
    rpc::chat::{SendMessage, Stop, stop},
    state::page::ComposerSeed,
};

/// Id of the composer's form: the personas of a new conversation belong to it from outside.
pub(super) const FORM: &str = "composer";
const STOP_FORM: &str = "stop-reply";

/// The composer. The textarea is never written to while the person has text in it, and never bound to a signal: what
/// was typed before the scripts came stays.
#[component]
pub fn Composer(
    conversation: ConversationId,
    seed: ComposerSeed,
    input: NodeRef<html::Textarea>,
    problem: RwSignal<Option<String>>,
    /// The reply that runs.
    #[prop(into)]
    busy: Signal<Option<GenerationId>>,
    /// A message is on its way and this page waits for the answer: what is typed meanwhile is the next one.
    #[prop(into, optional)]
    sending: Signal<bool>,
    on_send: Callback<String>,
) -> impl IntoView {
    let texts = &t().chat;
    let wait = t().problem(ProblemCode::GenerationActive);
    let (send_url, stop_url) = (<SendMessage as ServerFn>::url(), <Stop as ServerFn>::url());
    let renderer = use_renderer();
    let submit = move || {
        // While the next page loads, this one is still seen although its signals are gone: hence the cautious reads.
        let Some(element) = input.try_get_untracked().flatten() else {
            return;
        };
        let text = element.value();
        if text.trim().is_empty() {
            return;
        }
        match busy.try_get_untracked() {
            Some(None) => {
                on_send.try_run(text);
                keys::focus(&element);
            }
            Some(Some(_)) => {
                problem.try_set(Some(wait.to_owned()));
            }
            None => {}
        }
    };
    // The advice to wait goes with its reason.
    Effect::new(move |was_busy: Option<bool>| {
        let is_busy = busy.get().is_some();
        let advised = problem.with_untracked(|said| said.as_deref() == Some(wait));
        if was_busy == Some(true) && !is_busy && advised {
            problem.set(None);
        }
        is_busy
    });
    let halt = stopper(busy, problem);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        submit();
    };
    let on_stop = move |event: ev::SubmitEvent| {
        event.prevent_default();
        halt.try_run(());
        if let Some(element) = input.try_get_untracked().flatten() {
            keys::focus(&element);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if keys::sends(&event) {
            event.prevent_default();
            submit();
        }
    };
    stop_on_escape(busy, halt);
    let problem_shown = move || problem.with(Option::is_some);
    view! {
        <div class="composer-dock">
            <p id="composer-problem" class="composer-problem" role="alert" hidden=move || !problem_shown()>
                {move || problem.get().unwrap_or_default()}
            </p>
            <form
                id=FORM
                class="composer"
                method="post"
                action=send_url
                on:submit=on_submit
            >
                <input type="hidden" name="conversation_id" value=conversation.to_string()/>
                <input type="hidden" name="client_message_id" value=seed.client_message_id/>
                <textarea
                    id="composer-text"
                    class="composer-text"
                    name="text"
                    rows="1"
                    required=true
                    aria-label=texts.composer
                    aria-describedby="composer-keys composer-problem"
                    aria-invalid=move || problem_shown().then_some("true")
                    placeholder=texts.placeholder
                    enterkeyhint="enter"
                    node_ref=input
                    on:keydown=on_key
                    on:input=|event| note(event_target_value(&event))
                    on:focus=move |_| renderer.load()
                >
                    {initial(seed.draft.unwrap_or_default())}
                </textarea>
                <div class="composer-bar">
                    <span id="composer-keys" class="composer-keys">{texts.keys}</span>
                    <Show
                        when=move || busy.get().is_some()
                        fallback=move || view! {
                            <button
                                class="composer-button composer-send"
                                type="submit"
                                aria-label=texts.send
                                title=texts.send
                                disabled=move || sending.get()
                            >
                                <Icon glyph=Glyph::Send/>
                            </button>
                        }
                    >
                        <button
                            class="composer-button composer-stop"
                            type="submit"
                            form=STOP_FORM
                            aria-label=texts.stop
                            title=texts.stop
                        >
                            <Icon glyph=Glyph::Stop/>
                        </button>
                    </Show>
                </div>
            </form>
            <Show when=move || busy.get().is_some()>
                <form
                    id=STOP_FORM
                    class="stop-form"
                    method="post"
                    action=stop_url
                    on:submit=on_stop
                >
                    <input
                        type="hidden"
                        name="generation_id"
                        value=move || busy.get().map(|id| id.to_string())
                    />
                    <input type="hidden" name="conversation_id" value=conversation.to_string()/>
                    <noscript inner_html=without_scripts(texts)></noscript>
                </form>
            </Show>
        </div>
    }
}

/// What stands in for the composer without scripts: a refresh would wipe what is being typed. A text and not
/// elements, because elements that a script puts into a `noscript` are alive: the refresh would reload the page.
fn without_scripts(texts: &Chat) -> String {
    let Chat {
        wait_without_scripts,
        stop,
        ..
    } = texts;
    format!(
        r#"<meta http-equiv="refresh" content="2"><p class="composer-wait">{wait_without_scripts}</p><button class="button button-danger" type="submit">{stop}</button>"#
    )
}

/// Stops the reply that runs, once however often it is pressed.
fn stopper(busy: Signal<Option<GenerationId>>, problem: RwSignal<Option<String>>) -> Callback<()> {
    let texts = t();
    let asked = StoredValue::new(None);
    Callback::new(move |()| {
        let Some(generation) = busy.get_untracked() else {
            return;
        };
        if asked.get_value() == Some(generation) {
            return;
        }
        asked.set_value(Some(generation));
        spawn_local(async move {
            // What was written, and that it is over, come by the stream.
            if let Err(error) = stop(generation, None).await {
                asked.try_update_value(|asked| *asked = None);
                problem.try_set(Some(sentence(texts, &error)));
            }
        });
    })
}

fn stop_on_escape(busy: Signal<Option<GenerationId>>, halt: Callback<()>) {
    Effect::new(move || {
        let listener = window_event_listener(ev::keydown, move |event| {
            let escape = event.key() == "Escape"
                && !keys::is_composing(&event)
                && !event.default_prevented();
            // An open drawer or menu closes first.
            if escape && !keys::is_layered() && busy.get_untracked().is_some() {
                event.prevent_default();
                halt.run(());
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// The textarea's first text. Leptos writes the children of a textarea into the HTML as they are, so the server has
/// to escape them; and HTML drops a line break right behind the tag, so there is one to drop.
pub(super) fn initial(text: String) -> String {
    if !cfg!(feature = "ssr") {
        return text;
    }
    let mut html = String::with_capacity(text.len() + 1);
    if text.starts_with('\n') {
        html.push('\n');
    }
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::initial;

    #[test]
    fn a_draft_cannot_leave_the_textarea() {
        assert_eq!(
            initial("\n</textarea><b>&amp;".to_owned()),
            "\n\n&lt;/textarea&gt;&lt;b&gt;&amp;amp;"
        );
    }
}
