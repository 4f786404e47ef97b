//! The stream of one tab: what the machine is told, and what is done about its commands.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use parlance_core::domain::UserId;
use web_sys::AbortController;

use super::{relay::Relay, source::Source};
use crate::{
    browser::{clock, preferences::streaming},
    state::{
        connection::{Command, Input, Machine},
        relay::{Desk, Tab, Verdict},
        roster::Roster,
        thread::Thread,
    },
};

/// The page is put together in several steps: what they ask for is opened at once. Milliseconds.
const TOGETHER_MS: u64 = 10;

/// What lives as long as the page.
#[derive(Default)]
pub(super) struct Line {
    pub(super) machine: Machine,
    pub(super) thread: Option<Thread>,
    /// What is carried for whom: there while this tab holds a stream, for itself or for all.
    pub(super) desk: Option<Desk>,
    pub(super) source: Option<Source>,
    /// Counts sources: what an older one still delivers is not heard.
    pub(super) serial: u32,
    timer: Option<TimeoutHandle>,
    /// When the stream is opened anew.
    reopening: Option<(f64, TimeoutHandle)>,
    /// The stream has to be opened anew, whatever the desk says.
    pub(super) turned: bool,
    /// The tab that leads, as far as is known, and its answer.
    pub(super) leader: Option<Tab>,
    pub(super) answer: Option<Verdict>,
    /// Other tabs know of this one.
    pub(super) announced: bool,
    /// The conversation moves on by what is heard; otherwise it waits for the next greeting.
    pub(super) in_step: bool,
    /// Questions that are out.
    pub(super) probing: Option<AbortController>,
    /// A paint is on its way.
    painting: bool,
    pub(super) closed: bool,
}

/// The hands of one tab.
#[derive(Clone)]
pub(super) struct Supervisor {
    pub(super) line: Rc<RefCell<Line>>,
    /// Set once, at the start; `None` where every tab is on its own.
    pub(super) relay: Rc<RefCell<Option<Relay>>>,
    pub(super) roster: RwSignal<Roster>,
}

impl Supervisor {
    pub(super) fn new(roster: RwSignal<Roster>) -> Self {
        Self {
            line: Rc::default(),
            relay: Rc::default(),
            roster,
        }
    }

    pub(super) fn start(&self, user: UserId) {
        let this = self.clone();
        let relay = Relay::open(user, move |text| this.note(&text));
        if relay.is_none() {
            self.line.borrow_mut().desk = Some(Desk::default());
        }
        self.relay.replace(relay);
        let this = self.clone();
        set_timeout(
            move || {
                if clock::is_hidden() {
                    this.feed(Input::Hidden);
                }
                this.feed(Input::Open);
                if !window().navigator().on_line() {
                    this.feed(Input::Offline);
                }
            },
            Duration::from_millis(TOGETHER_MS),
        );
    }

    /// Lets the machine take a step, does what it asks and sets its next alarm.
    pub(super) fn feed(&self, input: Input) {
        let now = clock::now();
        let commands = {
            let mut line = self.line.borrow_mut();
            if line.closed {
                return;
            }
            let busy = line.thread.is_some_and(|thread| thread.is_busy());
            line.machine.step(input, now, busy, js_sys::Math::random())
        };
        if matches!(input, Input::Hidden | Input::Visible) {
            self.seen(input == Input::Visible);
        }
        for command in commands {
            match command {
                Command::Connect => self.connect(),
                Command::Disconnect => self.disconnect(),
                Command::Probe => {
                    self.tell_down();
                    self.probe(input == Input::Tick);
                }
                Command::Refetch => self.refetch(),
                Command::Refresh => self.refresh(),
                Command::Lead => self.ask_for_lead(true),
            }
        }
        if self.line.borrow().machine.is_away() {
            self.withdraw();
        }
        self.rearm();
    }

    fn rearm(&self) {
        let now = clock::now();
        let (old, thread, deadline, notice) = {
            let mut line = self.line.borrow_mut();
            let busy = line.thread.is_some_and(|thread| thread.is_busy());
            (
                line.timer.take(),
                line.thread,
                line.machine.deadline(now, busy),
                line.machine.notice(now),
            )
        };
        if let Some(old) = old {
            old.clear();
        }
        if let Some(shown) = thread.map(|thread| thread.notice)
            && shown
                .try_with_untracked(|shown| *shown != notice)
                .unwrap_or_default()
        {
            shown.try_set(notice);
        }
        let Some(deadline) = deadline else { return };
        let this = self.clone();
        let wait = Duration::from_millis((deadline - now).clamp(10.0, 60_000.0).ceil() as u64);
        let timer = set_timeout_with_handle(move || this.feed(Input::Tick), wait).ok();
        self.line.borrow_mut().timer = timer;
    }

    /// Opens the stream anew within this time, if what is open is then not what should be.
    pub(super) fn reopen_in(&self, milliseconds: u64) {
        let due = clock::now() + milliseconds as f64;
        let mut line = self.line.borrow_mut();
        if line.reopening.as_ref().is_some_and(|(at, _)| *at <= due) {
            return;
        }
        let this = self.clone();
        let reopen = move || {
            let needed = {
                let mut line = this.line.borrow_mut();
                line.reopening = None;
                line.turned || line.desk.as_ref().is_some_and(Desk::is_dirty)
            };
            if needed {
                this.feed(Input::Reopen);
            }
        };
        let timer = set_timeout_with_handle(reopen, Duration::from_millis(milliseconds)).ok();
        let new = timer.map(|timer| (due, timer));
        if let Some((_, old)) = std::mem::replace(&mut line.reopening, new) {
            old.clear();
        }
    }

    /// Shows what was heard, with a beat however much it was; who wants it raw has it with each frame.
    pub(super) fn paint(&self) {
        if std::mem::replace(&mut self.line.borrow_mut().painting, true) {
            return;
        }
        let this = self.clone();
        let publish = move || {
            let thread = {
                let mut line = this.line.borrow_mut();
                line.painting = false;
                line.thread
            };
            if let Some(thread) = thread {
                thread.publish();
            }
        };
        if streaming() == "raw" {
            clock::before_paint(publish);
        } else {
            clock::with_beat(publish);
        }
    }

    pub(super) fn disconnect(&self) {
        let (source, probing) = {
            let mut line = self.line.borrow_mut();
            line.serial += 1;
            line.in_step = false;
            line.answer = None;
            (line.source.take(), line.probing.take())
        };
        drop(source);
        if let Some(probing) = probing {
            probing.abort();
        }
    }
}

impl super::Stream for Supervisor {
    fn turn(&self, old: Option<Thread>, new: Option<Thread>) {
        {
            let mut line = self.line.borrow_mut();
            let current = line.thread.map(|thread| thread.notice);
            if old.is_some_and(|old| current != Some(old.notice)) {
                return;
            }
            line.thread = new;
            line.in_step = false;
            line.turned = true;
        }
        if let Some(thread) = new.filter(Thread::is_busy) {
            self.roster
                .try_update(|roster| roster.mark(thread.id, true));
        }
        self.feed(Input::Turned);
        self.reopen_in(TOGETHER_MS);
    }

    fn end(&self) {
        self.disconnect();
        self.withdraw();
        let relay = self.relay.take();
        let timers = {
            let mut line = self.line.borrow_mut();
            line.closed = true;
            let reopening = line.reopening.take().map(|(_, timer)| timer);
            [line.timer.take(), reopening]
        };
        for timer in timers.into_iter().flatten() {
            timer.clear();
        }
        drop(relay);
    }
}
