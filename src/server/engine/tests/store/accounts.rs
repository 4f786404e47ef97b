//! The accounts of the memory: the engine asks for none of it but the end of a session.

use async_trait::async_trait;
use parlance_core::domain::{
    ApiKey, ApiKeyId, GenerationId, Group, GroupLimits, SessionId, Timestamp, User, UserId,
};

use super::{Memory, Outcome};
use crate::port::store::{
    Accounts, Challenges, Credentials, Kept, LinkPurpose, Links, NewApiKey, NewChallenge, NewLink,
    NewRegistration, NewSession, NewTicket, NewTokens, NewUser, People, PersonRow, Recipes,
    Registrations, Renewal, Reset, Rotation, SessionRow, Sessions, Setup, SignedIn, StoreError,
    Tokens, Waiting,
};

#[async_trait]
impl Accounts for Memory {
    async fn create_user(&self, _: NewUser, _: NewSession) -> Outcome<User> {
        Err(StoreError::NotFound)
    }

    async fn credentials(&self, _: &str) -> Outcome<Option<Credentials>> {
        Ok(None)
    }

    async fn recipes(&self) -> Outcome<Recipes> {
        Err(StoreError::NotFound)
    }

    async fn password_hash(&self, _: UserId) -> Outcome<Option<String>> {
        Ok(None)
    }

    async fn set_password_hash(&self, _: UserId, _: &str, _: &str, _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }

    async fn rename_user(&self, _: UserId, _: &str, _: &str, _: Timestamp) -> Outcome<User> {
        Err(StoreError::NotFound)
    }

    async fn change_email(
        &self,
        _: UserId,
        _: &str,
        _: &str,
        _: &str,
        _: Timestamp,
    ) -> Outcome<User> {
        Err(StoreError::NotFound)
    }

    async fn change_password(
        &self,
        _: UserId,
        _: &str,
        _: &str,
        _: Renewal,
    ) -> Outcome<Vec<SessionId>> {
        Err(StoreError::NotFound)
    }

    async fn active_generations(&self, _: UserId) -> Outcome<Vec<GenerationId>> {
        Ok(Vec::new())
    }

    async fn close_user(&self, _: UserId, _: &str, _: Timestamp) -> Outcome<Vec<SessionId>> {
        Err(StoreError::NotFound)
    }

    async fn closed_users(&self, _: u32) -> Outcome<Vec<UserId>> {
        Ok(Vec::new())
    }

    async fn delete_user(&self, _: UserId) -> Outcome<()> {
        Ok(())
    }
}

#[async_trait]
impl Sessions for Memory {
    async fn create_session(&self, _: UserId, _: &str, _: NewSession) -> Outcome<Option<bool>> {
        Ok(None)
    }

    async fn session(&self, _: &[u8; 32], _: Timestamp, _: Timestamp) -> Outcome<Option<SignedIn>> {
        Ok(None)
    }

    async fn touch_session(&self, _: SessionId, _: Timestamp) -> Outcome<()> {
        Ok(())
    }

    async fn sessions(&self, _: UserId, _: Timestamp, _: Timestamp) -> Outcome<Vec<SessionRow>> {
        Ok(Vec::new())
    }

    async fn has_session(&self, _: UserId, _: SessionId) -> Outcome<bool> {
        Ok(false)
    }

    async fn replace_session(&self, _: UserId, old: SessionId, _: SessionId) -> Outcome<bool> {
        Ok(self.tables().ended_sessions.insert(old))
    }

    async fn delete_session(&self, _: UserId, session: SessionId) -> Outcome<bool> {
        Ok(self.tables().ended_sessions.insert(session))
    }

    async fn delete_sessions(&self, _: UserId, _: Option<SessionId>) -> Outcome<Vec<SessionId>> {
        Ok(Vec::new())
    }

    async fn create_ticket(&self, _: NewTicket, _: Timestamp) -> Outcome<()> {
        Ok(())
    }

    async fn take_ticket(&self, _: &[u8; 32], _: Timestamp) -> Outcome<Option<SignedIn>> {
        Ok(None)
    }

    async fn purge_sessions(&self, _: Timestamp, _: u32) -> Outcome<u64> {
        Ok(0)
    }
}

#[async_trait]
impl Tokens for Memory {
    async fn access(&self, _: &[u8; 32], _: Timestamp, _: Timestamp) -> Outcome<Option<SignedIn>> {
        Ok(None)
    }

