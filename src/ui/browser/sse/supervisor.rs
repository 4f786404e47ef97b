//! One `EventSource` at a time, one timer, and the events of the window that matter to both.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures::StreamExt;
use gloo_net::{
    eventsource::{State as Ready, futures::EventSource},
    http::{Method, Request},
};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use parlance_core::domain::{Event, ProblemCode};
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser::clock,
    rpc::conversations::open_conversation,
    state::{
        connection::{Command, Input, Machine, Probe},
        live::Outcome,
        thread::Thread,
    },
};

/// What lives as long as the page.
struct Line {
    machine: Machine,
    source: Option<EventSource>,
    /// Counts sources: what an older one still delivers is not heard.
    serial: u32,
    timer: Option<TimeoutHandle>,
    /// A paint is on its way.
    painting: bool,
    closed: bool,
}

#[derive(Clone)]
struct Supervisor {
    thread: Thread,
    line: Rc<RefCell<Line>>,
}

/// Opens the stream and keeps it until the current owner is cleaned up.
pub(super) fn start(thread: Thread) {
    let line = Line {
        machine: Machine::default(),
        source: None,
        serial: 0,
        timer: None,
        painting: false,
        closed: false,
    };
    let supervisor = Supervisor {
        thread,
        line: Rc::new(RefCell::new(line)),
    };
    let listen = |name: &'static str, input: fn(&leptos::web_sys::Event) -> Option<Input>| {
        let supervisor = supervisor.clone();
        let handle = window_event_listener_untyped(name, move |event| {
            if let Some(input) = input(&event) {
                supervisor.feed(input);
            }
        });
        on_cleanup(move || handle.remove());
    };
    listen("online", |_| Some(Input::Online));
    listen("offline", |_| Some(Input::Offline));
    // It bubbles up from the document.
    listen("visibilitychange", |_| {
        Some(if clock::is_hidden() {
            Input::Hidden
        } else {
            Input::Visible
        })
    });
    listen("pageshow", |event| {
        let kept =
            js_sys::Reflect::get(event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy());
        kept.then_some(Input::Restored)
    });
    let end = StoredValue::new_local(supervisor.clone());
    on_cleanup(move || {
        end.try_with_value(Supervisor::end);
    });
    if clock::is_hidden() {
        supervisor.feed(Input::Hidden);
    }
    supervisor.feed(Input::Open);
}

impl Supervisor {
    /// Lets the machine take a step, does what it asks and sets its next alarm.
    fn feed(&self, input: Input) {
        let now = clock::now();
        let commands = {
            let mut line = self.line.borrow_mut();
            if line.closed {
                return;
            }
            line.machine
                .step(input, now, self.thread.is_busy(), js_sys::Math::random())
        };
        if matches!(input, Input::Hidden | Input::Visible) {
            // A frame that was asked for may never come, or come too late.
            self.thread.publish();
        }
        for command in commands {
            match command {
                Command::Connect => self.connect(),
                Command::Disconnect => self.disconnect(),
                Command::Probe => self.probe(),
                Command::Refetch => self.refetch(),
            }
        }
        self.rearm();
    }

    fn rearm(&self) {
        let now = clock::now();
        let (old, deadline, notice) = {
            let mut line = self.line.borrow_mut();
            (
                line.timer.take(),
                line.machine.deadline(now),
                line.machine.notice(now),
            )
        };
        if let Some(old) = old {
            old.clear();
        }
        if self
            .thread
            .notice
            .try_with_untracked(|shown| *shown != notice)
            .unwrap_or_default()
        {
            self.thread.notice.try_set(notice);
        }
        let Some(deadline) = deadline else { return };
        let this = self.clone();
        let wait = Duration::from_millis((deadline - now).clamp(10.0, 60_000.0).ceil() as u64);
        let timer = set_timeout_with_handle(move || this.alarm(), wait).ok();
        self.line.borrow_mut().timer = timer;
    }

    fn alarm(&self) {
        let retrying = {
            let line = self.line.borrow();
            let connecting = line
                .source
                .as_ref()
                .is_some_and(|source| source.state() == Ready::Connecting);
            line.machine.is_live() && connecting
        };
        self.feed(if retrying {
            Input::Retrying
        } else {
            Input::Tick
        });
    }

