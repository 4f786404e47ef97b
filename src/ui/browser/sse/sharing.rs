//! One stream for all tabs of this browser: announcing oneself, leading, and what is said on the channel.

use wasm_bindgen_futures::spawn_local;

use super::{
    source::{Heard, Source},
    supervisor::Supervisor,
};
use crate::{
    browser::{clock, preferences::streaming},
    state::{
        connection::Input,
        relay::{Desk, Note, Tab, Verdict, Want},
    },
};

/// Tabs that announce themselves together are carried together. Milliseconds.
const GATHER_MS: u64 = 30;
/// Whoever goes from tab to tab leaves one before the other is there. Milliseconds.
const UNSEEN_MS: u64 = 1_000;

/// Milliseconds between two pieces of text. What is painted with the beat need not come more often: each costs the page a
/// message to read.
fn pace() -> u32 {
    if streaming() == "raw" { 16 } else { 32 }
}

impl Supervisor {
    /// Opens a stream that carries what it should, or asks the tab that holds one.
    pub(super) fn connect(&self) {
        let (me, want) = (self.me(), self.want(false));
        let address = self.with_desk(|desk| {
            desk.take(me, want.clone());
            desk.address(pace())
        });
        {
            let mut line = self.line.borrow_mut();
            line.turned = false;
            line.answer = None;
            line.announced = true;
        }
        match address {
            Some(address) => self.open(&address),
            None => {
                self.ask_for_lead(false);
                self.say(&Note::Want { tab: me, want });
                self.feed(Input::Asked);
            }
        }
    }

    fn open(&self, address: &str) {
        let serial = {
            let mut line = self.line.borrow_mut();
            line.serial += 1;
            line.serial
        };
        let this = self.clone();
        let opened = Source::open(address, move |heard| {
            if this.line.borrow().serial != serial {
                return;
            }
            match heard {
                Heard::Line { data, id } => {
                    this.pass_on(&data, &id);
                    this.hear(&data, &id);
                }
                Heard::Broken => this.feed(Input::Closed),
            }
        });
        match opened {
            Ok(source) => self.line.borrow_mut().source = Some(source),
            Err(_) => {
                // After the current step is done.
                let this = self.clone();
                spawn_local(async move { this.feed(Input::Closed) });
            }
        }
    }

    /// Gets in line for the lead, or takes it.
    pub(super) fn ask_for_lead(&self, steal: bool) {
        let (granted, lost) = (self.clone(), self.clone());
        if let Some(relay) = &*self.relay.borrow() {
            relay.lock.ask(
                steal,
                move || granted.lead(),
                move || {
                    granted_to_another(&lost);
                },
            );
        }
    }

    /// The lead is ours, if it is wanted: everybody may announce themselves, and then the stream is opened.
    fn lead(&self) -> bool {
        let me = self.me();
        let want = self.want(false);
        {
            let mut line = self.line.borrow_mut();
            if line.closed || line.machine.is_away() {
                return false;
            }
            let mut desk = Desk::default();
            desk.take(me, want);
            line.desk = Some(desk);
            line.leader = Some(me);
            line.turned = true;
        }
        self.disconnect();
        self.say(&Note::Here { leader: me });
        self.feed(Input::Lead);
        self.reopen_in(GATHER_MS);
        true
    }

    /// Something was said on the channel.
    pub(super) fn note(&self, text: &str) {
        let Some(note) = Note::read(text) else { return };
        let me = self.me();
        let (leads, announced, known) = {
            let line = self.line.borrow();
            (self.leads(), line.announced, line.leader)
        };
        match note {
            Note::Want { tab, want } if leads => {
                let wait = if want.hidden { UNSEEN_MS } else { GATHER_MS };
                if let Some(verdict) = self.with_desk(|desk| desk.take(tab, want)) {
                    self.say(&Note::Answer {
                        leader: me,
                        tab,
                        verdict,
                    });
                }
                self.reopen_if_dirty(wait);
            }
            Note::Leave { tab } if leads => {
                let free = self.with_desk(|desk| desk.leave(tab)) == Some(true);
                if free {
                    self.say(&Note::Here { leader: me });
                }
            }
            Note::Here { leader } if !leads => {
                {
                    let mut line = self.line.borrow_mut();
                    line.leader = Some(leader);
                    line.desk = None;
                }
                if announced && self.line.borrow().machine.is_up() {
                    self.feed(Input::Restored);
                }
            }
            Note::Answer {
                leader,
                tab,
                verdict,
            } if tab == me && !leads => self.answered(leader, verdict),
            Note::Down { leader } if announced && known == Some(leader) && !self.holds() => {
                self.feed(Input::Down);
            }
            Note::Line { leader, id, data }
                if announced && known == Some(leader) && !self.holds() =>
            {
                self.hear(data, id);
            }
            _ => {}
        }
    }