    async fn refresh_holder(
        &self,
        _: &[u8; 32],
        _: Timestamp,
        _: Timestamp,
    ) -> Outcome<Option<SignedIn>> {
        Ok(None)
    }

    async fn rotate_refresh(
        &self,
        _: &[u8; 32],
        _: NewTokens,
        _: Timestamp,
        _: Timestamp,
        _: Timestamp,
    ) -> Outcome<Rotation> {
        Ok(Rotation::Unknown)
    }

    async fn api_keys(&self, _: UserId) -> Outcome<Vec<ApiKey>> {
        Ok(Vec::new())
    }

    async fn create_api_key(&self, _: UserId, _: &str, _: NewApiKey, _: u32) -> Outcome<()> {
        Ok(())
    }

    async fn delete_api_key(&self, _: UserId, _: ApiKeyId) -> Outcome<bool> {
        Ok(false)
    }
}

#[async_trait]
impl Links for Memory {
    async fn create_link(&self, _: NewLink, _: u32) -> Outcome<bool> {
        Ok(true)
    }

    async fn link(&self, _: &[u8; 32], _: LinkPurpose, _: Timestamp) -> Outcome<Option<User>> {
        Ok(None)
    }

    async fn verify_email(&self, _: &[u8; 32], _: Timestamp) -> Outcome<Option<User>> {
        Ok(None)
    }

    async fn reset_password(&self, _: &[u8; 32], _: &str, _: Timestamp) -> Outcome<Option<Reset>> {
        Ok(None)
    }
}

#[async_trait]
impl Registrations for Memory {
    async fn is_username_taken(&self, _: &str) -> Outcome<bool> {
        Ok(false)
    }

    async fn keep_registration(&self, _: NewRegistration, _: u32) -> Outcome<Kept> {
        Ok(Kept::Silent)
    }

    async fn waiting(&self, _: &[u8; 32], _: Timestamp) -> Outcome<Option<Waiting>> {
        Ok(None)
    }

    async fn complete_registration(
        &self,
        _: &[u8; 32],
        _: &str,
        _: &str,
        _: Timestamp,
    ) -> Outcome<Option<User>> {
        Ok(None)
    }
}

#[async_trait]
impl Challenges for Memory {
    async fn create_challenge(&self, _: NewChallenge) -> Outcome<()> {
        Ok(())
    }

    async fn challenge(&self, _: &[u8; 32], _: u32, _: Timestamp) -> Outcome<Option<User>> {
        Ok(None)
    }

    async fn try_challenge(&self, _: &[u8; 32], _: u32, _: Timestamp) -> Outcome<Option<User>> {
        Ok(None)
    }

    async fn take_challenge(&self, _: &[u8; 32], _: NewSession) -> Outcome<Option<bool>> {
        Ok(None)
    }
}

#[async_trait]
impl Setup for Memory {
    async fn open_setup(&self, _: &[u8; 32], _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }

    async fn is_setup_open(&self) -> Outcome<bool> {
        Ok(false)
    }

    async fn is_setup_token(&self, _: &[u8; 32]) -> Outcome<bool> {
        Ok(false)
    }

    async fn setup(&self, _: &[u8; 32], _: NewUser, _: NewSession) -> Outcome<Option<User>> {
        Ok(None)
    }
}

#[async_trait]
impl People for Memory {
    async fn people(&self, _: Option<UserId>, _: u32) -> Outcome<Vec<PersonRow>> {
        Ok(Vec::new())
    }

    async fn person(&self, _: UserId) -> Outcome<Option<PersonRow>> {
        Ok(None)
    }

    async fn set_group(&self, _: UserId, _: Group, _: Timestamp) -> Outcome<Vec<SessionId>> {
        Ok(Vec::new())
    }

    async fn set_active(&self, _: UserId, _: bool, _: Timestamp) -> Outcome<Vec<SessionId>> {
        Ok(Vec::new())
    }

    async fn end_all(&self, _: UserId) -> Outcome<Vec<SessionId>> {
        Ok(Vec::new())
    }

    async fn group_limits(&self, _: Group) -> Outcome<GroupLimits> {
        Err(StoreError::NotFound)
    }

    async fn set_group_limits(&self, _: &GroupLimits) -> Outcome<()> {
        Ok(())
    }
}