    fn connect(&self) {
        let Some(cursor) = self.thread.cursor() else {
            return;
        };
        let address = format!(
            "/api/conversations/{}/stream?after={cursor}",
            self.thread.id
        );
        let opened = EventSource::new(&address).and_then(|mut source| {
            let events = source.subscribe("message")?;
            Ok((source, events))
        });
        let Ok((source, mut events)) = opened else {
            return self.later(Input::Closed);
        };
        let serial = {
            let mut line = self.line.borrow_mut();
            line.serial += 1;
            line.source = Some(source);
            line.serial
        };
        let this = self.clone();
        spawn_local(async move {
            while let Some(event) = events.next().await {
                if this.line.borrow().serial != serial {
                    return;
                }
                match event {
                    Ok((_, event)) => this.hear(
                        &event.data().as_string().unwrap_or_default(),
                        &event.last_event_id(),
                    ),
                    Err(_) => return this.feed(Input::Closed),
                }
            }
        });
    }

    fn hear(&self, data: &str, id: &str) {
        // An event of a later protocol is a sign of life and nothing more.
        let Ok(event) = Event::from_json(data) else {
            return self.feed(Input::Beat);
        };
        let greeting = matches!(event, Event::Hello(_));
        let Some(outcome) = self.thread.apply(event, id) else {
            return;
        };
        let input = match outcome {
            Outcome::Refetch => Input::Stale,
            Outcome::Gap => Input::Gap,
            Outcome::Bye(bye) => Input::Bye(bye),
            Outcome::Mismatch => {
                leptos::logging::warn!(
                    "stream_integrity_mismatch: the stored reply replaced the shown one"
                );
                Input::Beat
            }
            Outcome::Applied | Outcome::Ignored if greeting => Input::Hello,
            Outcome::Applied | Outcome::Ignored => Input::Beat,
        };
        self.feed(input);
        self.paint();
    }

    /// Shows what was heard, once per frame however much it was.
    fn paint(&self) {
        if std::mem::replace(&mut self.line.borrow_mut().painting, true) {
            return;
        }
        let this = self.clone();
        clock::before_paint(move || {
            this.line.borrow_mut().painting = false;
            this.thread.publish();
        });
    }

    fn disconnect(&self) {
        let source = {
            let mut line = self.line.borrow_mut();
            line.serial += 1;
            line.source.take()
        };
        // Closing speaks to listeners: never while the line is borrowed.
        drop(source);
    }

    /// Why did it die? The browser does not say, so ask: who are we, and is the conversation still there?
    fn probe(&self) {
        let this = self.clone();
        spawn_local(async move {
            let found = match status(Method::GET, "/api/session").await {
                Some(401) => Probe::SignedOut,
                Some(200) => {
                    let conversation = format!("/api/conversations/{}", this.thread.id);
                    let gone = status(Method::HEAD, &conversation).await == Some(404);
                    if gone { Probe::Gone } else { Probe::Later }
                }
                _ => Probe::Later,
            };
            this.feed(Input::Probed(found));
        });
    }

    fn refetch(&self) {
        let this = self.clone();
        let serial = self.line.borrow().serial;
        spawn_local(async move {
            let page = open_conversation(this.thread.id).await;
            if this.line.borrow().serial != serial {
                return;
            }
            match page {
                Ok(page) => {
                    this.thread.adopt(&page);
                    this.connect();
                }
                Err(error) => this.feed(match error.0.code {
                    ProblemCode::NotFound => Input::Probed(Probe::Gone),
                    ProblemCode::Unauthenticated => Input::Probed(Probe::SignedOut),
                    _ => Input::Closed,
                }),
            }
        });
    }

    /// Feeds after the current step is done.
    fn later(&self, input: Input) {
        let this = self.clone();
        spawn_local(async move { this.feed(input) });
    }

    fn end(&self) {
        let timer = {
            let mut line = self.line.borrow_mut();
            line.closed = true;
            line.timer.take()
        };
        if let Some(timer) = timer {
            timer.clear();
        }
        self.disconnect();
    }
}

/// The status that `address` answers with; `None` when nobody answers.
async fn status(method: Method, address: &str) -> Option<u16> {
    let response = Request::get(address).method(method).send().await.ok()?;
    Some(response.status())
}
