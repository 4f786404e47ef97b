//! When to open a stream, when to wait and when to give up: a machine without a clock, a socket or a dice of its own.
//!
//! The browser's `EventSource` is a transport, not a policy: it dies for good on any status other than 200 and never
//! says why. Times are milliseconds of any monotone clock that the caller passes in.

#[cfg(test)]
mod tests;

use parlance_core::domain::{Bye, ByeReason};

/// A new stream has to say hello within this.
const HELLO_MS: f64 = 10_000.0;
/// Silence longer than this is death: two and a half heartbeats.
const SILENCE_MS: f64 = 25_000.0;
/// How often an open stream is looked at: the browser does not tell when it reconnects by itself.
const LOOK_MS: f64 = 1_000.0;
/// What the browser waits before it reconnects by itself when the server named no time.
const NATIVE_RETRY_MS: f64 = 3_000.0;
/// A tab that nobody sees and where nothing runs gives its stream up after this.
const HIDDEN_MS: f64 = 60_000.0;
/// After this long without a stream the state is read anew: truth beats events.
const STALE_MS: f64 = 30_000.0;
/// Shorter interruptions are nobody's business.
const QUIET_MS: f64 = 2_000.0;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// The page is there.
    Open,
    /// The stream greeted.
    Hello,
    /// Any other event, pings included.
    Beat,
    /// Frames were missing.
    Gap,
    /// The state must be read anew.
    Stale,
    Bye(Bye),
    /// The stream is dead for good, or reading the state failed.
    Closed,
    /// The browser is reconnecting by itself.
    Retrying,
    Probed(Probe),
    Online,
    Offline,
    Hidden,
    Visible,
    /// The page came back out of the back/forward cache.
    Restored,
    /// A deadline passed.
    Tick,
}

/// What asking the server told about a stream that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The session stands, or nobody answers: try again later.
    Later,
    SignedOut,
    Gone,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open a stream at the own cursor.
    Connect,
    /// Close the stream, if there is one.
    Disconnect,
    /// Ask who we are and whether the conversation is still there.
    Probe,
    /// Read the conversation anew, then open a stream.
    Refetch,
}

/// What the person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    Reconnecting,
    Offline,
    SignedOut,
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    Connecting {
        until: f64,
    },
    Live,
    /// The server or the network closed it and the browser reconnects by itself.
    Waiting {
        until: f64,
    },
    /// `None` while the probe is out.
    Backoff {
        until: Option<f64>,
    },
    Offline,
    Frozen,
    SignedOut,
    Gone,
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
        }
    }
}

impl Machine {
    /// Moves on. `busy`: a reply is being written; `dice`: uniform in `0.0..1.0`.
    pub fn step(&mut self, input: Input, now: f64, busy: bool, dice: f64) -> Vec<Command> {
        match input {
            Input::Hidden => self.hidden = Some(now),
            Input::Visible => self.hidden = None,
            Input::Hello | Input::Beat => self.heard = now,
            _ => {}
        }
        // Who signed in again did so in another tab: coming back here is the sign to try.
        let returned = matches!(input, Input::Visible | Input::Restored);
        if self.state == State::Gone || (self.state == State::SignedOut && !returned) {
            return Vec::new();
        }
        match input {
            Input::Open => self.connect(now),
            Input::Hello => {
                self.state = State::Live;
                self.down = None;
                Vec::new()
            }
            Input::Beat => {
                self.attempt = 0;
                Vec::new()
            }
            Input::Gap | Input::Stale => {
                self.lose(now);
                self.stale |= input == Input::Stale;
                let until = Some(now + self.delay(dice));
                self.state = State::Backoff { until };
                vec![Command::Disconnect]
            }
            Input::Bye(bye) => self.farewell(bye, now),
            Input::Closed => self.probe(now),
            Input::Retrying if self.state == State::Live => {
                self.lose(now);
                self.state = State::Waiting {
                    until: now + 2.0 * NATIVE_RETRY_MS + HELLO_MS,
                };
                Vec::new()
            }
            Input::Probed(probe) => self.probed(probe, now, dice),
            Input::Online | Input::Visible | Input::Restored => self.wake(input, now),
            Input::Offline => {
                self.lose(now);
                self.state = State::Offline;
                vec![Command::Disconnect]
            }
            Input::Tick => self.tick(now, busy),
            Input::Retrying | Input::Hidden => Vec::new(),
        }
    }

