//! When to open a stream, when to wait and when to give up: a machine without a clock, a socket or a dice of its own.
//!
//! The browser's `EventSource` is a transport, not a policy: it dies for good on any status other than 200 and never
//! says why, and when it comes back by itself it knows one position only, where the account-wide stream has many. Where
//! tabs share a stream, the machine of each runs as if it had one: a greeting in the tab that holds it is a greeting in
//! all. Times are milliseconds of any monotone clock that the caller passes in.

#[cfg(test)]
mod tests;
mod vocabulary;

use parlance_core::domain::{Bye, ByeReason};

pub use vocabulary::{Command, Input, Notice, Probe};

/// A new stream has to say hello within this.
const HELLO_MS: f64 = 10_000.0;
/// Silence longer than this is death: two and a half heartbeats.
const SILENCE_MS: f64 = 25_000.0;
/// The server answers a probe within this, or nobody is there.
const PROBE_MS: f64 = 3_000.0;
/// Another tab answers within this, or does not run.
const ANSWER_MS: f64 = 2_000.0;
/// How long the tab that holds the stream may try to get it back before it is asked again.
const PATIENCE_MS: f64 = 45_000.0;
/// Between two readings of a conversation that no stream carries.
const POLL_MS: f64 = 3_000.0;
/// A tab that nobody sees and where nothing runs gives its stream up after this.
const HIDDEN_MS: f64 = 60_000.0;
/// After this long without a stream the state is read anew: truth beats events.
const STALE_MS: f64 = 30_000.0;
/// Shorter interruptions are nobody's business.
const QUIET_MS: f64 = 2_000.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    /// The stream is being opened.
    Connecting {
        until: f64,
    },
    /// Another tab was asked, for the second time or not.
    Asking {
        until: f64,
        again: bool,
    },
    Live,
    /// The server closed it and said when to come back, or another tab is getting it back.
    Waiting {
        until: f64,
    },
    /// The probe is out.
    Probing {
        until: f64,
    },
    Backoff {
        until: f64,
    },
    /// No stream carries the conversation: it is read now and then.
    Polling {
        until: f64,
    },
    Offline,
    Frozen,
    SignedOut,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Machine {
    state: State,
    /// Attempts since anything but a greeting was received.
    attempt: u32,
    /// When the last event came.
    heard: f64,
    /// Since when there is no stream; `None` while there is one.
    down: Option<f64>,
    hidden: Option<f64>,
    /// The state has to be read anew before the next stream.
    stale: bool,
    gone: bool,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            state: State::Idle,
            attempt: 0,
            heard: 0.0,
            down: None,
            hidden: None,
            stale: false,
            gone: false,
        }
    }
}

