//! Coming in: what a new session consists of, and what its person is told of it.

use std::time::Duration;

use parlance_core::domain::{DeviceKind, ProblemCode, SessionId, Timestamp, User, UserId};

use super::{
    Accounts,
    token::{Purpose, Token},
};
use crate::{
    port::store::{NewSession, NewTokens, Renewal, SessionKind},
    service::{
        Client, Error, Viewer,
        audit::{Entry, Kind},
        letters::Letter,
    },
};

/// Longest user agent that is kept, characters.
const USER_AGENT_CHARS: usize = 200;

/// A person who has just come in.
#[derive(Clone)]
pub struct Entered {
    pub user: User,
    pub session_id: SessionId,
    /// Goes into the cookie; only its hash is kept.
    pub token: String,
    pub expires_at: Timestamp,
    pub max_age_seconds: i64,
    /// For API clients alone.
    pub tokens: Option<Tokens>,
}

/// What an API client signs its requests with.
#[derive(Clone)]
pub struct Tokens {
    /// Opaque, short-lived.
    pub access_token: String,
    /// Good once: it brings the next pair.
    pub refresh_token: String,
    /// Of the access token, seconds from now.
    pub expires_in: u64,
}

/// How far a sign-in got.
#[derive(Clone)]
pub enum Step {
    Entered(Box<Entered>),
    /// The password was right; `challenge` goes along with the code of the second factor.
    FactorNeeded {
        challenge: String,
        expires_at: Timestamp,
    },
}

/// A session that is not stored yet, with the secrets that only its client will know.
pub(super) struct Fresh {
    pub(super) session: NewSession,
    token: Token,
    tokens: Option<Tokens>,
    lifetime: i64,
}

impl Fresh {
    pub(super) fn entered(self, user: User) -> Entered {
        Entered {
            user,
            session_id: self.session.id,
            token: self.token.into_text(),
            expires_at: self.session.expires_at,
            max_age_seconds: self.lifetime,
            tokens: self.tokens,
        }
    }
}

/// A session that is to take the place of the one that asks, because signing in will mean another thing than before: what
/// was known of the old one is worth nothing any more. Stored by whoever makes the change, together with it.
pub(in crate::service) struct Renewing {
    fresh: Fresh,
    old: SessionId,
    user: User,
}

impl Renewing {
    pub(in crate::service) fn renewal(&self) -> Renewal {
        Renewal {
            old: self.old,
            new: self.fresh.session.clone(),
        }
    }

    pub(in crate::service) fn entered(self) -> Entered {
        self.fresh.entered(self.user)
    }
}

impl Accounts {
    /// A new session of the same kind for the device that asks.
    ///
    /// # Errors
    /// `Internal` without randomness, `Refused(Forbidden)` for an API key.
    pub(in crate::service) fn renewing(
        &self,
        viewer: &Viewer,
        client: &Client,
    ) -> Result<Renewing, Error> {
        let kind = match viewer.kind {
            SessionKind::Browser => DeviceKind::Browser,
            SessionKind::Api => DeviceKind::Api,
            SessionKind::Key => return Err(Error::Refused(ProblemCode::Forbidden)),
        };
        let client = Client {
            kind,
            ..client.clone()
        };
        Ok(Renewing {
            fresh: self.fresh(&client)?,
            old: viewer.session_id,
            user: viewer.user.clone(),
        })
    }

    /// # Errors
    /// `Internal` without randomness.
    pub(super) fn fresh(&self, client: &Client) -> Result<Fresh, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let lifetime = seconds(self.config.accounts.session_lifetime);
        let expires_at = created_at.plus_seconds(lifetime);
        let (tokens, hashes) = match client.kind {
            DeviceKind::Browser => (None, None),
            DeviceKind::Api => {
                let (tokens, hashes) = self.pair(created_at)?;
                (Some(tokens), Some(hashes))
            }
        };
        let user_agent: Option<String> = client
            .user_agent
            .as_ref()
            .map(|text| text.chars().take(USER_AGENT_CHARS).collect());
        let session = NewSession {
            id: SessionId(self.clock.new_id()),
            kind: client.kind.into(),
            token_hash: token.hash(),
            // An update of a browser makes no new device.
            agent: user_agent
                .iter()
                .flat_map(|text| text.chars())
                .filter(|letter| !letter.is_ascii_digit())
                .collect(),
            user_agent,
            address: client.address,
            created_at,
            expires_at,
            tokens: hashes,
        };
        Ok(Fresh {
            session,
            token,
            tokens,
            lifetime,
        })
    }

    /// A pair of tokens that are good from now on.
    pub(super) fn pair(&self, now: Timestamp) -> Result<(Tokens, NewTokens), Error> {
        let (access, refresh) = (
            Token::mint(Purpose::Access)?,
            Token::mint(Purpose::Refresh)?,
        );
        let lasts = self.config.accounts.access_lifetime;
        let hashes = NewTokens {
            access_hash: access.hash(),
            access_expires_at: now.plus_seconds(seconds(lasts)),
            refresh_hash: refresh.hash(),
        };
        let tokens = Tokens {
            access_token: access.into_text(),
            refresh_token: refresh.into_text(),
            expires_in: lasts.as_secs(),
        };
        Ok((tokens, hashes))
    }

    /// After a session was stored: a letter when its device was never seen, and the log.
    pub(super) async fn has_entered(&self, user: &User, is_known_device: bool, client: &Client) {
        if !is_known_device {
            let letter = Letter::NewDevice {
                device: client.user_agent.clone(),
                when: self.clock.now(),
                address: client.address.map(|address| address.to_string()),
            };
            self.notify(user, letter, client);
        }
        self.audit
            .record(Entry::new(Kind::SignedIn).by(user.id).from(client))
            .await;
    }

    /// Tells a person what became of their account. Where addresses must be confirmed, one that is not may be a stranger's,
    /// who shall get no letters for what others do.
    pub(in crate::service) fn notify(&self, user: &User, letter: Letter, client: &Client) {
        if user.email_verified || !self.needs_verification() {
            self.letters.send(&user.email, client.locale, letter);
        }
    }

    /// Closes what these sessions hold open, here and on the other instances.
    pub(in crate::service) fn cut(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.engine.revoke(*session);
        }
    }

    /// The moment before which a session must have been used to be alive.
    pub(super) fn idle_since(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-seconds(self.config.accounts.session_idle))
    }

    pub(super) fn new_user_id(&self) -> UserId {
        UserId(self.clock.new_id())
    }
}

pub(super) fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
