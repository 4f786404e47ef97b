//! Asking for the password again before something that a stolen session must not do.
//!
//! Apart from the accounts, so that others who have such things to guard (second factors) need not know all of them.

use std::sync::Arc;

use crate::{
    port::store::{Store, StoreError},
    service::{
        Client, Error, Viewer,
        audit::{Audit, Entry, Kind},
        passwords::{Passwords, Verdict},
        throttle::Throttle,
    },
};

/// Checks the current password of somebody who is signed in.
#[derive(Clone)]
pub struct Confirm {
    store: Arc<dyn Store>,
    passwords: Passwords,
    throttle: Throttle,
    audit: Audit,
}

/// The hash that a password was checked against. What is stored on the strength of it names it, so that a password that
/// was changed meanwhile counts for nothing.
pub(in crate::service) struct Checked(pub(in crate::service) String);

impl Confirm {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        passwords: Passwords,
        throttle: Throttle,
        audit: Audit,
    ) -> Self {
        Self {
            store,
            passwords,
            throttle,
            audit,
        }
    }

    /// What came of storing something on the strength of a password. The store finds no such account when somebody has set
    /// another password in this very moment, and what was typed is no longer it.
    ///
    /// # Errors
    /// As the store's; `Unconfirmed` then, or `Unauthenticated` where the session has ended with it.
    pub(in crate::service) async fn current<T>(
        &self,
        viewer: &Viewer,
        outcome: Result<T, StoreError>,
    ) -> Result<T, Error> {
        match outcome {
            Err(StoreError::NotFound) => Err(self.outdated(viewer).await?),
            outcome => Ok(outcome?),
        }
    }

    /// What to answer where the password is not, or no longer, the account's. Another password ends the sessions of the old
    /// one: then whoever asks is not signed in any more, and shall hear that.
    pub(in crate::service) async fn outdated(&self, viewer: &Viewer) -> Result<Error, Error> {
        let is_here = self
            .store
            .has_session(viewer.user.id, viewer.session_id)
            .await?;
        Ok(if is_here {
            Error::Unconfirmed
        } else {
            Error::Unauthenticated
        })
    }

    /// Whether the viewer knows the account's password. Tries are counted apart from those at the sign-in: whoever has
    /// stolen a session cannot use them up for its owner.
    ///
    /// # Errors
    /// `Unconfirmed` (403) for a wrong or an empty one, `Refused(Forbidden)` for an API key, `Later(RateLimited)`,
    /// `Unauthenticated` when the session has just ended.
    pub async fn password(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<(), Error> {
        self.checked(viewer, current_password, client)
            .await
            .map(|_| ())
    }

    /// As [`Self::password`], for what is stored on the strength of it.
    pub(in crate::service) async fn checked(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<Checked, Error> {
        use parlance_core::domain::limits::PASSWORD_CHARS;

        self.audit.in_person(viewer).await?;
        if current_password.is_empty() || current_password.chars().count() > *PASSWORD_CHARS.end() {
            return Err(Error::Unconfirmed);
        }
        let account = format!("confirm {}", viewer.user.id);
        self.audit
            .limited(self.throttle.allow(&account, client), client)
            .await?;
        let hash = self.store.password_hash(viewer.user.id).await?;
        let hash = hash.ok_or(Error::Unauthenticated)?;
        match self
            .passwords
            .check(current_password.to_owned(), hash.clone())
            .await?
        {
            Verdict::Wrong => {
                self.throttle.failed(&account);
                let entry = Entry::new(Kind::ConfirmFailed).by(viewer.user.id);
                self.audit.record(entry.from(client)).await;
                Err(self.outdated(viewer).await?)
            }
            Verdict::Right | Verdict::RightButWeak => {
                self.throttle.succeeded(&account, client);
                Ok(Checked(hash))
            }
        }
    }
}
