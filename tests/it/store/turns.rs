//! Beginning a turn: once, alone, and in the right place.

use std::sync::Arc;

use futures::future::join_all;
use parlance_core::domain::{ConversationId, GenerationStatus, MessageId};
use parlance_server::port::store::{Begun, Constraint, Parent, StoreError};
use uuid::Uuid;

use super::world::{World, on_every_engine, set_parent};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_message_makes_its_conversation() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let persona = world
            .store
            .persona(owner, "tech_expert")
            .await
            .unwrap()
            .unwrap()
            .id;
        let id = ConversationId(Uuid::now_v7());
        let mut begin = world.turn(owner, id, "one");
        let refused = world.store.begin_turn(begin.clone()).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        begin.create = true;
        begin.persona_id = Some(persona);
        let Begun::Started {
            generation, rev, ..
        } = world.store.begin_turn(begin.clone()).await.unwrap()
        else {
            panic!("not started")
        };
        assert_eq!((rev, generation.status), (1, GenerationStatus::Starting));
        assert_eq!(
            (generation.id, generation.persona_id),
            (begin.generation_id, Some(persona))
        );
        let stored = world
            .store
            .generation(owner, generation.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((stored.no, stored.created_at), (generation.no, begin.now));
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.conversation.persona_id, Some(persona));
        assert_eq!(
            (open.conversation.updated_at, open.messages[0].created_at),
            (begin.now, begin.now)
        );

        // Later turns speak with the conversation's persona and leave its title alone.
        world
            .store
            .finish_generation(world.completion(&generation, 0, "answer"))
            .await
            .unwrap();
        let mut second = world.turn(owner, id, "two");
        second.title = "Another title".to_owned();
        let Begun::Started {
            generation, rev, ..
        } = world.store.begin_turn(second).await.unwrap()
        else {
            panic!("not started")
        };
        assert_eq!((rev, generation.persona_id), (3, Some(persona)));
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.conversation.title, "A title");
        assert_eq!(open.messages[2].parent_id, Some(open.messages[1].id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_again_changes_nothing() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (id, other) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        let generation = world.started(owner, id, "one").await;
        let repeat = async || match world.store.begin_turn(world.turn(owner, id, "one")).await {
            Ok(Begun::Repeated {
                generation, rev, ..
            }) => (generation, rev),
            other => panic!("not repeated: {other:?}"),
        };
        let (again, rev) = repeat().await;
        assert_eq!((again.id, again.no, rev), (generation.id, generation.no, 1));
        world
            .store
            .finish_generation(world.completion(&generation, 0, "answer"))
            .await
            .unwrap();
        let (again, rev) = repeat().await;
        assert_eq!(
            (again.id, again.status, rev),
            (generation.id, GenerationStatus::Completed, 1)
        );
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((open.conversation.rev, open.messages.len()), (2, 2));

        let elsewhere = world
            .store
            .begin_turn(world.turn(owner, other, "one"))
            .await;
        assert!(
            matches!(
                elsewhere,
                Err(StoreError::Conflict(Constraint::ClientMessageId))
            ),
            "{elsewhere:?}"
        );
        assert_eq!(
            world
                .store
                .open_conversation(owner, other, None, 100)
                .await
                .unwrap()
                .unwrap()
                .conversation
                .rev,
            0
        );
        let stranger = world.user("Berta").await;
        let theirs = world.conversation(stranger).await;
        world.started(stranger, theirs, "one").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_turn_waits_for_the_first() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let running = world.started(owner, id, "one").await;
        let refused = world.store.begin_turn(world.turn(owner, id, "two")).await;
        assert!(
            matches!(refused, Err(StoreError::GenerationActive(active)) if active == running.id),
            "{refused:?}"
        );
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((open.conversation.rev, open.messages.len()), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_must_be_of_this_conversation() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (id, other) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        let elsewhere = world.started(owner, other, "one").await.user_message_id;
        for parent in [elsewhere, MessageId(Uuid::now_v7())] {
            let mut begin = world.turn(owner, id, "two");
            set_parent(&mut begin, Parent::Message(parent));
            let refused = world.store.begin_turn(begin).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        assert_eq!(
            world
                .store
                .open_conversation(owner, id, None, 100)
                .await
                .unwrap()
                .unwrap()
                .conversation
                .rev,
            0
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_at_once_are_one_message() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = ConversationId(Uuid::now_v7());
        let tasks = (0..50).map(|_| {
            let store = Arc::clone(&world.store);
            let mut begin = world.turn(owner, id, "click");
            begin.create = true;
            tokio::spawn(async move { store.begin_turn(begin).await })
        });
        let (mut started, mut repeated) = (Vec::new(), Vec::new());
        for outcome in join_all(tasks).await {
            match outcome.unwrap().unwrap() {
                Begun::Started { generation, .. } => started.push(generation.id),
                Begun::Repeated { generation, .. } => repeated.push(generation.id),
                Begun::Waiting { .. } => panic!("nobody asked to wait"),
            }
        }
        assert_eq!((started.len(), repeated.len()), (1, 49));
        assert!(repeated.iter().all(|id| *id == started[0]));
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((open.conversation.rev, open.messages.len()), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_different_turns_at_once_one_starts() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let tasks = (0..20).map(|number| {
            let store = Arc::clone(&world.store);
            let begin = world.turn(owner, id, &format!("tab-{number}"));
            tokio::spawn(async move { store.begin_turn(begin).await })
        });
        let (mut started, mut refused) = (Vec::new(), Vec::new());
        for outcome in join_all(tasks).await {
            match outcome.unwrap() {
                Ok(Begun::Started { generation, .. }) => started.push(generation.id),
                Err(StoreError::GenerationActive(active)) => refused.push(active),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((started.len(), refused.len()), (1, 19));
        assert!(refused.iter().all(|id| *id == started[0]));
        assert_eq!(
            world
                .store
                .open_conversation(owner, id, None, 100)
                .await
                .unwrap()
                .unwrap()
                .conversation
                .rev,
            1
        );
    })
    .await;
}