impl Machine {
    /// Moves on. `busy`: a reply is being written; `dice`: uniform in `0.0..1.0`.
    pub fn step(&mut self, input: Input, now: f64, busy: bool, dice: f64) -> Vec<Command> {
        match input {
            Input::Hidden => self.hidden = Some(now),
            Input::Visible => self.hidden = None,
            Input::Turned => self.gone = false,
            Input::Gone => self.gone = true,
            _ => {}
        }
        // Who signed in again did so in another tab: coming back here is the sign to try.
        let returned = matches!(input, Input::Visible | Input::Restored);
        if self.state == State::SignedOut && !returned {
            return Vec::new();
        }
        match input {
            Input::Open => self.connect(now),
            Input::Hello if self.is_up() => {
                let away = now - self.heard > STALE_MS;
                self.heard = now;
                self.state = State::Live;
                self.down = None;
                if away {
                    vec![Command::Refresh]
                } else {
                    Vec::new()
                }
            }
            Input::Beat => {
                self.heard = now;
                self.attempt = 0;
                Vec::new()
            }
            Input::Gap | Input::Stale if self.is_up() => {
                self.lose(now);
                self.stale |= input == Input::Stale;
                let until = now + self.delay(dice);
                self.state = State::Backoff { until };
                vec![Command::Disconnect]
            }
            Input::Bye(bye) if self.is_up() => self.farewell(bye, now),
            Input::Closed => self.probe(now),
            Input::Reopen => self.reopen(now),
            Input::Probed(probe) => self.probed(probe, now, dice),
            Input::Online | Input::Visible | Input::Restored => self.wake(input, now),
            Input::Offline | Input::Freeze => self.rest(input, now),
            Input::Tick => self.tick(now, busy, dice),
            Input::Asked | Input::Carried | Input::Refused | Input::Down | Input::Lead
                if self.is_up() =>
            {
                self.follow(input, now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// When the machine wants its next `Tick`, if nothing else happens.
    #[must_use]
    pub fn deadline(&self, now: f64, busy: bool) -> Option<f64> {
        let next = match self.state {
            State::Live => Some(self.heard + SILENCE_MS),
            State::Connecting { until }
            | State::Asking { until, .. }
            | State::Waiting { until }
            | State::Probing { until }
            | State::Backoff { until }
            | State::Polling { until } => Some(until),
            State::Idle | State::Offline | State::Frozen | State::SignedOut => None,
        };
        let speak = self
            .down
            .map(|since| since + QUIET_MS)
            .filter(|&at| at > now);
        let freeze = self
            .hidden
            .map(|since| since + HIDDEN_MS)
            .filter(|_| self.is_up() && !busy);
        [next, speak, freeze].into_iter().flatten().reduce(f64::min)
    }

    /// Whether the stream is open, here or in the tab that holds it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// Whether a stream is wanted, be it open or not.
    #[must_use]
    pub fn is_up(&self) -> bool {
        !matches!(
            self.state,
            State::Idle | State::Offline | State::Frozen | State::SignedOut
        )
    }

    /// Whether this tab has no use for a stream before the person comes back to it: it should not keep others waiting.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self.state, State::Frozen | State::SignedOut)
    }

    /// Whether the open conversation is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// What the person should know now.
    #[must_use]
    pub fn notice(&self, now: f64) -> Option<Notice> {
        match self.state {
            State::SignedOut => Some(Notice::SignedOut),
            _ if self.gone => Some(Notice::Gone),
            State::Offline => Some(Notice::Offline),
            State::Idle | State::Frozen | State::Live | State::Polling { .. } => None,
            State::Connecting { .. }
            | State::Asking { .. }
            | State::Waiting { .. }
            | State::Probing { .. }
            | State::Backoff { .. } => self
                .down
                .filter(|since| now - since >= QUIET_MS)
                .map(|_| Notice::Reconnecting),
        }
    }

    fn connect(&mut self, now: f64) -> Vec<Command> {
        let stale = std::mem::take(&mut self.stale) || now - self.heard > STALE_MS;
        self.lose(now);
        self.state = State::Connecting {
            until: now + HELLO_MS,
        };
        vec![
            Command::Disconnect,
            if stale {
                Command::Refetch
            } else {
                Command::Connect
            },
        ]
    }

    /// What is open goes on at the own cursors; nobody has to know.
    fn reopen(&mut self, now: f64) -> Vec<Command> {
        if !matches!(
            self.state,
            State::Connecting { .. } | State::Asking { .. } | State::Live | State::Polling { .. }
        ) {
            return Vec::new();
        }
        self.state = State::Connecting {
            until: now + HELLO_MS,
        };
        vec![Command::Disconnect, Command::Connect]
    }

    /// What there is to do with a stream that another tab holds, or that this one holds for others.
    fn follow(&mut self, input: Input, now: f64) {
        self.state = match input {
            Input::Asked => State::Asking {
                until: now + ANSWER_MS,
                again: matches!(self.state, State::Asking { .. }),
            },
            Input::Refused => {
                self.heard = now;
                self.stale = true;
                self.down = None;
                State::Polling {
                    until: now + POLL_MS,
                }
            }
            Input::Lead => State::Connecting {
                until: now + HELLO_MS,
            },
            _ => State::Waiting {
                until: now + PATIENCE_MS,
            },
        };
        if input != Input::Refused {
            self.lose(now);
        }
    }

    fn lose(&mut self, now: f64) {
        self.down.get_or_insert(now);
    }

    fn probe(&mut self, now: f64) -> Vec<Command> {
        if !self.is_up() {
            return Vec::new();
        }
        self.lose(now);
        self.state = State::Probing {
            until: now + PROBE_MS,
        };
        vec![Command::Disconnect, Command::Probe]
    }

    /// Full jitter: as late as doubling allows, as early as chance wants.
    fn delay(&mut self, dice: f64) -> f64 {
        let ceiling = (500.0 * f64::from(1u32 << self.attempt.min(6))).min(30_000.0);
        self.attempt += 1;
        ceiling * dice
    }

    fn probed(&mut self, probe: Probe, now: f64, dice: f64) -> Vec<Command> {
        // Reading the conversation anew may tell too who we are no longer.
        self.state = match (probe, self.state) {
            (Probe::SignedOut, State::Probing { .. } | State::Connecting { .. }) => {
                State::SignedOut
            }
            (Probe::Later, State::Probing { .. }) => State::Backoff {
                until: now + self.delay(dice),
            },
            _ => return Vec::new(),
        };
        vec![Command::Disconnect]
    }

    /// The browser would come back by itself, but with one position for all that the stream carries.
    fn farewell(&mut self, bye: Bye, now: f64) -> Vec<Command> {
        if bye.reason == ByeReason::Revoked {
            return self.probe(now);
        }
        self.lose(now);
        self.state = State::Waiting {
            until: now + bye.retry_ms as f64,
        };
        vec![Command::Disconnect]
    }

    fn rest(&mut self, input: Input, now: f64) -> Vec<Command> {
        if self.state == State::Idle {
            return Vec::new();
        }
        self.lose(now);
        self.state = if input == Input::Offline {
            State::Offline
        } else {
            State::Frozen
        };
        vec![Command::Disconnect]
    }

    fn wake(&mut self, input: Input, now: f64) -> Vec<Command> {
        match (input, self.state) {
            (_, State::Idle) | (Input::Visible, State::Offline) => Vec::new(),
            (Input::Online | Input::Visible, State::Backoff { .. }) => self.connect(now),
            (Input::Restored, _)
            | (Input::Online, State::Offline)
            | (Input::Visible, State::Frozen | State::SignedOut) => {
                // Being away on purpose is no interruption.
                self.down = None;
                self.connect(now)
            }
            _ => Vec::new(),
        }
    }

    fn tick(&mut self, now: f64, busy: bool, dice: f64) -> Vec<Command> {
        let unseen = self.hidden.is_some_and(|since| now - since >= HIDDEN_MS);
        if unseen && !busy && self.is_up() {
            return self.rest(Input::Freeze, now);
        }
        match self.state {
            State::Live if now - self.heard >= SILENCE_MS => self.probe(now),
            State::Connecting { until } if now >= until => self.probe(now),
            State::Probing { until } if now >= until => self.probed(Probe::Later, now, dice),
            State::Asking { until, again } if now >= until => {
                if again {
                    self.state = State::Connecting {
                        until: now + HELLO_MS,
                    };
                    vec![Command::Lead]
                } else {
                    vec![Command::Connect]
                }
            }
            State::Waiting { until } | State::Polling { until } | State::Backoff { until }
                if now >= until =>
            {
                self.connect(now)
            }
            _ => Vec::new(),
        }
    }
}
