//! Letters to people: what an account needs to be confirmed, and what its owner must hear of.
//!
//! `send` returns at once; a letter is handed over in the background, again after a while where that fails, and what is
//! under way when the process ends gets one more chance. Letters are not kept over a crash: whoever misses one asks again.
//! Must not enter: SMTP (that is `port::mailer`), and secrets but the one link that the letter is about.

mod html;
mod words;

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{Timestamp, preferences::Language};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use crate::port::mailer::{Mail, MailError, Mailer};

/// Letters that may wait or be on their way; more are dropped, with a word in the log.
const WAITING: u32 = 256;
/// Letters that are handed over at the same time.
const AT_ONCE: usize = 4;
/// How often a letter is tried.
const ATTEMPTS: u32 = 5;

/// What a letter says.
#[derive(Clone, PartialEq, Eq)]
pub enum Letter {
    /// To the address that shall be confirmed.
    VerifyEmail {
        link: String,
        /// The name of the account that the link makes, if there is none yet.
        waiting: Option<String>,
    },
    ResetPassword {
        link: String,
    },
    /// To whoever has an address with which somebody wanted to register. Both are addresses of pages.
    AddressInUse {
        sign_in: String,
        reset: String,
    },
    /// To whoever has an address that somebody else wanted for their account. Both are addresses of pages.
    AddressWanted {
        sign_in: String,
        reset: String,
    },
    /// Somebody signed in from where nobody signed in before.
    NewDevice {
        /// As the client called itself.
        device: Option<String>,
        when: Timestamp,
        /// IP address.
        address: Option<String>,
    },
    PasswordChanged,
    /// To the old address.
    EmailChanged {
        to: String,
    },
    FactorChanged(FactorChange),
}

/// What became of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorChange {
    On,
    Off,
    NewBackupCodes,
}

impl Letter {
    /// For the log, which does not say more.
    fn word(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::ResetPassword { .. } => "reset_password",
            Self::AddressInUse { .. } => "address_in_use",
            Self::AddressWanted { .. } => "address_wanted",
            Self::NewDevice { .. } => "new_device",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged { .. } => "email_changed",
            Self::FactorChanged(_) => "factor_changed",
        }
    }
}

impl std::fmt::Debug for Letter {
    /// A link opens doors.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// The letter desk.
#[derive(Clone)]
pub struct Letters(Arc<Desk>);

struct Desk {
    mailer: Arc<dyn Mailer>,
    /// Before the second attempt; each further waits four times as long.
    pause: Duration,
    places: Arc<Semaphore>,
    turns: Semaphore,
    closing: watch::Sender<bool>,
}

impl Letters {
    /// `pause`: before a letter is tried for the second time.
    #[must_use]
    pub fn new(mailer: Arc<dyn Mailer>, pause: Duration) -> Self {
        Self(Arc::new(Desk {
            mailer,
            pause,
            places: Arc::new(Semaphore::new(WAITING as usize)),
            turns: Semaphore::new(AT_ONCE),
            closing: watch::Sender::new(false),
        }))
    }

    /// Whether letters really reach people; without it nothing may depend on one.
    #[must_use]
    pub fn can_send(&self) -> bool {
        self.0.mailer.can_send()
    }

    /// Sends a letter to an address that was checked when it was typed. Returns at once and never fails.
    pub fn send(&self, to: &str, language: Language, letter: Letter) {
        let word = letter.word();
        if *self.0.closing.borrow() {
            tracing::warn!(letter = word, "a letter was dropped: this server is ending");
            return;
        }
        let Ok(place) = self.0.places.clone().try_acquire_owned() else {
            tracing::warn!(letter = word, "a letter was dropped: too many are waiting");
            return;
        };
        let mail = words::compose(to, language, &letter);
        let desk = self.0.clone();
        tokio::spawn(desk.deliver(mail, word, place));
    }

    /// Gives what is under way one more chance, for `grace` at the most.
    pub async fn settle(&self, grace: Duration) {
        self.0.closing.send_replace(true);
        let all = self.0.places.acquire_many(WAITING);
        if timeout(grace, all).await.is_err() {
            let count = WAITING as usize - self.0.places.available_permits();
            tracing::warn!(count, "letters are lost: there was no time to send them");
        }
    }
}

impl Desk {
    async fn deliver(
        self: Arc<Self>,
        mail: Mail,
        letter: &'static str,
        place: OwnedSemaphorePermit,
    ) {
        let mut closing = self.closing.subscribe();
        let mut pause = self.pause;
        for attempt in 1..=ATTEMPTS {
            let is_last = attempt == ATTEMPTS || *closing.borrow();
            let outcome = {
                // The semaphore is never closed.
                let _turn = self.turns.acquire().await;
                self.mailer.send(&mail).await
            };
            match outcome {
                Ok(()) => {
                    tracing::info!(letter, attempt, "a letter was sent");
                    break;
                }
                Err(MailError::Later(reason)) if !is_last => {
                    tracing::warn!(letter, attempt, reason, "a letter is tried again later");
                    tokio::select! {
                        () = sleep(pause) => {}
                        _ = closing.wait_for(|closing| *closing) => {}
                    }
                    pause = pause.saturating_mul(4);
                }
                Err(error) => {
                    tracing::error!(letter, attempt, %error, "a letter is lost");
                    break;
                }
            }
        }
        drop(place);
    }
}

#[cfg(test)]
mod tests;
