//! Setting the second factor up and down. Each change needs what is there already: the password, or a code.

use parlance_core::domain::{Enrolment, FactorState, ProblemCode};

use super::{
    Factors, about, backup,
    code::{Given, Secret},
};
use crate::{
    port::store::StoreError,
    service::{
        Client, Error, Viewer,
        accounts::{Accounts, Entered},
        audit::{Entry, Kind},
        letters::{FactorChange, Letter},
    },
};

/// How long a secret that was shown waits to be confirmed, seconds.
const WAITING_SECONDS: i64 = 15 * 60;

/// A factor that was turned on just now.
#[derive(Clone)]
pub struct Enrolled {
    /// Told this once.
    pub backup_codes: Vec<String>,
    /// The new session of the device that asked.
    pub entered: Entered,
}

/// The verbs of the person whose factor it is.
#[derive(Clone)]
pub struct SecondFactor {
    factors: Factors,
    accounts: Accounts,
}

impl SecondFactor {
    pub(crate) fn new(factors: Factors, accounts: Accounts) -> Self {
        Self { factors, accounts }
    }

    /// Whether it is on, and how many backup codes are left.
    ///
    /// # Errors
    /// Storage only.
    pub async fn state(&self, viewer: &Viewer) -> Result<FactorState, Error> {
        let store = &self.factors.store;
        let factor = store.factor(viewer.user.id).await?;
        let enrolled_at = factor.and_then(|factor| factor.enrolled_at);
        let backup_left = match enrolled_at {
            Some(_) => store.backup_codes(viewer.user.id).await?,
            None => 0,
        };
        Ok(FactorState {
            on: enrolled_at.is_some(),
            backup_left,
            enrolled_at,
        })
    }

