//! Moves the window of a long conversation with its reader: on towards either side as an edge comes near, to a message
//! far away, back to the end.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;
use parlance_core::domain::MessageId;

use super::{acts::Acts, send::sentence};
use crate::{
    rpc::window::read_stretch,
    state::{
        scroll::Gesture,
        window::{Edge, Side, Stretch},
    },
    tools,
};

/// An edge is near when less than this many heights of the view are left.
const NEAR: f64 = 1.5;
/// After a failure nothing is asked for so long.
const PAUSE: Duration = Duration::from_secs(3);

/// What is to be done once a message is shown.
pub(super) type Then = Box<dyn FnOnce()>;

/// Moves the window of one thread.
#[derive(Clone, Copy)]
pub(super) struct Pager {
    pub(super) acts: Acts,
    /// A step was asked for and has not come.
    pending: StoredValue<bool>,
}

/// The element of a message.
pub(super) fn anchor(id: MessageId) -> String {
    format!("m-{id}")
}

/// The attribute of the message that the page was asked for.
pub(super) fn marked(acts: Acts, id: Option<MessageId>) -> Option<&'static str> {
    (id.is_some() && acts.thread.marked == id).then_some("")
}

impl Pager {
    /// Call while the thread is being built.
    pub(super) fn new(acts: Acts) -> Self {
        let pager = Self {
            acts,
            pending: StoredValue::new(false),
        };
        let (thread, follower) = (acts.thread, acts.follower);
        Effect::new(move || {
            follower.open_ended.set_value(thread.later.get());
        });
        Effect::new(move || {
            let writing = thread.running().is_some();
            follower.gently.set_value(writing);
        });
        Effect::new(move |again: Option<()>| {
            thread.text.track();
            thread.reply.track();
            if again.is_some() {
                follower.feel(Gesture::Grew);
            }
        });
        let hash = use_location().hash;
        Effect::new(move |begun: Option<bool>| {
            let named = hash.with(|hash| hash.strip_prefix("#m-").and_then(|id| id.parse().ok()));
            let begun = begun.unwrap_or_default();
            let there = follower.frame.get().is_some() && acts.is_live();
            if there {
                pager.begin(named, !begun);
            }
            begun || there
        });
        pager
    }

    /// Where the reader is to stand: where they stood when they left, or at the message that the address names.
    fn begin(self, named: Option<MessageId>, opened: bool) {
        let thread = self.acts.thread;
        let noted = opened.then(|| self.noted()).flatten();
        let named = named.or(thread.marked.filter(|_| opened));
        if let Some((id, below)) = noted.or(named.map(|id| (id, None))) {
            self.go(id, below, Box::new(|| ()));
        } else if opened {
            tools::with(Box::new(move |tools| {
                request_animation_frame(move || (tools.chat.look)(self));
            }));
        }
    }

    fn noted(self) -> Option<(MessageId, Option<f64>)> {
        #[cfg(feature = "hydrate")]
        {
            let note = crate::browser::scroll::Follower::noted(&self.acts.thread.id.to_string());
            let (id, below) = note?;
            Some((id.strip_prefix("m-")?.parse().ok()?, Some(below)))
        }
        #[cfg(not(feature = "hydrate"))]
        None
    }

    /// The reader moved.
    pub(super) fn moved(self) {
        self.acts.follower.moved();
        #[cfg(feature = "hydrate")]
        self.acts.follower.note(&self.acts.thread.id.to_string());
        if let Some(tools) = tools::there() {
            (tools.chat.look)(self);
        }
    }

    /// Moves one edge outwards.
    pub(super) fn step(self, side: Side) {
        tools::with(Box::new(move |tools| (tools.chat.step)(self, side)));
    }

    /// Back to the end of the conversation.
    pub(super) fn latest(self) {
        tools::with(Box::new(move |tools| (tools.chat.latest)(self)));
    }

