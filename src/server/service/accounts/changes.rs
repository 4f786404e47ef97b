//! Changing the name, the address, the password; and the end of an account.

use futures::future::join_all;
use parlance_core::domain::{User, UserId};

use super::{Accounts, Entered, fields};
use crate::{
    port::store::StoreError,
    service::{
        Client, Error, Viewer,
        audit::{Entry, Kind},
        letters::Letter,
    },
};

/// Another address.
#[derive(Clone)]
pub struct ChangeEmail {
    pub email: String,
    pub current_password: String,
}

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
    pub async fn rename(&self, viewer: &Viewer, username: &str) -> Result<User, Error> {
        viewer.in_person()?;
        let username = fields::username(username)?;
        let key = username.to_lowercase();
        let (id, now) = (viewer.user.id, self.clock.now());
        let user = self.store.rename_user(id, username, &key, now).await?;
        self.audit
            .record(Entry::new(Kind::UsernameChanged).by(viewer.user.id))
            .await;
        Ok(user)
    }

    /// Takes another address, to which nobody has shown yet that mail arrives. The old one is told.
    ///
    /// # Errors
    /// `Invalid` (`email`), `Taken`, `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an API key.
    pub async fn change_email(
        &self,
        viewer: &Viewer,
        change: ChangeEmail,
        client: &Client,
    ) -> Result<User, Error> {
        viewer.in_person()?;
        let email = fields::email(&change.email)?;
        self.confirm(viewer, &change.current_password, client)
            .await?;
        let (id, now) = (viewer.user.id, self.clock.now());
        let user = self
            .store
            .change_email(id, email, &email.to_lowercase(), now)
            .await?;
        self.audit
            .record(
                Entry::new(Kind::EmailChanged)
                    .by(viewer.user.id)
                    .from(client),
            )
            .await;
        let letter = Letter::EmailChanged {
            to: user.email.clone(),
        };
        self.letters.send(&viewer.user.email, client.locale, letter);
        if self.needs_verification() {
            self.send_verification(&user, client).await?;
        }
        Ok(user)
    }

    /// Takes another password. All sessions end, with their streams and refresh tokens; the device that asks gets a new
    /// one. API keys stay.
    ///
    /// # Errors
    /// `Invalid` (`password`, `password_confirmation`), `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an
    /// API key.
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        change: ChangePassword,
        client: &Client,
    ) -> Result<Entered, Error> {
        viewer.in_person()?;
        let ChangePassword {
            current_password,
            password,
            password_confirmation,
        } = change;
        let user = &viewer.user;
        fields::password(&password, password_confirmation.as_deref(), user)?;
        let checked = self
            .confirm
            .checked(viewer, &current_password, client)
            .await?;
        let hash = self.passwords.hash(password).await?;
        let fresh = self.fresh(client)?;
        let ended = self
            .store
            .change_password(user.id, &checked.0, &hash, fresh.session.clone())
            .await;
        let ended = match ended {
            // Somebody else has changed it in this very moment: what was typed is no longer the password.
            Err(StoreError::NotFound) => return Err(Error::Unconfirmed),
            ended => ended?,
        };
        self.cut(&ended);
        self.audit
            .record(Entry::new(Kind::PasswordChanged).by(user.id).from(client))
            .await;
        self.letters
            .send(&user.email, client.locale, Letter::PasswordChanged);
        Ok(fresh.entered(user.clone()))
    }

    /// Ends the account: replies that are being written are stopped, streams close, and everything that is its goes.
    ///
    /// # Errors
    /// `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an API key.
    pub async fn delete(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<(), Error> {
        self.confirm(viewer, current_password, client).await?;
        let id = viewer.user.id;
        // Shut first: nothing new begins while the rest is taken down.
        let ended = self.store.set_active(id, false, self.clock.now()).await?;
        self.cut(&ended);
        self.stop_all(id).await?;
        self.store.delete_user(id).await?;
        self.audit
            .record(
                Entry::new(Kind::AccountDeleted)
                    .by(id)
                    .from(client)
                    .about(id.0),
            )
            .await;
        tracing::info!(user_id = %id, "account deleted");
        Ok(())
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