    /// A secret for the app, which does not count before it is confirmed. A secret that waits is forgotten for it.
    ///
    /// # Errors
    /// As `Accounts::confirm` for the password; `Refused(Conflict)` when a factor is on, which stays as it is.
    pub async fn begin(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<Enrolment, Error> {
        let confirm = &self.accounts.confirm;
        let checked = confirm.checked(viewer, current_password, client).await?;
        let user = viewer.user.id;
        if self.factors.is_on(user).await? {
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        let secret = Secret::mint()?;
        let id = self.factors.clock.new_id();
        let sealed = self.factors.vault.seal(about(user, id), &secret.0).await?;
        let now = self.factors.clock.now();
        let store = &self.factors.store;
        // Another request may have turned one on since.
        let begun = store.begin_factor(user, &checked.0, id, &sealed.0, now);
        if !confirm.current(viewer, begun.await).await? {
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        secret.enrolment(&viewer.user.email)
    }

    /// Turns the waiting factor on with a code that the app shows. The backup codes are told this once. All sessions end,
    /// which were begun without it, and the device that asks gets a new one: all of it happens, or nothing.
    ///
    /// # Errors
    /// `Refused(Conflict)` when one is on, `NotFound` when none waits or it waited for too long, `Refused(FactorWrong)`,
    /// `Later(RateLimited)`, `Unauthenticated` when the session has just ended.
    pub async fn confirm(
        &self,
        viewer: &Viewer,
        code: &str,
        client: &Client,
    ) -> Result<Enrolled, Error> {
        self.factors.audit.in_person(viewer).await?;
        let user = viewer.user.id;
        let Factors {
            store,
            clock,
            audit,
            ..
        } = &self.factors;
        let factor = store.factor(user).await?.ok_or(Error::NotFound)?;
        if factor.enrolled_at.is_some() {
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        let now = clock.now();
        if factor.created_at.plus_seconds(WAITING_SECONDS) <= now {
            return Err(Error::NotFound);
        }
        let taken = self.factors.take_try(user, factor).await;
        let factor = audit.limited(taken, client).await?;
        let step = match Given::read(code) {
            Some(Given::App(code)) => self.factors.step(user, &factor, &code).await?,
            _ => None,
        };
        let Some(step) = step else {
            let entry = Entry::new(Kind::FactorFailed).by(user).from(client);
            audit.record(entry.note("while", "enrolling")).await;
            return Err(Error::Refused(ProblemCode::FactorWrong));
        };
        let codes = backup::mint()?;
        let hashes = backup::hashes(user, &codes);
        let renewing = self.accounts.renewing(viewer, client)?;
        let renewal = renewing.renewal();
        let ended = store
            .enrol_factor(user, factor.id, step, &hashes, renewal)
            .await
            .map_err(gone)?
            .ok_or(Error::Refused(ProblemCode::Conflict))?;
        self.accounts.cut(&ended);
        self.tell(viewer, client, FactorChange::On);
        audit
            .record(Entry::new(Kind::FactorEnrolled).by(user).from(client))
            .await;
        audit
            .record(Entry::new(Kind::BackupCodesMade).by(user).from(client))
            .await;
        Ok(Enrolled {
            backup_codes: codes,
            entered: renewing.entered(),
        })
    }

    /// New backup codes in place of the old ones.
    ///
    /// # Errors
    /// As [`Self::disable`] for the code.
    pub async fn regenerate(
        &self,
        viewer: &Viewer,
        code: &str,
        client: &Client,
    ) -> Result<Vec<String>, Error> {
        self.factors.audit.in_person(viewer).await?;
        let user = viewer.user.id;
        self.pass(viewer, code, client).await?;
        let codes = backup::mint()?;
        let hashes = backup::hashes(user, &codes);
        self.factors
            .store
            .replace_backup_codes(user, &hashes)
            .await?;
        self.tell(viewer, client, FactorChange::NewBackupCodes);
        let entry = Entry::new(Kind::BackupCodesMade).by(user).from(client);
        self.factors.audit.record(entry).await;
        Ok(codes)
    }

    /// Forgets factor and backup codes. The device that asks gets a new session in place of its old one.
    ///
    /// # Errors
    /// As `Accounts::confirm` for the password; `NotFound` when no factor is on, `Refused(FactorWrong)`,
    /// `Later(RateLimited)`.
    pub async fn disable(
        &self,
        viewer: &Viewer,
        current_password: &str,
        code: &str,
        client: &Client,
    ) -> Result<Entered, Error> {
        let user = viewer.user.id;
        let confirm = &self.accounts.confirm;
        let checked = confirm.checked(viewer, current_password, client).await?;
        self.pass(viewer, code, client).await?;
        let renewing = self.accounts.renewing(viewer, client)?;
        let store = &self.factors.store;
        let off = store.delete_factor(user, &checked.0, renewing.renewal());
        if !confirm.current(viewer, off.await).await? {
            return Err(Error::NotFound);
        }
        self.accounts.cut(&[viewer.session_id]);
        self.tell(viewer, client, FactorChange::Off);
        let entry = Entry::new(Kind::FactorDisabled).by(user).from(client);
        self.factors.audit.record(entry).await;
        Ok(renewing.entered())
    }

    /// Wants a current code. What is none of the app is counted here, by place: whoever has stolen a session shall not fill
    /// the log with wrong ones.
    async fn pass(&self, viewer: &Viewer, code: &str, client: &Client) -> Result<(), Error> {
        let user = viewer.user.id;
        if !self.factors.is_on(user).await? {
            return Err(Error::NotFound);
        }
        let is_counted = !matches!(Given::read(code), Some(Given::App(_)));
        let (throttle, tried) = (&self.accounts.throttle, format!("factor {user}"));
        if is_counted {
            let allowed = throttle.allow(&tried, client);
            self.factors.audit.limited(allowed, client).await?;
        }
        let is_good = self.factors.check(user, code, client).await?;
        match (is_good, is_counted) {
            (true, true) => throttle.succeeded(&tried, client),
            (false, true) => throttle.failed(&tried),
            (_, false) => {}
        }
        if is_good {
            Ok(())
        } else {
            Err(Error::Refused(ProblemCode::FactorWrong))
        }
    }

    fn tell(&self, viewer: &Viewer, client: &Client, change: FactorChange) {
        let letter = Letter::FactorChanged(change);
        self.accounts.notify(&viewer.user, letter, client);
    }
}

/// The session that was to be renewed is not there any more.
fn gone(error: StoreError) -> Error {
    match error {
        StoreError::NotFound => Error::Unauthenticated,
        error => error.into(),
    }
}
