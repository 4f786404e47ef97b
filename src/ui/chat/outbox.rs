//! What goes out of an open conversation: the hands of `state::queue`. One way for all: a message enters the queue, and
//! leaves it when the server has taken it in; when it goes out at once, the queue is not even seen.

use leptos::{ev, html, prelude::*, task::spawn_local};
use parlance_core::domain::{GenerationId, MessageStatus, Role};

use super::{
    queue,
    send::{clear, put_back, sentence},
};
use crate::{
    browser::{
        composer::{is_online, mint_id},
        drafts,
        scroll::Follower,
    },
    i18n::t,
    rpc::{
        chat::{send, stop},
        problem::RpcError,
        session::current_user,
    },
    sidebar::{RosterHandle, use_roster},
    state::{
        connection::Notice,
        queue::{Fate, Queue, Stage},
        thread::Thread,
    },
    tools,
};

/// The way out of one conversation. Components below find it in their context.
#[derive(Clone, Copy)]
pub(super) struct Outbox {
    pub(super) thread: Thread,
    pub(super) queue: RwSignal<Queue>,
    /// The reply that runs.
    pub(super) busy: Signal<Option<GenerationId>>,
    pub(super) offline: Memo<bool>,
    input: NodeRef<html::Textarea>,
    problem: RwSignal<Option<String>>,
    follower: Follower,
    roster: RosterHandle,
    /// Where the tab keeps it.
    place: StoredValue<String>,
    /// The reply that was asked to stop.
    stopped: StoredValue<Option<GenerationId>>,
}

/// What an outbox is told.
pub(super) enum Deed {
    /// Brings back what the tab kept, and sends what may go from now on.
    Begin,
    /// Sends what was written, now or when its time has come.
    Submit(String),
    /// Stops this reply, once however often it is told.
    Halt(GenerationId),
    /// A button of a message that waits was pressed.
    Press(ev::MouseEvent),
}

/// Does it. Part of the tools; [`Outbox::tell`] calls it.
pub(super) fn act(outbox: Outbox, deed: Deed) {
    match deed {
        Deed::Begin => outbox.begin(),
        // The page may be gone by the time that the tools are there.
        _ if outbox.queue.is_disposed() => {}
        Deed::Submit(text) => outbox.submit(&text),
        Deed::Halt(generation) => outbox.halt(generation),
        Deed::Press(event) => queue::press(outbox, &event),
    }
}

impl Outbox {
    /// Call while the page is being built.
    pub(super) fn provide(
        thread: Thread,
        follower: Follower,
        input: NodeRef<html::Textarea>,
        problem: RwSignal<Option<String>>,
    ) -> Self {
        let user = current_user().map(|user| user.id);
        let busy = Signal::derive(move || thread.running());
        let outbox = Self {
            thread,
            queue: RwSignal::new(Queue::default()),
            busy,
            offline: Memo::new(move |_| thread.notice.get() == Some(Notice::Offline)),
            input,
            problem,
            follower,
            roster: use_roster(),
            place: StoredValue::new(drafts::place(user, Some(thread.id), "queue")),
            stopped: StoredValue::new(None),
        };
        provide_context(outbox);
        tools::wire(Box::new(move |tools| {
            (tools.chat.outbox)(outbox, Deed::Begin);
        }));
        outbox
    }

    /// Tells it what to do.
    pub(super) fn tell(self, deed: Deed) {
        tools::with(Box::new(move |tools| (tools.chat.outbox)(self, deed)));
    }

    fn begin(self) {
        // At once: what was pressed before the tools were there is sent next, and adds to this.
        self.restore();
        Effect::new(move |before: Option<bool>| {
            let is_busy = self.busy.get().is_some();
            self.offline.track();
            if before == Some(true) && !is_busy && !self.ended_well() {
                self.change(Queue::hold);
            }
            self.pump();
            is_busy
        });
    }

    fn submit(self, text: &str) {
        let field = self.input.try_get_untracked().flatten();
        let typed = field.map(|field| field.value()).unwrap_or_default();
        // Before the tools were there it may have been pressed twice, and more been typed since.
        let Some(rest) = typed.trim_start().strip_prefix(text.trim()) else {
            return;
        };
        self.problem.set(None);
        self.change(|queue| queue.put(mint_id(), text));
        clear(self.input);
        if !rest.trim().is_empty() {
            put_back(self.input, rest);
        }
        self.pump();
    }

