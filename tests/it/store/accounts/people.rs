//! Other people's accounts, and what shutting somebody out means.

use parlance_core::domain::Group;
use parlance_server::port::store::{NewApiKey, SessionKind, StoreError};

use super::{EVER, HASH, World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn people_come_in_pages() {
    on_every_engine(async |world: World| {
        let mut ids = Vec::new();
        for name in ["Anna", "Berta", "Clara"] {
            ids.push(world.user(name).await);
        }
        let first = world.store.people(None, 2).await.unwrap();
        let found: Vec<_> = first.iter().map(|row| row.user.id).collect();
        assert_eq!(found, ids[..2]);
        assert!(first[0].is_active && first[0].last_login_at.is_some());
        let rest = world.store.people(Some(ids[1]), 2).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].user.username, "Clara");
        assert!(
            world
                .store
                .person(world.new_user("x").id)
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_group_ends_the_sessions_of_the_old_one() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let mut session = world.new_session();
        session.kind = SessionKind::Key;
        let (key, hash) = (session.id, session.token_hash);
        let new = NewApiKey {
            name: "k".to_owned(),
            last4: "abcd".to_owned(),
            expires_at: None,
            session,
        };
        world.store.create_api_key(owner, new, 9).await.unwrap();
        let cut = world
            .store
            .set_group(owner, Group::Pro, world.now())
            .await
            .unwrap();
        assert!(cut.len() == 2 && cut.contains(&key), "{cut:?}");
        let now = world.now();
        assert!(
            world
                .store
                .sessions(owner, now, EVER)
                .await
                .unwrap()
                .is_empty()
        );
        let by_key = world
            .store
            .session(&hash, now, EVER)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            by_key.user.group,
            Group::Pro,
            "keys have the rights of today"
        );
        let nobody = world.new_user("x").id;
        let refused = world.store.set_group(nobody, Group::Pro, now).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");

        for group in Group::ALL {
            let limits = world.store.group_limits(*group).await.unwrap();
            assert_eq!(limits.group, *group);
            assert_eq!(limits.model_configs.is_none(), *group == Group::Admin);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_somebody_who_is_shut_out_does_not_begin() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let conversation = world.conversation(owner).await;
        world
            .store
            .set_when_busy(
                owner,
                conversation,
                parlance_core::domain::WhenBusy::Queue,
                world.now(),
            )
            .await
            .unwrap();
        let running = world.started(owner, conversation, "one").await;
        let waiting = world.turn(owner, conversation, "two");
        world.store.begin_turn(waiting).await.unwrap();
        world.end(&running, "done").await;
        let begin = async || {
            let begun = world
                .store
                .begin_waiting(conversation, false, world.owner(), world.now())
                .await;
            begun.unwrap().is_some()
        };
        let cut = world
            .store
            .set_active(owner, false, world.now())
            .await
            .unwrap();
        assert_eq!(cut.len(), 1);
        assert!(
            world
                .store
                .waiting_conversations()
                .await
                .unwrap()
                .is_empty()
        );
        assert!(!begin().await);
        let refused = world
            .store
            .create_session(owner, HASH, world.new_session())
            .await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");

        let cut = world
            .store
            .set_active(owner, true, world.now())
            .await
            .unwrap();
        assert!(cut.is_empty());
        assert!(begin().await, "it goes on where it was");
    })
    .await;
}
