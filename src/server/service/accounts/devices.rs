//! Where a person is signed in, and ending it there.

use parlance_core::domain::{Device, SessionId};

use super::{Accounts, Entered};
use crate::{
    port::store::SessionKind,
    service::{
        Client, Error, Owned, Viewer,
        audit::{Entry, Kind},
    },
};

impl Accounts {
    /// The viewer's devices, the one last used first. API keys are none.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn devices(&self, viewer: &Viewer) -> Result<Vec<Device>, Error> {
        self.audit.in_person(viewer).await?;
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
    /// `NotFound`, also for an API key's session; `Refused(Forbidden)` for an API key that asks.
    pub async fn revoke_device(
        &self,
        viewer: &Viewer,
        session: SessionId,
        client: &Client,
    ) -> Result<(), Error> {
        self.audit.in_person(viewer).await?;
        let ended = Owned::find(viewer, |owner| async move {
            let was_there = self.store.delete_session(owner, session).await?;
            Ok(was_there.then_some(session))
        })
        .await?;
        self.cut(&[*ended]);
        let entry = Entry::new(Kind::SessionRevoked)
            .by(viewer.user.id)
            .from(client)
            .about(ended.0);
        self.audit.record(entry).await;
        Ok(())
    }

    /// Signs all devices out but the one that asks; how many.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn revoke_others(&self, viewer: &Viewer, client: &Client) -> Result<u64, Error> {
        self.end_devices(viewer, Some(viewer.session_id), client)
            .await
    }

    /// Signs all devices out, the one that asks too.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn sign_out_everywhere(&self, viewer: &Viewer, client: &Client) -> Result<(), Error> {
        self.end_devices(viewer, None, client).await.map(|_| ())
    }

    /// Ends the session that a browser comes in with when it signs in anew: one browser is one device, and its cookie names
    /// the new session from now on, and goes on being told of replies where it is the same person's. A failure is no reason
    /// to refuse the new one; the old one ends by itself.
    pub async fn replaced(&self, before: &Viewer, entered: &Entered, client: &Client) {
        if before.kind != SessionKind::Browser || before.session_id == entered.session_id {
            return;
        }
        let (user, old) = (before.user.id, before.session_id);
        let ended = if entered.user.id == user {
            self.store.replace_session(user, old, entered.session_id)
        } else {
            self.store.delete_session(user, old)
        };
        match ended.await {
            Ok(false) => {}
            Ok(true) => {
                self.cut(&[before.session_id]);
                let entry = Entry::new(Kind::SignedOut)
                    .by(before.user.id)
                    .from(client)
                    .about(before.session_id.0);
                self.audit.record(entry).await;
            }
            Err(error) => tracing::warn!(%error, "a browser leaves a session behind"),
        }
    }

    async fn end_devices(
        &self,
        viewer: &Viewer,
        except: Option<SessionId>,
        client: &Client,
    ) -> Result<u64, Error> {
        self.audit.in_person(viewer).await?;
        let ended = self.store.delete_sessions(viewer.user.id, except).await?;
        self.cut(&ended);
        let entry = Entry::new(Kind::SessionRevoked)
            .by(viewer.user.id)
            .from(client)
            .note("count", ended.len());
        self.audit.record(entry).await;
        Ok(ended.len() as u64)
    }
}