    /// Sends this one next, and stops the reply that runs.
    pub(super) fn hurry(self, key: &str) {
        self.change(|queue| queue.set(key, Stage::Next));
        if let Some(generation) = self.busy.get_untracked() {
            self.halt(generation);
        }
        self.pump();
    }

    /// Sends one again that was not taken: it leaves its place in the thread for the end.
    pub(super) fn again(self, key: &str) {
        self.thread.refused(key);
        self.change(|queue| queue.set(key, Stage::Next));
        self.pump();
    }

    /// Takes one out of queue and thread, and gives its text to the composer if so wanted.
    pub(super) fn drop(self, key: &str, reword: bool) {
        self.thread.refused(key);
        let text = self.change(|queue| queue.take(key)).flatten();
        if let Some(text) = text.filter(|_| reword) {
            put_back(self.input, &text);
        }
    }

    /// Sends what may go.
    fn pump(self) {
        // The page may be gone when an answer comes.
        let free = self.busy.try_get_untracked() == Some(None)
            && self.offline.try_get_untracked() == Some(false);
        let waits = |queue: &Queue| queue.queued().next().is_some();
        if !free || self.queue.try_with_untracked(waits) != Some(true) {
            return;
        }
        let Some((key, text)) = self.change(Queue::depart).flatten() else {
            return;
        };
        self.follower.sent();
        self.thread.sending(&key, &text);
        spawn_local(async move {
            match send(
                text,
                self.thread.id,
                key.clone(),
                None,
                None,
                None,
                Vec::new(),
            )
            .await
            {
                Ok(accepted) => {
                    self.thread.accepted(&key, &accepted);
                    self.change(|queue| queue.take(&key));
                    self.roster.refresh();
                    self.pump();
                }
                Err(error) => self.refused(&key, &error),
            }
        });
    }

    fn refused(self, key: &str, error: &RpcError) {
        let code = (!error.is_unreachable()).then_some(error.0.code);
        let fate = Fate::of(code, is_online());
        let here = match fate {
            Fate::Stay => self.thread.failed(key, code),
            _ => self.thread.refused(key).is_some(),
        };
        // Otherwise the stream showed meanwhile that it did arrive; only the answer got lost.
        let stage = match fate {
            Fate::Wait => Stage::Waiting,
            Fate::Later => Stage::Next,
            Fate::Stay | Fate::Reword => Stage::Failed,
        };
        if here && fate != Fate::Reword {
            self.change(|queue| {
                queue.set(key, stage);
                if fate == Fate::Stay {
                    queue.hold();
                }
            });
            return;
        }
        let text = self.change(|queue| queue.take(key)).flatten();
        if let Some(text) = text.filter(|_| here) {
            self.change(Queue::hold);
            put_back(self.input, &text);
            self.problem.try_set(Some(sentence(t(), error)));
        }
    }

    /// What the tab kept from before a reload comes back.
    fn restore(self) {
        let Some(kept) = self.place.with_value(|place| drafts::kept(place)) else {
            return;
        };
        let read = Queue::read(&kept, self.said().as_deref());
        for parcel in read.shown() {
            self.thread.unsent(&parcel.key, &parcel.text);
        }
        self.queue.set(read);
    }

    /// The newest message of the person that the server has.
    pub(super) fn said(self) -> Option<String> {
        let newest = self.thread.newest(|turn| turn.role == Role::User);
        newest.map(|turn| turn.content)
    }

    /// Whether the newest reply is whole.
    fn ended_well(self) -> bool {
        self.thread.failure.with_untracked(Option::is_none)
            && self.thread.newest(|_| true).is_some_and(|turn| {
                turn.role == Role::Assistant && turn.status == MessageStatus::Completed
            })
    }

    fn change<T>(self, act: impl FnOnce(&mut Queue) -> T) -> Option<T> {
        let (result, kept) = self.queue.try_update(|queue| {
            let result = act(queue);
            (result, queue.write())
        })?;
        self.place.with_value(|place| drafts::keep(place, &kept));
        Some(result)
    }

    fn halt(self, generation: GenerationId) {
        if self.stopped.get_value() == Some(generation) {
            return;
        }
        self.stopped.set_value(Some(generation));
        spawn_local(async move {
            // What was written, and that it is over, come by the stream.
            let compared = self.thread.compared.try_get_untracked().flatten().is_some();
            let all = compared.then_some(self.thread.id);
            if let Err(error) = stop(generation, all).await {
                self.stopped.try_update_value(|stopped| *stopped = None);
                self.problem.try_set(Some(sentence(t(), &error)));
            }
        });
    }
}
