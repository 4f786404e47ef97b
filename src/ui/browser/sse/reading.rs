//! What the supervisor asks the server besides the stream: who we are, and the state when events do not tell it.

use gloo_net::http::Request;
use leptos::prelude::*;
use parlance_core::domain::ProblemCode;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, RequestCache};

use super::supervisor::Supervisor;
use crate::{
    rpc::conversations::{list_conversations, open_conversation},
    state::connection::{Input, Probe},
    tools,
};

/// What a browser opens to one server over HTTP/1.1.
const CONNECTIONS: u32 = 6;

impl Supervisor {
    /// Why did it die? The browser does not say, so ask who we are.
    ///
    /// After mere silence the other connections that the browser keeps may be as dead as the stream's, and whatever is
    /// sent over one of them waits for ever: so everything that there can be is used at once. The first answer counts,
    /// and giving up the rest makes the browser forget the dead ones.
    pub(super) fn probe(&self, silent: bool) {
        let Ok(attempt) = AbortController::new() else {
            return;
        };
        let signal = attempt.signal();
        let serial = {
            let mut line = self.line.borrow_mut();
            line.probing = Some(attempt);
            line.serial
        };
        for _ in 0..if silent { CONNECTIONS } else { 1 } {
            let (this, signal) = (self.clone(), signal.clone());
            spawn_local(async move {
                // Past the cache, which lets only one of several equal questions out at a time.
                let asked = Request::get("/api/session")
                    .cache(RequestCache::NoStore)
                    .abort_signal(Some(&signal));
                let found = match asked.send().await.map(|answer| answer.status()) {
                    Ok(401) => Probe::SignedOut,
                    Err(_) if silent => return,
                    _ => Probe::Later,
                };
                if this.line.borrow().serial == serial {
                    this.feed(Input::Probed(found));
                }
            });
        }
    }

    /// Reads the open conversation anew, then connects at the position that it brought.
    pub(super) fn refetch(&self) {
        let (thread, serial) = {
            let line = self.line.borrow();
            (line.thread, line.serial)
        };
        let Some(thread) = thread else {
            return self.connect();
        };
        let this = self.clone();
        spawn_local(async move {
            let page = open_conversation(thread.id, None, None).await;
            // What may be compared from now on is shown by them.
            tools::ready().await;
            if this.line.borrow().serial != serial {
                return;
            }
            match page {
                Ok(page) => {
                    thread.adopt(&page);
                    this.connect();
                }
                Err(error) => match error.0.code {
                    ProblemCode::NotFound => {
                        this.feed(Input::Gone);
                        this.connect();
                    }
                    ProblemCode::Unauthenticated => this.feed(Input::Probed(Probe::SignedOut)),
                    _ => this.feed(Input::Closed),
                },
            }
        });
    }

    /// Reads the list anew. What runs is told by the events that follow the greeting.
    pub(super) fn refresh(&self) {
        let roster = self.roster;
        roster.try_update(|roster| roster.forget_marks());
        spawn_local(async move {
            // A list that is a little old is no reason to disturb anybody.
            if let Ok(page) = list_conversations(None).await {
                roster.try_update(|roster| roster.refresh(page));
            }
        });
    }
}
