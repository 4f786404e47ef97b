//! Access and refresh tokens (RFC 9700 §4.14): a refresh token is good once, and whoever shows a used one has a copy.

use parlance_core::domain::{ProblemCode, User};

use super::{
    Accounts,
    entering::{Tokens, seconds},
    token::{Purpose, Token},
};
use crate::{
    port::store::Rotation,
    service::{
        Client, Error, Viewer,
        audit::{Entry, Kind},
    },
};

/// A renewed pair.
#[derive(Clone)]
pub struct Refreshed {
    pub user: User,
    pub tokens: Tokens,
}

impl Accounts {
    /// Gives the next pair for a refresh token.
    ///
    /// # Errors
    /// `Unauthenticated` for one that is unknown, whose session has ended, or that was used before, which ends the
    /// session; `Refused(RefreshSuperseded)` when another request has used it a moment ago.
    pub async fn refresh(&self, token: &str, client: &Client) -> Result<Refreshed, Error> {
        let hash = Token::hash_of(Purpose::Refresh, token).ok_or(Error::Unauthenticated)?;
        let now = self.clock.now();
        let (tokens, hashes) = self.pair(now)?;
        let grace_since = now.plus_seconds(-seconds(self.config.accounts.refresh_grace));
        let rotation = self
            .store
            .rotate_refresh(&hash, hashes, now, self.idle_since(now), grace_since)
            .await?;
        match rotation {
            Rotation::Done(signed_in) => Ok(Refreshed {
                user: signed_in.user,
                tokens,
            }),
            Rotation::Superseded => Err(Error::Refused(ProblemCode::RefreshSuperseded)),
            Rotation::Reused { user, session } => {
                self.cut(&[session]);
                let entry = Entry::new(Kind::RefreshReused).from(client).about(user.0);
                self.audit.record(entry).await;
                tracing::warn!(user_id = %user, "a used refresh token was shown: its session has ended");
                Err(Error::Unauthenticated)
            }
            Rotation::Unknown => Err(Error::Unauthenticated),
        }
    }

    /// Whose refresh token this is, for clients that sign with it instead of an access token. It stays good.
    ///
    /// # Errors
    /// Storage only.
    pub async fn refresh_viewer(&self, token: &str) -> Result<Option<Viewer>, Error> {
        let Some(hash) = Token::hash_of(Purpose::Refresh, token) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let found = self
            .store
            .refresh_holder(&hash, now, self.idle_since(now))
            .await?;
        Ok(found.map(|signed_in| self.seen(signed_in, now)))
    }

    /// Whose access token or API key this is; `None` for rubbish, expired ones, ended sessions and disabled accounts.
    ///
    /// # Errors
    /// Storage only.
    pub async fn bearer(&self, token: &str, client: &Client) -> Result<Option<Viewer>, Error> {
        let now = self.clock.now();
        let idle_since = self.idle_since(now);
        if let Some(hash) = Token::hash_of(Purpose::Access, token) {
            let found = self.store.access(&hash, now, idle_since).await?;
            return Ok(found.map(|signed_in| self.seen(signed_in, now)));
        }
        let Some(hash) = Token::hash_of(Purpose::ApiKey, token) else {
            return Ok(None);
        };
        let found = self.store.session(&hash, now, idle_since).await?;
        if found.is_none() {
            self.audit
                .record(Entry::new(Kind::ApiKeyRefused).from(client))
                .await;
        }
        Ok(found.map(|signed_in| self.seen(signed_in, now)))
    }
}
