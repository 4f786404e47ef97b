//! Where a message is written: a plain form first, with keys, drafts and errors on top.

use leptos::{ev, html, prelude::*, server_fn::ServerFn};
use parlance_core::domain::{ConversationId, limits};

use super::{
    drafts::Drafting,
    drop::veil,
    outbox::{Deed, Outbox},
    queue::waiting,
    send::note,
};
use crate::{
    browser::{composer as keys, render::use_renderer},
    i18n::{chat::Chat, t},
    kit::{Glyph, Icon},
    rpc::chat::{SendMessage, Stop},
    state::page::ComposerSeed,
};

/// Id of the composer's form: the personas of a new conversation belong to it from outside.
pub(super) const FORM: &str = "composer";
const STOP_FORM: &str = "stop-reply";

/// Larger texts are measured for the person to see, bytes: four fifths of what may be sent.
const NEAR: usize = limits::MESSAGE_BYTES / 5 * 4;

/// The composer. The textarea is never bound to a signal, and never written to but for what the person asked for: what
/// was typed before the scripts came stays.
#[component]
pub fn Composer(
    conversation: ConversationId,
    seed: ComposerSeed,
    input: NodeRef<html::Textarea>,
    problem: RwSignal<Option<String>>,
    drafting: Drafting,
    /// The way out of a conversation that exists already.
    #[prop(optional_no_strip)]
    outbox: Option<Outbox>,
    /// A message is on its way and this page waits for the answer: what is typed meanwhile is the next one.
    #[prop(into, optional)]
    sending: Signal<bool>,
    on_send: Callback<String>,
) -> impl IntoView {
    let texts = t();
    let (own, chat) = (&texts.composer, &texts.chat);
    let send_url = <SendMessage as ServerFn>::url();
    let renderer = use_renderer();
    let size = RwSignal::new(0);
    let submit = move || {
        // While the next page loads, this one is still seen although its signals are gone: hence the cautious reads.
        let Some(element) = input.try_get_untracked().flatten() else {
            return;
        };
        let text = element.value();
        if !text.trim().is_empty() {
            on_send.try_run(text);
            keys::focus(&element);
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        submit();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if keys::sends(&event) {
            event.prevent_default();
            submit();
        }
    };
    let on_input = move |event: ev::Event| {
        let text = event_target_value(&event);
        let kib = if text.len() > NEAR {
            text.len().div_ceil(1024)
        } else {
            0
        };
        if size.try_get_untracked() != Some(kib) {
            size.try_set(kib);
        }
        drafting.typed(&text);
        note(text);
    };
    drafting.start(input, outbox.and_then(Outbox::said));
    let problem_shown = move || problem.with(Option::is_some);
    let busy = move || outbox.is_some_and(|outbox| outbox.busy.get().is_some());
    view! {
        <div class="composer-dock">
            {veil(input)}
            {outbox.map(waiting)}
            <p id="composer-problem" class="composer-problem" role="alert" hidden=move || !problem_shown()>
                {move || problem.get().unwrap_or_default()}
            </p>
            <form
                id=FORM
                class="composer"
                aria-label=texts.chat.composer
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
                    aria-label=chat.composer
                    aria-describedby="composer-keys composer-problem"
                    aria-invalid=move || problem_shown().then_some("true")
                    placeholder=chat.placeholder
                    enterkeyhint="enter"
                    node_ref=input
                    on:keydown=on_key
                    on:input=on_input
                    on:focus=move |_| renderer.load()
                >
                    {initial(seed.draft.unwrap_or_default())}
                </textarea>
                <div class="composer-bar">
                    <span id="composer-keys" class="composer-keys">
                        <span class="keys-sends">{own.enter_sends}</span>
                        <span class="keys-breaks">{own.enter_breaks}</span>
                    </span>
                    <span
                        class="composer-size"
                        data-over=move || (size.get() * 1024 > limits::MESSAGE_BYTES).to_string()
                        hidden=move || size.get() == 0
                    >
                        {move || (own.size)(size.get())}
                    </span>
                    {outbox.map(|_| view! {
                        <button
                            class="composer-button composer-stop"
                            type="submit"
                            form=STOP_FORM
                            aria-label=chat.stop
                            data-tip=chat.stop
                            hidden=move || !busy()
                        >
                            <Icon glyph=Glyph::Stop/>
                        </button>
                    })}
                    <button
                        class="composer-button composer-send"
                        type="submit"
                        aria-label=move || if busy() { own.send_later } else { chat.send }
                        data-tip=move || if busy() { own.send_later } else { chat.send }
                        disabled=move || sending.get()
                    >
                        <Icon glyph=Glyph::Send/>
                    </button>
                </div>
            </form>
            {outbox.map(|outbox| stop_form(outbox, input))}
        </div>
    }
}

/// The form behind the stop button, as long as there is something to stop.
fn stop_form(outbox: Outbox, input: NodeRef<html::Textarea>) -> impl IntoView {
    let on_stop = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // The reply that runs now: before the tools are there, another one may follow it.
        if let Some(generation) = outbox.busy.get_untracked() {
            outbox.tell(Deed::Halt(generation));
        }
        if let Some(element) = input.try_get_untracked().flatten() {
            keys::focus(&element);
        }
    };
    let stop_url = <Stop as ServerFn>::url();
    move || {
        let generation = outbox.busy.get()?;
        Some(view! {
            <form
                id=STOP_FORM
                class="stop-form"
                method="post"
                action=stop_url
                on:submit=on_stop
            >
                <input type="hidden" name="generation_id" value=generation.to_string()/>
                <input type="hidden" name="conversation_id" value=outbox.thread.id.to_string()/>
                <noscript inner_html=without_scripts(&t().chat)></noscript>
            </form>
        })
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

/// The textarea's first text. Leptos writes the children of a textarea into the HTML as they are, so the server has
/// to escape them; and HTML drops a line break right behind the tag, so there is one to drop.
pub(crate) fn initial(text: String) -> String {
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
