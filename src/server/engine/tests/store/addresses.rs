//! Addresses that accounts want: the engine asks for none of it.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, UserId};

use super::{Memory, Outcome};
use crate::port::store::{Addresses, Kept, Moved, NewLink, Wanted};

#[async_trait]
impl Addresses for Memory {
    async fn want_email(
        &self,
        _: NewLink,
        _: &str,
        _: Option<&str>,
        _: u32,
    ) -> Outcome<Option<Kept>> {
        Ok(None)
    }

    async fn wanted_email(&self, _: UserId, _: Timestamp) -> Outcome<Option<Wanted>> {
        Ok(None)
    }

    async fn forget_wanted_email(&self, _: UserId, _: Timestamp) -> Outcome<()> {
        Ok(())
    }

    async fn link_target(&self, _: &[u8; 32], _: Timestamp) -> Outcome<Option<String>> {
        Ok(None)
    }

    async fn move_email(&self, _: &[u8; 32], _: &str, _: Timestamp) -> Outcome<Option<Moved>> {
        Ok(None)
    }
}
