//! What a person may do with a message: the buttons of one small form, which work as they stand and, where scripts run,
//! without leaving the page. What comes of it arrives by the stream, in every tab alike.
//!
//! One listener for all turns: each button says by `data-act` what it is for, by `formaction`, `name` and `value` what
//! it asks the server.

use leptos::{
    ev, html,
    prelude::*,
    server_fn::ServerFn,
    task::spawn_local,
    web_sys::{HtmlElement, HtmlFormElement},
};
use parlance_core::domain::{GenerationId, MessageId, Part, ProblemCode};

use super::{find::Search, send::sentence, window::turned};
use crate::{
    browser::{composer as keys, form, scroll::Follower},
    i18n::{Texts, t},
    kit::{Glyph, Icon},
    rpc::chat::{GoOn, Regenerate, Select},
    state::{
        find::Finds,
        page::{OpenReply, Turn},
        scroll::Gesture,
        thread::Thread,
    },
    tools,
};

/// Class of the forms that [`Acts::press`] listens to.
const FORM: &str = "acts";

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
    /// The message whose particulars are shown.
    pub(super) detailed: RwSignal<Option<MessageId>>,
    /// When the page was made, milliseconds since the Unix epoch.
    pub(super) made_at: i64,
    /// For the forms as they stand without scripts.
    pub(super) client_message_id: StoredValue<String>,
    /// The replies that were being written when the page was made, already rendered.
    pub(super) open: StoredValue<Vec<OpenReply>>,
    /// The message before which an earlier stretch is read. That page is not kept up to date: its forms lead to the
    /// one that is.
    pub(super) past: Option<MessageId>,
    pub(super) search: Search,
    pub(super) texts: &'static Texts,
    head: Memo<Option<MessageId>>,
    busy: Memo<bool>,
    /// An act was sent off and not answered.
    asked: RwSignal<bool>,
    /// The version that was asked for, which takes the keyboard over.
    turned_to: StoredValue<Option<MessageId>>,
}

/// What a page that has just been opened says about its acts.
pub(super) struct Opening {
    pub(super) editing: Option<MessageId>,
    pub(super) detailed: Option<MessageId>,
    pub(super) past: Option<MessageId>,
    pub(super) finds: Option<Finds>,
    pub(super) client_message_id: String,
    pub(super) open: Vec<OpenReply>,
    pub(super) made_at: i64,
}

impl Acts {
    /// Call while the page is being built.
    pub(super) fn new(
        thread: Thread,
        follower: Follower,
        input: NodeRef<html::Textarea>,
        problem: RwSignal<Option<String>>,
        opening: Opening,
    ) -> Self {
        let past = opening.past;
        Self {
            thread,
            follower,
            input,
            problem,
            editing: RwSignal::new(opening.editing),
            detailed: RwSignal::new(opening.detailed),
            made_at: opening.made_at,
            client_message_id: StoredValue::new(opening.client_message_id),
            open: StoredValue::new(opening.open),
            past,
            search: Search::new(opening.finds),
            texts: t(),
            head: Memo::new(move |_| {
                thread
                    .turns
                    .with(|turns| turns.last().and_then(|turn| turn.id))
                    .filter(|_| past.is_none() && !thread.later.get())
            }),
            busy: Memo::new(move |_| thread.running().is_some()),
            asked: RwSignal::new(false),
            turned_to: StoredValue::new(None),
        }
    }

    /// An act was sent off and not answered. Tracked.
    pub(super) fn waits(self) -> bool {
        self.asked.get()
    }

