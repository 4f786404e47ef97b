//! API keys: programs that act for a person, with all rights but those over the account.

use parlance_core::domain::{ApiKey, ApiKeyId, FieldCode, SessionId, Timestamp};

use super::{
    Accounts,
    token::{Purpose, Token},
};
use crate::{
    port::store::{NewApiKey, NewSession, SessionKind},
    service::{
        Client, Error, Owned, Viewer,
        audit::{Entry, Kind},
        fields,
    },
};

/// Keys of one person.
const MOST: u32 = 50;
/// Longest name, characters.
const NAME_CHARS: usize = 100;
/// The end of a session that has none: the last day of the year 9999, which every database can hold.
const NEVER: Timestamp = Timestamp(253_402_214_400_000_000);

impl Accounts {
    /// The viewer's keys, the newest first.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn api_keys(&self, viewer: &Viewer) -> Result<Vec<ApiKey>, Error> {
        self.audit.in_person(viewer).await?;
        Ok(self.store.api_keys(viewer.user.id).await?)
    }

    /// Makes a key that is good until it is revoked. The text is its secret, which is not kept.
    ///
    /// # Errors
    /// As [`Self::make_api_key_until`].
    pub async fn make_api_key(
        &self,
        viewer: &Viewer,
        name: &str,
        current_password: &str,
        client: &Client,
    ) -> Result<(ApiKey, String), Error> {
        self.make_api_key_until(viewer, name, None, current_password, client)
            .await
    }

    /// Makes a key that ends at a moment, if one is given.
    ///
    /// # Errors
    /// `Invalid` (`name`, `expires_at`), `Unconfirmed`, `Refused(Conflict)` when there are too many, `Later(RateLimited)`,
    /// `Refused(Forbidden)` for an API key.
    pub async fn make_api_key_until(
        &self,
        viewer: &Viewer,
        name: &str,
        expires_at: Option<Timestamp>,
        current_password: &str,
        client: &Client,
    ) -> Result<(ApiKey, String), Error> {
        self.audit.in_person(viewer).await?;
        let created_at = self.clock.now();
        let name = checked_name(name)?;
        if expires_at.is_some_and(|end| end <= created_at || end > NEVER) {
            return Err(Error::field("expires_at", FieldCode::Malformed));
        }
        let checked = self
            .confirm
            .checked(viewer, current_password, client)
            .await?;
        let token = Token::mint(Purpose::ApiKey)?;
        let session = NewSession {
            id: SessionId(self.clock.new_id()),
            kind: SessionKind::Key,
            token_hash: token.hash(),
            user_agent: None,
            agent: String::new(),
            address: client.address,
            created_at,
            expires_at: expires_at.unwrap_or(NEVER),
            tokens: None,
        };
        let key = ApiKey {
            id: ApiKeyId(session.id.0),
            name: name.to_owned(),
            last4: token.last4(),
            created_at,
            last_used_at: None,
            expires_at,
        };
        let new = NewApiKey {
            name: key.name.clone(),
            last4: key.last4.clone(),
            expires_at,
            session,
        };
        let made = self
            .store
            .create_api_key(viewer.user.id, &checked.0, new, MOST);
        self.confirm.current(viewer, made.await).await?;
        let entry = Entry::new(Kind::ApiKeyMade)
            .by(viewer.user.id)
            .from(client)
            .about(key.id.0);
        self.audit.record(entry).await;
        Ok((key, token.into_text()))
    }

    /// Ends a key and what is open by it.
    ///
    /// # Errors
    /// `NotFound`, also for a device's session; `Refused(Forbidden)` for an API key that asks.
    pub async fn revoke_api_key(
        &self,
        viewer: &Viewer,
        id: ApiKeyId,
        client: &Client,
    ) -> Result<(), Error> {
        self.audit.in_person(viewer).await?;
        let ended = Owned::find(viewer, |owner| async move {
            let was_there = self.store.delete_api_key(owner, id).await?;
            Ok(was_there.then_some(id))
        })
        .await?;
        self.cut(&[SessionId(ended.0)]);
        let entry = Entry::new(Kind::ApiKeyRevoked)
            .by(viewer.user.id)
            .from(client)
            .about(ended.0);
        self.audit.record(entry).await;
        Ok(())
    }
}

fn checked_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    fields::refuse([("name", fields::name(name, NAME_CHARS))])?;
    Ok(name)
}