    /// When the machine wants its next `Tick`, if nothing else happens.
    #[must_use]
    pub fn deadline(&self, now: f64) -> Option<f64> {
        let next = match self.state {
            State::Live => Some((self.heard + SILENCE_MS).min(now + LOOK_MS)),
            State::Connecting { until } | State::Waiting { until } => Some(until),
            State::Backoff { until } => until,
            State::Idle | State::Offline | State::Frozen | State::SignedOut | State::Gone => None,
        };
        let speak = self
            .down
            .map(|since| since + QUIET_MS)
            .filter(|&at| at > now);
        [next, speak].into_iter().flatten().reduce(f64::min)
    }

    /// Whether a stream should be open: then it is worth a look at how it is.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// What the person should know now.
    #[must_use]
    pub fn notice(&self, now: f64) -> Option<Notice> {
        match self.state {
            State::SignedOut => Some(Notice::SignedOut),
            State::Gone => Some(Notice::Gone),
            State::Offline => Some(Notice::Offline),
            State::Idle | State::Frozen | State::Live => None,
            State::Connecting { .. } | State::Waiting { .. } | State::Backoff { .. } => self
                .down
                .filter(|since| now - since >= QUIET_MS)
                .map(|_| Notice::Reconnecting),
        }
    }

    fn connect(&mut self, now: f64) -> Vec<Command> {
        let stale = std::mem::take(&mut self.stale)
            || self.down.is_some_and(|since| now - since > STALE_MS);
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

    fn lose(&mut self, now: f64) {
        self.down.get_or_insert(now);
    }

    fn probe(&mut self, now: f64) -> Vec<Command> {
        if self.state == State::Offline || self.state == State::Frozen {
            return Vec::new();
        }
        self.lose(now);
        self.state = State::Backoff { until: None };
        vec![Command::Disconnect, Command::Probe]
    }

    /// Full jitter: as late as doubling allows, as early as chance wants.
    fn delay(&mut self, dice: f64) -> f64 {
        let ceiling = (500.0 * f64::from(1u32 << self.attempt.min(6))).min(30_000.0);
        self.attempt += 1;
        ceiling * dice
    }

    fn probed(&mut self, probe: Probe, now: f64, dice: f64) -> Vec<Command> {
        if !matches!(
            self.state,
            State::Backoff { until: None } | State::Connecting { .. }
        ) {
            return Vec::new();
        }
        self.state = match probe {
            Probe::SignedOut => State::SignedOut,
            Probe::Gone => State::Gone,
            Probe::Later => State::Backoff {
                until: Some(now + self.delay(dice)),
            },
        };
        vec![Command::Disconnect]
    }

    fn farewell(&mut self, bye: Bye, now: f64) -> Vec<Command> {
        match bye.reason {
            ByeReason::Gone => {
                self.state = State::Gone;
                vec![Command::Disconnect]
            }
            ByeReason::Revoked => self.probe(now),
            ByeReason::Rotate | ByeReason::Drain | ByeReason::Idle | ByeReason::Overload => {
                self.lose(now);
                self.state = State::Waiting {
                    until: now + 2.0 * bye.retry_ms as f64 + HELLO_MS,
                };
                Vec::new()
            }
        }
    }

    fn wake(&mut self, input: Input, now: f64) -> Vec<Command> {
        match (input, self.state) {
            (_, State::Idle) | (Input::Visible, State::Offline) => Vec::new(),
            (Input::Restored, _)
            | (Input::Online, State::Offline)
            | (Input::Online | Input::Visible, State::Backoff { until: Some(_) })
            | (Input::Visible, State::Frozen | State::SignedOut) => self.connect(now),
            _ => Vec::new(),
        }
    }

    fn tick(&mut self, now: f64, busy: bool) -> Vec<Command> {
        let unseen = self.hidden.is_some_and(|since| now - since >= HIDDEN_MS);
        match self.state {
            State::Live | State::Waiting { .. } | State::Backoff { .. } if unseen && !busy => {
                self.lose(now);
                self.state = State::Frozen;
                vec![Command::Disconnect]
            }
            State::Live if now - self.heard >= SILENCE_MS => self.probe(now),
            State::Connecting { until } | State::Waiting { until } if now >= until => {
                self.probe(now)
            }
            State::Backoff { until: Some(until) } if now >= until => self.connect(now),
            _ => Vec::new(),
        }
    }
}
