//! People and sessions.

mod addresses;
mod changes;
mod links;
mod overtaken;
mod people;
mod recipes;
mod registrations;
mod tokens;

use parlance_core::domain::{SessionId, Timestamp};
use parlance_server::port::store::{Constraint, NewTicket, StoreError};
use uuid::Uuid;

use super::world::{HASH, World, on_every_engine};

const EVER: Timestamp = Timestamp(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_is_signed_in_and_found_by_folded_mail() {
    on_every_engine(async |world: World| {
        let (new, session) = (world.new_user("Anna"), world.new_session());
        let (hash, session_id) = (session.token_hash, session.id);
        let user = world.store.create_user(new.clone(), session).await.unwrap();
        assert_eq!(
            (user.username.as_str(), user.created_at),
            ("Anna", new.created_at)
        );

        let signed_in = world
            .store
            .session(&hash, world.now(), EVER)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((signed_in.session_id, &signed_in.user), (session_id, &user));
        let credentials = world
            .store
            .credentials("anna@example.org")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (credentials.user, credentials.is_active),
            (user.clone(), true)
        );
        assert_eq!(credentials.password_hash, new.password_hash);
        assert!(
            world
                .store
                .credentials("nobody@example.org")
                .await
                .unwrap()
                .is_none()
        );

        let raise = async |old: &str, new: &str| {
            let raised = world
                .store
                .set_password_hash(user.id, old, new, world.now());
            raised.await.unwrap()
        };
        assert!(raise(&new.password_hash, "raised").await);
        assert!(
            !raise(&new.password_hash, "the old one").await,
            "another password was set meanwhile"
        );
        let credentials = world
            .store
            .credentials("anna@example.org")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(credentials.password_hash, "raised");
        assert!(credentials.user.updated_at > user.updated_at);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_mails_are_taken_whatever_their_case() {
    on_every_engine(async |world: World| {
        world.user("Anna").await;
        let mut same_name = world.new_user("ANNA");
        same_name.email_key = "other@example.org".to_owned();
        let refused = world
            .store
            .create_user(same_name, world.new_session())
            .await;
        assert!(
            matches!(
                refused,
                Err(StoreError::Conflict(Constraint::UsernameTaken))
            ),
            "{refused:?}"
        );
        let mut same_mail = world.new_user("Berta");
        same_mail.email_key = "anna@example.org".to_owned();
        let session = world.new_session();
        let hash = session.token_hash;
        let refused = world.store.create_user(same_mail, session).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(Constraint::EmailTaken))),
            "{refused:?}"
        );
        assert!(
            world
                .store
                .session(&hash, world.now(), EVER)
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_time_by_idleness_and_by_sign_out() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let stranger = world.user("Berta").await;
        let session = world.new_session();
        let (hash, id) = (session.token_hash, session.id);
        let (created, expires) = (session.created_at, session.expires_at);
        world
            .store
            .create_session(owner, HASH, session)
            .await
            .unwrap();

        let alive = async |now, idle| {
            world
                .store
                .session(&hash, now, idle)
                .await
                .unwrap()
                .is_some()
        };
        assert!(alive(created, EVER).await);
        assert!(!alive(expires, EVER).await);
        assert!(!alive(created, created).await, "idle");
        let later = created.plus_seconds(60);
        world.store.touch_session(id, later).await.unwrap();
        assert!(alive(later, created).await);
        world.store.touch_session(id, created).await.unwrap();
        assert!(
            alive(later, created).await,
            "a late note does not turn the time back"
        );

        world.store.delete_session(stranger, id).await.unwrap();
        assert!(alive(later, EVER).await, "a stranger ends nothing");
        world.store.delete_session(owner, id).await.unwrap();
        world.store.delete_session(owner, id).await.unwrap();
        world
            .store
            .delete_session(owner, SessionId(Uuid::now_v7()))
            .await
            .unwrap();
        assert!(!alive(later, EVER).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_once_and_for_a_while() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = world.new_session();
        let id = session.id;
        world
            .store
            .create_session(owner, HASH, session)
            .await
            .unwrap();
        let ticket = |number| NewTicket {
            token_hash: [number; 32],
            session_id: id,
            user_id: owner,
            expires_at: world.now().plus_seconds(60),
        };
        let take = async |number, now| {
            let taken = world.store.take_ticket(&[number; 32], now).await;
            taken
                .unwrap()
                .map(|signed_in| (signed_in.session_id, signed_in.user.id))
        };
        for number in 1..=4 {
            let kept = world.store.create_ticket(ticket(number), world.now()).await;
            kept.unwrap();
        }
        assert_eq!(take(9, world.now()).await, None);
        assert_eq!(take(1, world.now()).await, Some((id, owner)));
        assert_eq!(take(1, world.now()).await, None, "once");
        assert_eq!(take(2, world.now().plus_seconds(99)).await, None, "late");
        assert_eq!(take(2, world.now()).await, None, "shown is used up");
        // Making one drops those that are over.
        let much_later = world.now().plus_seconds(120);
        let mut last = ticket(5);
        last.expires_at = much_later.plus_seconds(60);
        world.store.create_ticket(last, much_later).await.unwrap();
        assert_eq!(take(3, world.now()).await, None);
        world.store.delete_session(owner, id).await.unwrap();
        assert_eq!(take(5, world.now()).await, None, "its session has ended");
        let orphan = world.store.create_ticket(ticket(6), world.now()).await;
        assert!(matches!(orphan, Err(StoreError::NotFound)), "{orphan:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_over_are_dropped_little_by_little() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let mut hashes = Vec::new();
        for number in 0..5 {
            let mut session = world.new_session();
            session.expires_at = world.now().plus_seconds(number * 1_000);
            hashes.push((session.token_hash, session.created_at));
            world
                .store
                .create_session(owner, HASH, session)
                .await
                .unwrap();
        }
        // The first user's own session ends within the hour too.
        let now = world.now().plus_seconds(3_500);
        let purge = async || world.store.purge_sessions(now, 2).await.unwrap();
        assert_eq!((purge().await, purge().await, purge().await), (2, 2, 0));
        let mut left = 0;
        for (hash, created) in hashes {
            left += usize::from(
                world
                    .store
                    .session(&hash, created, EVER)
                    .await
                    .unwrap()
                    .is_some(),
            );
        }
        assert_eq!(left, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_as_a_user_who_is_not_there() {
    on_every_engine(async |world: World| {
        let nobody = world.new_user("Nobody").id;
        let refused = world
            .store
            .create_session(nobody, HASH, world.new_session())
            .await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    })
    .await;
}