    /// What is rendered already of a reply that is being written: the HTML, and the text that it stands for. The text of
    /// one that begins later starts from nothing.
    pub(super) fn rendered(self, generation: GenerationId) -> Option<(String, String)> {
        self.open.with_value(|open| {
            let mut open = open.iter();
            let reply = open.find(|reply| reply.generation_id == generation)?;
            Some((reply.html.clone()?, reply.part(Part::Text).to_owned()))
        })
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

    /// A form somewhere in the page was sent off by one of its buttons.
    pub(super) fn press(self, event: &ev::SubmitEvent) {
        let form = event_target::<HtmlFormElement>(event);
        let Some(button) = event.submitter().filter(|_| form.class_name() == FORM) else {
            return;
        };
        let about = button
            .get_attribute("value")
            .and_then(|id| id.parse::<MessageId>().ok());
        let act = button.get_attribute("data-act").unwrap_or_default();
        match (act.as_str(), about) {
            ("edit", Some(id)) => {
                event.prevent_default();
                tools::with(Box::new(move |_| {
                    // The form stays in view, whatever it does to the height of the thread.
                    self.follower.feel(Gesture::Back);
                    self.editing.try_set(Some(id));
                }));
            }
            ("details", Some(id)) => {
                event.prevent_default();
                tools::with(Box::new(move |_| self.detail(id)));
            }
            _ if self.is_live() => {
                event.prevent_default();
                let turn_to = about.filter(|_| act == "version");
                tools::with(Box::new(move |tools| {
                    (tools.chat.ask)(self, form, button, turn_to);
                }));
            }
            _ => {}
        }
    }

    /// Shows the particulars of a message, or no longer.
    fn detail(self, id: MessageId) {
        let Some(shown) = self.detailed.try_get_untracked() else {
            return;
        };
        // At the end they push themselves into view; elsewhere they open below what is read.
        if !untrack(|| self.is_head(Some(id))) {
            self.follower.feel(Gesture::Back);
        }
        self.detailed.set(Some(id).filter(|_| shown != Some(id)));
    }

    /// Asks the server as the form's button says; then shows the message `turn_to`, if there is one.
    pub(super) fn ask(
        self,
        form: HtmlFormElement,
        button: HtmlElement,
        turn_to: Option<MessageId>,
    ) {
        if self.asked.try_get_untracked() != Some(false) {
            return;
        }
        self.asked.set(true);
        self.problem.set(None);
        self.turned_to.set_value(turn_to);
        if turn_to.is_some() {
            // What is compared stays where it is.
            self.follower.feel(Gesture::Back);
        }
        spawn_local(async move {
            let outcome = form::press(form, button).await;
            self.asked.try_set(false);
            match outcome {
                Ok(_) => match turn_to {
                    None => self.rest(),
                    Some(to) => turned(self, to),
                },
                Err(error) => {
                    self.problem.try_set(Some(sentence(self.texts, &error)));
                }
            }
        });
    }
}

/// The form around the buttons of one turn. Functions instead of components, here and in the files beside: what each
/// component adds to the download is more than these hold.
pub(super) fn toolbar(acts: Acts, buttons: impl IntoView) -> impl IntoView {
    view! {
        <form class=FORM method="post" action=Regenerate::url()>
            <input type="hidden" name="conversation_id" value=acts.thread.id.to_string()/>
            {acts.past.map(|before| view! { <input type="hidden" name="before" value=before.to_string()/> })}
            {buttons}
        </form>
    }
}

/// Buttons that have to wait while a reply is being written.
pub(super) fn held(acts: Acts, buttons: impl IntoView) -> impl IntoView {
    view! {
        <fieldset class="acts-held" disabled=move || acts.held() title=move || acts.reason()>
            {buttons}
        </fieldset>
    }
}

/// An icon that asks the server something about the message `id`; without one there is nothing to be done.
pub(super) fn tool(
    kind: &'static str,
    glyph: Glyph,
    label: &'static str,
    url: &'static str,
    id: Option<MessageId>,
) -> impl IntoView {
    view! {
        <button
            class="act-button"
            type="submit"
            data-act=kind
            formaction=url
            name="message_id"
            value=id.map(|id| id.to_string())
            disabled=id.is_none()
            aria-label=label
            data-tip=label
        >
            <Icon glyph=glyph/>
        </button>
    }
}

/// An icon that asks for the same page with something about the message opened: `name` says what.
pub(super) fn opener(
    acts: Acts,
    name: &'static str,
    glyph: Glyph,
    label: &'static str,
    id: MessageId,
) -> impl IntoView {
    view! {
        <button
            class="act-button"
            type="submit"
            data-act=name
            formmethod="get"
            formaction=format!("/chat/{}", acts.thread.id)
            name=name
            value=id.to_string()
            aria-label=label
            data-tip=label
        >
            <Icon glyph=glyph/>
        </button>
    }
}

/// Takes the message into the clipboard; see `copying`.
pub(super) fn copy(acts: Acts) -> impl IntoView {
    let label = acts.texts.turns.copy;
    view! {
        <button class="act-button" type="button" data-act="copy" aria-label=label data-tip=label>
            <Icon glyph=Glyph::Copy/>
        </button>
    }
}

/// Another reply in place of this one.
pub(super) fn regenerate(acts: Acts, id: Option<MessageId>) -> impl IntoView {
    let label = acts.texts.chat.regenerate;
    tool("regenerate", Glyph::Refresh, label, Regenerate::url(), id)
}

/// In words, beside a state: a reply to a message that has none.
pub(super) fn again(acts: Acts, id: Option<MessageId>) -> impl IntoView {
    worded(acts, "retry", acts.texts.chat.retry, Regenerate::url(), id)
}

/// In words, beside a state: lets an unfinished reply go on, as long as nothing came after it.
pub(super) fn go_on(acts: Acts, id: Option<MessageId>) -> impl IntoView {
    view! {
        <div class="go-on" hidden=move || !acts.is_head(id)>
            {worded(acts, "continue", acts.texts.chat.go_on, GoOn::url(), id)}
        </div>
    }
}

fn worded(
    acts: Acts,
    kind: &'static str,
    label: &'static str,
    url: &'static str,
    id: Option<MessageId>,
) -> impl IntoView {
    let button = view! {
        <button
            class="button state-act"
            type="submit"
            data-act=kind
            formaction=url
            name="message_id"
            value=id.map(|id| id.to_string())
            disabled=move || acts.held()
            title=move || acts.reason()
        >
            {label}
        </button>
    };
    toolbar(acts, button)
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
            {tool("version", Glyph::ChevronLeft, texts.previous, url, before)}
            <span class="versions-place" aria-hidden="true">{format!("{own}/{all}")}</span>
            {tool("version", Glyph::ChevronRight, texts.next, url, after)}
        </div>
    })
}