    /// Brings what the reader will want next.
    pub(super) fn look(self) {
        let (thread, follower) = (self.acts.thread, self.acts.follower);
        let waits = self.pending.try_get_value() != Some(false);
        let Some(reach) = follower.reach().filter(|_| !waits && self.acts.is_live()) else {
            return;
        };
        let (earlier, later) = (
            thread.earlier.try_get_untracked() == Some(true),
            thread.later.try_get_untracked() == Some(true),
        );
        // Who follows the end has not asked for what is above, unless there is nothing to scroll with.
        let wanted = !follower.is_pinned() || reach.above + reach.below < 1.0;
        if earlier && wanted && reach.above < NEAR * reach.view {
            step(self, Side::Above);
        } else if later && reach.below < NEAR * reach.view {
            step(self, Side::Below);
        }
    }

    fn widen(self, side: Side, stretch: Option<Stretch>) {
        let thread = self.acts.thread;
        #[cfg(feature = "hydrate")]
        {
            let (above, below) = self.acts.follower.spare();
            let spare = match side {
                Side::Above => below,
                Side::Below => above,
            };
            self.acts
                .follower
                .keep(|| thread.step(side, stretch, spare));
        }
        #[cfg(not(feature = "hydrate"))]
        thread.step(side, stretch, 0);
        // Once it stands there, the other edge or the same one may be near still.
        request_animation_frame(move || {
            self.pending.try_set_value(false);
            request_animation_frame(move || self.look());
        });
    }

    /// Shows a message, so far below the top of the view or where such messages stand, wherever in the conversation it
    /// is; then does what is to be done with it.
    pub(super) fn go(self, id: MessageId, below: Option<f64>, then: Then) {
        self.acts.follower.feel(Gesture::Back);
        if self.acts.thread.reach(id) {
            self.land(id, below, then);
        } else {
            self.pending.set_value(true);
            tools::with(Box::new(move |tools| {
                (tools.chat.far)(self, id, below, then);
            }));
        }
    }

    fn land(self, id: MessageId, below: Option<f64>, then: Then) {
        request_animation_frame(move || {
            self.pending.try_set_value(false);
            #[cfg(feature = "hydrate")]
            self.acts.follower.show(&anchor(id), below);
            #[cfg(not(feature = "hydrate"))]
            let _ = (id, below);
            then();
        });
    }
}

/// Shows a message that this page does not hold; see [`Pager::go`].
pub(super) fn far(pager: Pager, id: MessageId, below: Option<f64>, then: Then) {
    let acts = pager.acts;
    spawn_local(async move {
        match read_stretch(acts.thread.id, id, None).await {
            Ok(stretch) => {
                acts.thread.go(stretch);
                pager.land(id, below, then);
            }
            Err(error) => {
                pager.pending.try_set_value(false);
                acts.problem.try_set(Some(sentence(acts.texts, &error)));
            }
        }
    });
}

/// Moves one edge outwards.
pub(super) fn step(pager: Pager, side: Side) {
    let thread = pager.acts.thread;
    match thread.edge(side) {
        Edge::End => {}
        Edge::Held => pager.widen(side, None),
        Edge::Away(message) => {
            pager.pending.set_value(true);
            spawn_local(async move {
                match read_stretch(thread.id, message, Some(side)).await {
                    Ok(stretch) if stretch.astray => latest(pager),
                    Ok(stretch) => pager.widen(side, Some(stretch)),
                    Err(error) => {
                        let words = sentence(pager.acts.texts, &error);
                        pager.acts.problem.try_set(Some(words));
                        set_timeout(
                            move || {
                                pager.pending.try_set_value(false);
                            },
                            PAUSE,
                        );
                    }
                }
            });
        }
    }
}

/// Back to the end of the conversation.
pub(super) fn latest(pager: Pager) {
    let follower = pager.acts.follower;
    pager.acts.thread.to_end();
    follower.feel(Gesture::ToEnd);
    request_animation_frame(move || {
        pager.pending.try_set_value(false);
        follower.to_end();
    });
}

/// Another version of a message is read from now on: its place stays in the window, however long either path is.
pub(super) fn turned(acts: Acts, to: MessageId) {
    let thread = acts.thread;
    spawn_local(async move {
        // Whatever went wrong, the stream brings the new end, too.
        if let Ok(stretch) = read_stretch(thread.id, to, None).await {
            let show = move || {
                if !thread.reach(to) {
                    thread.go(stretch);
                }
            };
            #[cfg(feature = "hydrate")]
            acts.follower.keep(show);
            #[cfg(not(feature = "hydrate"))]
            show();
        }
    });
}
