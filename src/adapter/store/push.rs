//! Push subscriptions in SQL.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use parlance_server::port::{
    push::Subscription,
    store::{PushSubscriptions, StoreError},
};

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction, write},
};

#[async_trait]
impl PushSubscriptions for Database {
    async fn save_subscription(
        &self,
        owner: UserId,
        session: SessionId,
        subscription: &Subscription,
        most: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            let kept = sqlx::query(
                "insert into push_subscriptions (endpoint, user_id, session_id, p256dh, auth, created_at) \
                 select $1, s.user_id, s.id, $4, $5, $6 from sessions s where s.id = $3 and s.user_id = $2 \
                 on conflict (endpoint) do update set user_id = excluded.user_id, session_id = excluded.session_id, \
                 p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at",
            )
            .bind(&subscription.endpoint)
            .bind(owner.0)
            .bind(session.0)
            .bind(&subscription.p256dh[..])
            .bind(&subscription.auth[..])
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if kept.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            sqlx::query(
                "delete from push_subscriptions where user_id = $1 and endpoint not in \
                 (select endpoint from push_subscriptions where user_id = $1 order by created_at desc, endpoint limit $2)",
            )
            .bind(owner.0)
            .bind(i64::from(most))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn subscriptions(
        &self,
        owner: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = read!(self.pool, |db| {
            sqlx::query_as(
            "select p.endpoint, p.p256dh, p.auth from push_subscriptions p join sessions s on s.id = p.session_id \
             where p.user_id = $1 and s.expires_at > $2 and s.last_seen_at > $3 order by p.created_at"
        )
        .bind(owner.0)
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_all(db)
        });
        rows.into_iter()
            .map(|(endpoint, p256dh, auth)| {
                let broken = |_| StoreError::Broken("a push key of another length".to_owned());
                Ok(Subscription {
                    endpoint,
                    p256dh: p256dh.try_into().map_err(broken)?,
                    auth: auth.try_into().map_err(broken)?,
                })
            })
            .collect()
    }

    async fn delete_subscription(&self, owner: UserId, endpoint: &str) -> Result<(), StoreError> {
        write!(self.pool, |db| sqlx::query(
            "delete from push_subscriptions where user_id = $1 and endpoint = $2"
        )
        .bind(owner.0)
        .bind(endpoint)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(())
    }
}
