//! Other people's accounts, for those who run the installation. Every verb begins with the right to it.

use std::sync::Arc;

use futures::future::try_join_all;
use parlance_core::domain::{
    FieldCode, Group, GroupLimits, ProblemCode, SessionId, UserId, limits,
};

use super::{
    Admin, Client, Error, Viewer,
    audit::{Audit, Entry, Kind},
    groups::Groups,
};
use crate::{
    engine::Engine,
    port::{clock::Clock, store::Store},
};

pub use crate::port::store::PersonRow;

/// No limit is higher (of tokens: a million times as high); the databases' small integers end above it.
const LARGEST: u64 = 1_000_000_000;

/// A page of all accounts.
pub struct PeoplePage {
    pub items: Vec<PersonRow>,
    /// What the next page begins after; `None` on the last.
    pub next: Option<UserId>,
}

/// The verbs of those who run the installation.
#[derive(Clone)]
pub struct People {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    audit: Audit,
    groups: Groups,
}

/// What shall change about a person; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct PersonChange {
    pub group: Option<Group>,
    /// `false` shuts them out: sessions end, streams close, replies stop, and nothing that waits begins.
    pub is_active: Option<bool>,
}

impl People {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        audit: Audit,
        groups: Groups,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            audit,
            groups,
        }
    }

    /// A page of all accounts, in the order of their making.
    ///
    /// # Errors
    /// `Refused(Forbidden)`, `Invalid` (`limit`).
    pub async fn list(
        &self,
        viewer: &Viewer,
        after: Option<UserId>,
        limit: Option<u32>,
        client: &Client,
    ) -> Result<PeoplePage, Error> {
        let admin = self.audit.admin(viewer).await?;
        let limit = limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT);
        if !(1..=limits::PAGE_ITEMS).contains(&limit) {
            return Err(Error::field("limit", FieldCode::Malformed));
        }
        let mut items = self.store.people(after, limit + 1).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|row| row.user.id);
        let entry = Entry::new(Kind::AdminRead).by(admin.id()).from(client);
        self.audit.record(entry.note("what", "people")).await;
        Ok(PeoplePage { items, next })
    }

    /// Puts a person into another group, shuts them out or lets them in. Sessions end: they sign in anew, with the new
    /// rights.
    ///
    /// # Errors
    /// `Refused(Forbidden)`, `Invalid` (`group`) when nothing shall change, `NotFound`, `Refused(Conflict)` for oneself: an
    /// installation shall not lose its last admin by a slip.
    pub async fn change(
        &self,
        viewer: &Viewer,
        user: UserId,
        change: PersonChange,
        client: &Client,
    ) -> Result<PersonRow, Error> {
        let admin = self.audit.admin(viewer).await?;
        let PersonChange { group, is_active } = change;
        if group.is_none() && is_active.is_none() {
            return Err(Error::field("group", FieldCode::Required));
        }
        if admin.id() == user {
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        if let Some(group) = group {
            let cut = self.store.set_group(user, group, self.clock.now()).await?;
            self.cut(&cut);
            let entry = Entry::new(Kind::GroupChanged).by(admin.id()).from(client);
            self.audit
                .record(entry.about(user.0).note("group", group.word()))
                .await;
        }
        if let Some(is_active) = is_active {
            self.set_active(admin, user, is_active, client).await?;
        }
        self.person(user).await
    }

    /// Signs a person out everywhere, and ends their API keys; how many sessions and keys ended.
    ///
    /// # Errors
    /// `Refused(Forbidden)`, `NotFound`.
    pub async fn end_sessions(
        &self,
        viewer: &Viewer,
        user: UserId,
        client: &Client,
    ) -> Result<u64, Error> {
        let admin = self.audit.admin(viewer).await?;
        self.person(user).await?;
        let ended = self.store.end_all(user).await?;
        self.cut(&ended);
        let entry = Entry::new(Kind::SessionRevoked).by(admin.id()).from(client);
        self.audit
            .record(entry.about(user.0).note("count", ended.len()))
            .await;
        Ok(ended.len() as u64)
    }

    /// What the viewer's group may use, as it was a few seconds ago at most.
    ///
    /// # Errors
    /// Storage only.
    pub async fn limits(&self, viewer: &Viewer) -> Result<GroupLimits, Error> {
        self.groups.limits(viewer.user.group).await
    }

    /// What each group may use.
    ///
    /// # Errors
    /// `Refused(Forbidden)`.
    pub async fn groups(&self, viewer: &Viewer) -> Result<Vec<GroupLimits>, Error> {
        self.audit.admin(viewer).await?;
        let all = Group::ALL
            .iter()
            .map(|group| self.store.group_limits(*group));
        Ok(try_join_all(all).await?)
    }

    /// Changes what a group may use, for everybody in it.
    ///
    /// # Errors
    /// `Refused(Forbidden)`, `Invalid` (`requests_per_minute`, and any that is beyond reason).
    pub async fn set_limits(
        &self,
        viewer: &Viewer,
        limits: GroupLimits,
        client: &Client,
    ) -> Result<GroupLimits, Error> {
        let admin = self.audit.admin(viewer).await?;
        if limits.requests_per_minute == Some(0) {
            return Err(Error::field("requests_per_minute", FieldCode::Malformed));
        }
        for (field, count) in [
            ("model_configs", limits.model_configs.map(u64::from)),
            (
                "requests_per_minute",
                limits.requests_per_minute.map(u64::from),
            ),
            (
                "tokens_per_day",
                limits.tokens_per_day.map(|count| count / 1_000_000),
            ),
        ] {
            if count.is_some_and(|count| count > LARGEST) {
                return Err(Error::field(field, FieldCode::TooLarge));
            }
        }
        self.store.set_group_limits(&limits).await?;
        self.groups.note(limits.clone());
        let entry = Entry::new(Kind::GroupChanged).by(admin.id()).from(client);
        self.audit
            .record(entry.note("limits_of", limits.group.word()))
            .await;
        Ok(limits)
    }

    async fn set_active(
        &self,
        admin: Admin,
        user: UserId,
        is_active: bool,
        client: &Client,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let cut = self.store.set_active(user, is_active, now).await?;
        self.cut(&cut);
        let stopped = match is_active {
            true => Ok(()),
            false => self.stop_all(user).await,
        };
        let entry = Entry::new(Kind::AccountDisabled)
            .by(admin.id())
            .from(client);
        self.audit
            .record(entry.about(user.0).note("disabled", !is_active))
            .await;
        stopped
    }

    /// No more than these: from the moment of the change the store lets nothing begin for them.
    async fn stop_all(&self, user: UserId) -> Result<(), Error> {
        for running in self.store.active_generations(user).await? {
            self.engine.abandon(user, running);
        }
        Ok(())
    }

    async fn person(&self, user: UserId) -> Result<PersonRow, Error> {
        self.store.person(user).await?.ok_or(Error::NotFound)
    }

    fn cut(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.engine.revoke(*session);
        }
    }
}
