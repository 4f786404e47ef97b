//! What a person was found to own.
//!
//! A value of [`Owned`] cannot be made but by a lookup that was given the owner's id, so a verb that takes one cannot
//! forget to ask whose it is. Must not enter: another way to make one.

use std::ops::Deref;

use parlance_core::domain::UserId;

use super::{Error, Viewer};
use crate::port::store::StoreError;

/// A thing that belongs to the viewer who asked for it.
#[derive(Clone, Debug)]
pub struct Owned<T>(T);

impl<T> Owned<T> {
    /// What `lookup` finds among the viewer's things. It is handed the id that it has to name.
    ///
    /// # Errors
    /// `NotFound`, for what is somebody else's as for what is not there at all.
    pub(in crate::service) async fn find<F>(
        viewer: &Viewer,
        lookup: impl FnOnce(UserId) -> F,
    ) -> Result<Self, Error>
    where
        F: Future<Output = Result<Option<T>, StoreError>>,
    {
        let found = lookup(viewer.user.id).await?;
        found.map(Self).ok_or(Error::NotFound)
    }

    /// The thing itself.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
