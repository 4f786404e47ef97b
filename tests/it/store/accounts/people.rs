//! Other people's accounts, and what shutting somebody out means.

use parlance_core::domain::{Group, Usage};
use parlance_server::port::store::{Allowance, Ask, Begun, NewApiKey, SessionKind, StoreError};

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
        world
            .store
            .create_api_key(owner, HASH, new, 9)
            .await
            .unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_for_somebody_who_is_shut_out() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let conversation = world.conversation(owner).await;
        let answered = world.answered(owner, conversation, "one").await;
        let reply = answered.reply_message_id;
        world
            .store
            .set_active(owner, false, world.now())
            .await
            .unwrap();
        let mut first = world.turn(
            owner,
            parlance_core::domain::ConversationId(uuid::Uuid::now_v7()),
            "three",
        );
        first.create = true;
        for begin in [
            world.turn(owner, conversation, "two"),
            world.asking(owner, conversation, Ask::Again(reply)),
            first,
        ] {
            let refused = world.store.begin_turn(begin).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        assert!(
            world
                .store
                .active_generations(owner)
                .await
                .unwrap()
                .is_empty()
        );
        world
            .store
            .set_active(owner, true, world.now())
            .await
            .unwrap();
        world.started(owner, conversation, "two").await;
    })
    .await;
}

/// Whatever the order in which they arrive: what was begun is seen by who shuts the account.
#[tokio::test(flavor = "multi_thread")]
async fn no_turn_slips_past_the_shutting_of_an_account() {
    on_every_engine(async |world: World| {
        for round in 0..8 {
            let owner = world.user(&format!("Anna {round}")).await;
            let mut turns = Vec::new();
            for _ in 0..6 {
                let conversation = world.conversation(owner).await;
                let begin = world.turn(owner, conversation, &format!("{conversation}"));
                let store = world.store.clone();
                turns.push(tokio::spawn(async move {
                    store.begin_turn(begin).await.is_ok()
                }));
            }
            world
                .store
                .set_active(owner, false, world.now())
                .await
                .unwrap();
            let seen = world.store.active_generations(owner).await.unwrap().len();
            let mut begun = 0;
            for turn in turns {
                begun += usize::from(turn.await.unwrap());
            }
            assert_eq!(seen, begun, "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_not_opened_again() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let (store, now) = (&world.store, world.now());
        assert!(store.closed_users(10).await.unwrap().is_empty());
        let refused = store.close_user(anna, "another hash", now).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        assert_eq!(store.close_user(anna, HASH, now).await.unwrap().len(), 1);
        let again = store.close_user(anna, HASH, now).await;
        assert!(
            matches!(again, Err(StoreError::NotFound)),
            "once: {again:?}"
        );
        assert_eq!(store.closed_users(10).await.unwrap(), [anna]);
        for is_active in [true, false] {
            let refused = store.set_active(anna, is_active, now).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        let session = store.create_session(anna, HASH, world.new_session()).await;
        assert!(matches!(session, Err(StoreError::NotFound)), "{session:?}");
        store.delete_user(anna).await.unwrap();
        assert!(store.closed_users(10).await.unwrap().is_empty());
        assert!(store.person(berta).await.unwrap().unwrap().is_active);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_counted_over_the_window_and_for_one_person() {
    on_every_engine(async |world: World| {
        let (owner, other) = (world.user("Anna").await, world.user("Berta").await);
        let conversation = world.conversation(owner).await;
        let running = world.started(owner, conversation, "one").await;
        let mut finish = world.completion(&running, 0, "done");
        finish.usage = Some(Usage {
            prompt_tokens: 30,
            completion_tokens: 12,
        });
        let ended_at = finish.ended_at;
        world.store.finish_generation(finish).await.unwrap();
        let window = std::time::Duration::from_secs(60);
        let begin = async |owner, conversation, client: &str, tokens, later| {
            let mut begin = world.turn(owner, conversation, client);
            begin.allowance = Some(Allowance { tokens, window });
            begin.now = ended_at.plus_seconds(later);
            world.store.begin_turn(begin).await
        };
        match begin(owner, conversation, "two", 42, 20).await {
            Err(StoreError::Spent(wait)) => assert_eq!(wait.as_secs(), 40),
            other => panic!("{other:?}"),
        }
        let repeated = begin(owner, conversation, "one", 42, 20).await;
        assert!(
            matches!(repeated, Ok(Begun::Repeated { .. })),
            "{repeated:?}"
        );
        let nothing = begin(other, world.conversation(other).await, "x", 0, 20).await;
        assert!(matches!(nothing, Err(StoreError::Spent(wait)) if wait == window));
        let theirs = begin(other, world.conversation(other).await, "y", 1, 20).await;
        assert!(matches!(theirs, Ok(Begun::Started { .. })), "{theirs:?}");
        let enough = begin(owner, conversation, "two", 43, 20).await;
        assert!(matches!(enough, Ok(Begun::Started { .. })), "{enough:?}");
        let elsewhere = world.conversation(owner).await;
        let later = begin(owner, elsewhere, "three", 1, 61).await;
        assert!(matches!(later, Ok(Begun::Started { .. })), "{later:?}");
    })
    .await;
}
