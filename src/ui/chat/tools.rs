//! What a conversation does only once it is asked to: fetched after the page has come to life (`crate::tools`).

use leptos::{
    ev, html,
    prelude::*,
    web_sys::{HtmlElement, HtmlFormElement},
};
use parlance_core::domain::MessageId;

use super::{
    acts::Acts,
    announcer, compare, copying, details, drop, edit, find, integrity, model,
    opening::{self, Opening},
    outbox::{self, Deed, Outbox},
    queue,
    send::{self, First},
    window::{self, Pager, Then},
};
use crate::{
    kit::toast::Toasts,
    state::{page::Turn, thread::Thread, window::Side},
};

/// The tools of a conversation.
pub struct Tools {
    /// What a thread listens to.
    pub(super) thread: fn(Pager),
    pub(super) look: fn(Pager),
    pub(super) step: fn(Pager, Side),
    pub(super) latest: fn(Pager),
    /// Shows a message that the page does not hold.
    pub(super) far: fn(Pager, MessageId, Option<f64>, Then),
    /// The bar of the search.
    pub(super) find: fn(Pager) -> AnyView,
    pub(super) announce: fn(Thread, RwSignal<String>, RwSignal<String>),
    pub(super) ask: fn(Acts, HtmlFormElement, HtmlElement, Option<MessageId>),
    pub(super) copy: fn(Acts, RwSignal<String>, &ev::MouseEvent),
    /// Takes in what the page says of comparing.
    pub(super) beside: fn(Acts, &str),
    /// Replies side by side.
    pub(super) compare: fn(Acts) -> AnyView,
    /// The form in a message's place.
    pub(super) edit: fn(Acts, Turn) -> AnyView,
    /// The particulars of a turn.
    pub(super) details: fn(Acts, &Turn) -> AnyView,
    /// What is dropped and pasted; and the control above the page that has a composer.
    pub(super) drop: fn(NodeRef<html::Textarea>, RwSignal<bool>, Toasts),
    /// Greets and suggests for the persona that is chosen now.
    pub(super) turn: fn(Opening),
    /// Sends the first message.
    pub(super) first: fn(First, String),
    pub(super) outbox: fn(Outbox, Deed),
    /// The messages that wait above the composer.
    pub(super) waiting: fn(Outbox) -> AnyView,
    /// What stands below a message that was not taken.
    pub(super) undelivered: fn(Outbox, &Turn) -> AnyView,
}

/// All of them.
pub const TOOLS: Tools = Tools {
    thread,
    look: Pager::look,
    step: window::step,
    latest: window::latest,
    far: window::far,
    find: find::bar::bar,
    announce: announcer::announce,
    ask: Acts::ask,
    copy: copying::press,
    beside: compare::begin,
    compare: compare::comparison,
    edit: edit::edit_form,
    details: details::details,
    drop: composer,
    turn: opening::turn,
    first: send::first,
    outbox: outbox::act,
    waiting: queue::rows,
    undelivered: queue::refused,
};

fn composer(input: NodeRef<html::Textarea>, over: RwSignal<bool>, toasts: Toasts) {
    drop::listen(input, over, toasts);
    model::fill();
}

fn thread(pager: Pager) {
    find::bar::listen(pager);
    if pager.acts.is_live() {
        integrity::watch(pager.acts.thread);
    }
}
