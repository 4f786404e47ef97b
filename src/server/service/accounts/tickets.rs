//! Passes for WebSockets: a browser cannot send a header with one, and a token in an address ends up in logs, so the token
//! is good once and for a minute.

use parlance_core::domain::Timestamp;

use super::{
    Accounts,
    token::{Purpose, Token},
};
use crate::{
    port::store::NewTicket,
    service::{Error, Viewer},
};

const TICKET_SECONDS: i64 = 60;

/// A pass for one WebSocket.
#[derive(Clone)]
pub struct Ticket {
    pub token: String,
    pub expires_at: Timestamp,
}

impl Accounts {
    /// A pass that the first who shows it uses up.
    ///
    /// # Errors
    /// Storage only.
    pub async fn ticket(&self, viewer: &Viewer) -> Result<Ticket, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let now = self.clock.now();
        let expires_at = now.plus_seconds(TICKET_SECONDS);
        let ticket = NewTicket {
            token_hash: token.hash(),
            session_id: viewer.session_id,
            user_id: viewer.user.id,
            expires_at,
        };
        self.store.create_ticket(ticket, now).await?;
        Ok(Ticket {
            token: token.into_text(),
            expires_at,
        })
    }

    /// Uses a ticket up; `None` when it is none, or was used, or its session has ended.
    ///
    /// # Errors
    /// Storage only.
    pub async fn redeem(&self, token: &str) -> Result<Option<Viewer>, Error> {
        let Some(hash) = Token::hash_of(Purpose::Unmarked, token) else {
            return Ok(None);
        };
        let signed_in = self.store.take_ticket(&hash, self.clock.now()).await?;
        Ok(signed_in.map(|signed_in| Viewer {
            user: signed_in.user,
            session_id: signed_in.session_id,
            kind: signed_in.kind,
            preferences: signed_in.preferences,
        }))
    }

    /// Drops what has expired, and what is left of deleted accounts; called now and then.
    ///
    /// # Errors
    /// Storage only.
    pub async fn purge(&self) -> Result<(), Error> {
        const BATCH: u32 = 1_000;
        self.finish_deletions().await?;
        let now = self.clock.now();
        while self.store.purge_sessions(now, BATCH).await? == u64::from(BATCH) {}
        Ok(())
    }
}
