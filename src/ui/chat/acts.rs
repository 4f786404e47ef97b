//! What a person may do with a message: small forms that work as they stand and, where scripts run, without leaving
//! the page. What comes of it arrives by the stream, in every tab alike.

use leptos::{
    ev, html, prelude::*, server_fn::ServerFn, task::spawn_local, web_sys::HtmlFormElement,
};
use parlance_core::domain::{MessageId, ProblemCode};

use super::send::sentence;
use crate::{
    browser::{composer as keys, form, scroll::Follower},
    i18n::{Texts, t},
    rpc::chat::{GoOn, Regenerate, Select},
    state::{page::Turn, scroll::Gesture, thread::Thread},
};

/// What all acts of a page share.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub(super) thread: Thread,
    pub(super) follower: Follower,
    /// The composer: the keyboard goes there when what it pressed is gone.
    pub(super) input: NodeRef<html::Textarea>,
    pub(super) problem: RwSignal<Option<String>>,
    /// The message whose wording is being changed.
    pub(super) editing: RwSignal<Option<MessageId>>,
    /// For the forms as they stand without scripts.
    pub(super) client_message_id: StoredValue<String>,
    /// The message before which an earlier stretch is read. That page is not kept up to date: its forms lead to the
    /// one that is.
    pub(super) past: Option<MessageId>,
    pub(super) texts: &'static Texts,
    head: Memo<Option<MessageId>>,
    busy: Memo<bool>,
    /// An act was sent off and not answered.
    asked: RwSignal<bool>,
    /// The version that was asked for, which takes the keyboard over.
    turned_to: StoredValue<Option<MessageId>>,
}

impl Acts {
    /// Call while the page is being built.
    pub(super) fn new(
        thread: Thread,
        follower: Follower,
        input: NodeRef<html::Textarea>,
        problem: RwSignal<Option<String>>,
        (editing, past, client_message_id): (Option<MessageId>, Option<MessageId>, String),
    ) -> Self {
        Self {
            thread,
            follower,
            input,
            problem,
            editing: RwSignal::new(editing),
            client_message_id: StoredValue::new(client_message_id),
            past,
            texts: t(),
            head: Memo::new(move |_| {
                thread
                    .turns
                    .with(|turns| turns.last().and_then(|turn| turn.id))
                    .filter(|_| past.is_none())
            }),
            busy: Memo::new(move |_| thread.reply.with(Option::is_some)),
            asked: RwSignal::new(false),
            turned_to: StoredValue::new(None),
        }
    }

    /// Whether the page is kept up to date.
    pub(super) fn is_live(self) -> bool {
        self.past.is_none()
    }

    /// The address of the page.
    pub(super) fn here(self) -> String {
        match self.past {
            None => format!("/chat/{}", self.thread.id),
            Some(before) => format!("/chat/{}?before={before}", self.thread.id),
        }
    }

    /// Whether nothing else may begin now. Tracked.
    pub(super) fn held(self) -> bool {
        self.busy.get() || self.asked.get()
    }

    /// Why not, if so. Tracked.
    pub(super) fn reason(self) -> Option<&'static str> {
        self.busy
            .get()
            .then(|| self.texts.problem(ProblemCode::GenerationActive))
    }

    /// Whether the message is the last of the path. Tracked.
    pub(super) fn is_head(self, id: Option<MessageId>) -> bool {
        self.head.get() == id
    }

    /// Hands the keyboard to the composer.
    pub(super) fn rest(self) {
        if let Some(input) = self.input.try_get_untracked().flatten() {
            keys::focus(&input);
        }
    }

    fn submit(self, event: &ev::SubmitEvent, turn_to: Option<MessageId>) {
        if !self.is_live() {
            return;
        }
        event.prevent_default();
        if self.asked.get_untracked() {
            return;
        }
        self.asked.set(true);
        self.problem.set(None);
        self.turned_to.set_value(turn_to);
        if turn_to.is_some() {
            // What is compared stays where it is.
            self.follower.feel(Gesture::Back);
        }
        let form = event_target::<HtmlFormElement>(event);
        spawn_local(async move {
            let outcome = form::post(form).await;
            self.asked.try_set(false);
            match outcome {
                Ok(_) if turn_to.is_none() => self.rest(),
                Ok(_) => {}
                Err(error) => {
                    self.problem.try_set(Some(sentence(self.texts, &error)));
                }
            }
        });
    }
}

/// One act: a form of one button. Functions instead of components, here and in the files beside: what each component
/// adds to the download is more than these hold.
pub(super) fn act(
    acts: Acts,
    url: &'static str,
    // The message that it is about; `None`: there is nothing to be done.
    id: Option<MessageId>,
    label: &'static str,
    // Shown in place of the label, where it leads to another version.
    sign: Option<&'static str>,
) -> impl IntoView {
    let turn_to = id.filter(|_| sign.is_some());
    view! {
        <form class="act" method="post" action=url on:submit=move |event| acts.submit(&event, turn_to)>
            <input type="hidden" name="message_id" value=id.map(|id| id.to_string())/>
            <input type="hidden" name="conversation_id" value=acts.thread.id.to_string()/>
            <button
                class="act-button"
                type="submit"
                aria-label=sign.map(|_| label)
                title=move || acts.reason()
                disabled=move || id.is_none() || acts.held()
            >
                {sign.unwrap_or(label)}
            </button>
        </form>
    }
}

/// Another reply in place of this one, or to a message that has none.
pub(super) fn again(acts: Acts, id: Option<MessageId>, label: &'static str) -> impl IntoView {
    act(acts, Regenerate::url(), id, label, None)
}

/// Lets an unfinished reply go on, as long as nothing came after it.
pub(super) fn go_on(acts: Acts, id: Option<MessageId>) -> impl IntoView {
    view! {
        <div class="go-on" hidden=move || !acts.is_head(id)>
            {act(acts, GoOn::url(), id, acts.texts.chat.go_on, None)}
        </div>
    }
}

/// `‹ 2/3 ›`: the other messages in this one's place.
pub(super) fn versions(acts: Acts, turn: &Turn) -> Option<impl IntoView + use<>> {
    let (before, own, all, after) = turn.place()?;
    let texts = &acts.texts.chat;
    let group = NodeRef::<html::Div>::new();
    if acts.turned_to.get_value() == turn.id {
        acts.turned_to.set_value(None);
        request_animation_frame(move || {
            if let Some(group) = group.try_get_untracked().flatten() {
                // Fails only for an element that is not in the page.
                let _ = group.focus();
            }
        });
    }
    let url = Select::url();
    Some(view! {
        <div class="versions" role="group" tabindex="-1" aria-label=(texts.version)(own, all) node_ref=group>
            {act(acts, url, before, texts.previous, Some("‹"))}
            <span class="versions-place" aria-hidden="true">{format!("{own}/{all}")}</span>
            {act(acts, url, after, texts.next, Some("›"))}
        </div>
    })
}
