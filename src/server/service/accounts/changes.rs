//! Changing the name and the password; and the end of an account.

use futures::future::join_all;
use parlance_core::domain::{User, UserId};

use super::{Accounts, Entered, fields};
use crate::service::{
    Client, Error, Viewer,
    audit::{Entry, Kind},
    letters::Letter,
};

/// Another password.
#[derive(Clone)]
pub struct ChangePassword {
    pub current_password: String,
    pub password: String,
    /// Must equal `password` when the form asked for it twice.
    pub password_confirmation: Option<String>,
}

impl Accounts {
    /// Takes another name.
    ///
    /// # Errors
    /// `Invalid` (`username`), `Taken`, `Refused(Forbidden)` for an API key.
    pub async fn rename(
        &self,
        viewer: &Viewer,
        username: &str,
        client: &Client,
    ) -> Result<User, Error> {
        self.audit.in_person(viewer).await?;
        let username = fields::username(username)?;
        let key = username.to_lowercase();
        let (id, now) = (viewer.user.id, self.clock.now());
        let user = self.store.rename_user(id, username, &key, now).await?;
        let entry = Entry::new(Kind::UsernameChanged).by(viewer.user.id);
        self.audit.record(entry.from(client)).await;
        Ok(user)
    }

    /// Takes another password. All sessions end, with their streams and refresh tokens; the device that asks gets a new
    /// one. API keys stay.
    ///
    /// # Errors
    /// `Invalid` (`password`, `password_confirmation`), `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an
    /// API key, `Unauthenticated` when the session has just ended.
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        change: ChangePassword,
        client: &Client,
    ) -> Result<Entered, Error> {
        self.audit.in_person(viewer).await?;
        let ChangePassword {
            current_password,
            password,
            password_confirmation,
        } = change;
        let user = &viewer.user;
        let own = [user.username.as_str(), &user.email];
        fields::password(&password, password_confirmation.as_deref(), &own)?;
        let checked = self
            .confirm
            .checked(viewer, &current_password, client)
            .await?;
        let hash = self.passwords.hash(password).await?;
        let renewing = self.renewing(viewer, client)?;
        let changed = self
            .store
            .change_password(user.id, &checked.0, &hash, renewing.renewal());
        let ended = self.confirm.current(viewer, changed.await).await?;
        self.cut(&ended);
        self.notify(user, Letter::PasswordChanged, client);
        self.audit
            .record(Entry::new(Kind::PasswordChanged).by(user.id).from(client))
            .await;
        Ok(renewing.entered())
    }

    /// Ends the account: streams close, replies that are being written are stopped, and everything that is its goes, at
    /// once or, where the database is in trouble, within the hour after.
    ///
    /// # Errors
    /// `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an API key.
    pub async fn delete(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<(), Error> {
        let checked = self
            .confirm
            .checked(viewer, current_password, client)
            .await?;
        let id = viewer.user.id;
        // From here on it will happen: the mark is what the person is told of, and what is left of the account, should
        // anything fail below, is taken down by whoever purges next. Nothing new begins meanwhile.
        let closed = self.store.close_user(id, &checked.0, self.clock.now());
        let ended = self.confirm.current(viewer, closed.await).await?;
        self.cut(&ended);
        self.audit
            .record(
                Entry::new(Kind::AccountDeleted)
                    .by(id)
                    .from(client)
                    .about(id.0),
            )
            .await;
        tracing::info!(user_id = %id, "account deleted");
        if let Err(error) = self.take_down(id).await {
            tracing::warn!(%error, user_id = %id, "what is left of a deleted account stays for now");
        }
        Ok(())
    }

    /// Goes on where deleting accounts was interrupted.
    pub(super) async fn finish_deletions(&self) -> Result<(), Error> {
        const BATCH: u32 = 100;
        for user in self.store.closed_users(BATCH).await? {
            // One that cannot be taken down shall not keep the others.
            if let Err(error) = self.take_down(user).await {
                tracing::warn!(%error, user_id = %user, "what is left of a deleted account stays for now");
            }
        }
        Ok(())
    }

    /// Replies end before the rows that their writers need are gone.
    async fn take_down(&self, user: UserId) -> Result<(), Error> {
        self.stop_all(user).await?;
        Ok(self.store.delete_user(user).await?)
    }

    /// Ends the replies of a person, wherever they are written.
    async fn stop_all(&self, user: UserId) -> Result<(), Error> {
        let running = self.store.active_generations(user).await?;
        let stops =
            running
                .into_iter()
                .map(async |id| match self.store.generation(user, id).await? {
                    Some(row) => self.engine.stop(row).await.map(|_| ()),
                    None => Ok(()),
                });
        for stopped in join_all(stops).await {
            stopped?;
        }
        Ok(())
    }
}