    fn answered(&self, leader: Tab, verdict: Verdict) {
        let before = {
            let mut line = self.line.borrow_mut();
            line.leader = Some(leader);
            line.answer.replace(verdict)
        };
        match verdict {
            // Only a word about itself was answered.
            Verdict::Carried if before == Some(Verdict::Carried) => {}
            Verdict::Carried => self.feed(Input::Carried),
            Verdict::Alone => {
                self.line.borrow_mut().desk = Some(Desk::default());
                self.feed(Input::Reopen);
            }
            Verdict::Poll => self.feed(Input::Refused),
        }
    }

    /// The tab came to the front, or went away from it.
    pub(super) fn seen(&self, seen: bool) {
        let (thread, in_step) = {
            let line = self.line.borrow();
            (line.thread, line.in_step)
        };
        if let Some(thread) = thread {
            // A frame that was asked for may never come, or come too late.
            thread.publish();
        }
        if !in_step {
            return;
        }
        let (me, want) = (self.me(), self.want(true));
        if self.with_desk(|desk| desk.take(me, want.clone())).is_some() {
            self.reopen_if_dirty(if seen { 0 } else { UNSEEN_MS });
        } else {
            self.say(&Note::Want { tab: me, want });
        }
    }

    /// Nothing is wanted any more: whoever waits for the lead gets it.
    pub(super) fn withdraw(&self) {
        let announced = std::mem::take(&mut self.line.borrow_mut().announced);
        if !announced || self.relay.borrow().is_none() {
            return;
        }
        self.line.borrow_mut().desk = None;
        self.say(&Note::Leave { tab: self.me() });
        if let Some(relay) = &*self.relay.borrow() {
            relay.lock.release();
        }
    }

    /// The stream is lost; whoever follows shall know.
    pub(super) fn tell_down(&self) {
        if self.leads() {
            self.say(&Note::Down { leader: self.me() });
        }
    }

    fn pass_on(&self, data: &str, id: &str) {
        if self.leads() {
            let leader = self.me();
            self.say(&Note::Line { leader, id, data });
        }
    }

    fn reopen_if_dirty(&self, milliseconds: u64) {
        if self.with_desk(|desk| desk.is_dirty()) == Some(true) {
            self.reopen_in(milliseconds);
        }
    }

    fn want(&self, in_step: bool) -> Want {
        let line = self.line.borrow();
        let thread = line.thread.filter(|_| !line.machine.is_gone());
        Want {
            open: thread.and_then(|thread| Some((thread.id, thread.cursor()?))),
            hidden: clock::is_hidden(),
            in_step,
        }
    }

    fn say(&self, note: &Note) {
        if let Some(relay) = &*self.relay.borrow() {
            relay.say(note);
        }
    }

    fn me(&self) -> Tab {
        self.relay.borrow().as_ref().map_or(0, |relay| relay.me)
    }

    fn leads(&self) -> bool {
        let relay = self.relay.borrow();
        relay.as_ref().is_some_and(|relay| relay.lock.is_held())
    }

    fn holds(&self) -> bool {
        self.line.borrow().desk.is_some()
    }
}

/// Another tab took the lead because this one did not answer: it follows from now on.
fn granted_to_another(supervisor: &Supervisor) {
    supervisor.line.borrow_mut().desk = None;
    if supervisor.line.borrow().machine.is_up() {
        supervisor.feed(Input::Restored);
    }
}
