//! Where a person is signed in, and ending it there.

use parlance_core::domain::{Device, SessionId};

use super::{Accounts, Entered};
use crate::service::{
    Client, Error, Owned, Viewer,
    audit::{Entry, Kind},
};

impl Accounts {
    /// The viewer's devices, the one last used first. API keys are none.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn devices(&self, viewer: &Viewer) -> Result<Vec<Device>, Error> {
        viewer.in_person()?;
        let now = self.clock.now();
        let idle_since = self.idle_since(now);
        let sessions = self.store.sessions(viewer.user.id, now, idle_since).await?;
        Ok(sessions
            .into_iter()
            .map(|session| Device {
                is_current: session.id == viewer.session_id,
                id: session.id,
                kind: session.kind,
                user_agent: session.user_agent,
                address: session.address,
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
            })
            .collect())
    }

    /// Signs one device out and closes its streams.
    ///
    /// # Errors
    /// `NotFound`, `Refused(Forbidden)` for an API key.
    pub async fn revoke_device(&self, viewer: &Viewer, session: SessionId) -> Result<(), Error> {
        viewer.in_person()?;
        let ended = self.ended(viewer, session).await?;
        let entry = Entry::new(Kind::SessionRevoked)
            .by(viewer.user.id)
            .about(ended.0);
        self.audit.record(entry).await;
        Ok(())
    }

    /// Signs all devices out but the one that asks; how many.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn revoke_others(&self, viewer: &Viewer) -> Result<u64, Error> {
        self.end_all(viewer, Some(viewer.session_id)).await
    }

    /// Signs all devices out, the one that asks too.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn sign_out_everywhere(&self, viewer: &Viewer) -> Result<(), Error> {
        self.end_all(viewer, None).await.map(|_| ())
    }

    /// Gives the device that asks a new session in the place of its old one: what was known of that one is worth nothing
    /// any more. For changes of what a session may do.
    ///
    /// # Errors
    /// `Unauthenticated` when it has just ended, `Refused(Forbidden)` for an API key.
    pub async fn renew(&self, viewer: &Viewer, client: &Client) -> Result<Entered, Error> {
        viewer.in_person()?;
        let fresh = self.fresh(client)?;
        let (owner, old) = (viewer.user.id, viewer.session_id);
        match self
            .store
            .replace_session(owner, old, fresh.session.clone())
            .await
        {
            Err(crate::port::store::StoreError::NotFound) => return Err(Error::Unauthenticated),
            replaced => replaced?,
        }
        self.cut(&[old]);
        Ok(fresh.entered(viewer.user.clone()))
    }

    /// Ends a session of the viewer's, API key or not.
    pub(super) async fn ended(
        &self,
        viewer: &Viewer,
        session: SessionId,
    ) -> Result<Owned<SessionId>, Error> {
        let ended = Owned::find(viewer, |owner| async move {
            let was_there = self.store.delete_session(owner, session).await?;
            Ok(was_there.then_some(session))
        })
        .await?;
        self.cut(&[*ended]);
        Ok(ended)
    }

    async fn end_all(&self, viewer: &Viewer, except: Option<SessionId>) -> Result<u64, Error> {
        viewer.in_person()?;
        let ended = self.store.delete_sessions(viewer.user.id, except).await?;
        self.cut(&ended);
        let entry = Entry::new(Kind::SessionRevoked)
            .by(viewer.user.id)
            .note("count", ended.len());
        self.audit.record(entry).await;
        Ok(ended.len() as u64)
    }
}
