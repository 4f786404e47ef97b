//! How much of what a group may have a person has had.

use std::time::Duration;

use parlance_core::domain::{Timestamp, UserId};
use parlance_server::port::store::{Allowance, StoreError};

use super::super::{fault::fault, moment::Moment, pool::on_both};

/// Prompts and replies count; both are noted with the reply.
const SPENT: &str = "select \
    cast(coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), 0) as bigint), min(created_at) \
    from messages where user_id = $1 and created_at > $2 and role = 'assistant'";

/// The look-up, on a connection with an open transaction.
pub(in super::super) trait Spent {
    /// # Errors
    /// `Spent` when the allowance is used up.
    async fn has_left(
        &mut self,
        user: UserId,
        allowance: Option<Allowance>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

on_both! { impl Spent {
    async fn has_left(
        &mut self,
        user: UserId,
        allowance: Option<Allowance>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(Allowance { tokens, window }) = allowance else {
            return Ok(());
        };
        let since = Timestamp(now.0.saturating_sub(micros(window)));
        let (spent, oldest): (i64, Option<Moment>) = sqlx::query_as(SPENT)
            .bind(user.0)
            .bind(Moment(since))
            .fetch_one(&mut *self)
            .await
            .map_err(fault)?;
        if spent.unsigned_abs() < tokens {
            return Ok(());
        }
        // Where nothing at all is allowed, nothing gets free.
        let wait = oldest.map_or(window, |oldest| {
            Duration::from_micros(oldest.0.0.saturating_sub(since.0).unsigned_abs())
        });
        Err(StoreError::Spent(wait))
    }
} }
