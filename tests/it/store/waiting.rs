//! Messages sent while a reply is being written.

use std::sync::Arc;

use futures::future::join_all;
use parlance_core::domain::{ConversationId, GenerationId, GenerationStatus, UserId, WhenBusy};
use parlance_server::port::store::{Ask, Begun, Constraint, StoreError};

use super::world::{World, on_every_engine};

/// A conversation that lets messages wait.
async fn patient(world: &World, owner: UserId) -> ConversationId {
    let id = world.conversation(owner).await;
    let set = world
        .store
        .set_when_busy(owner, id, WhenBusy::Queue, world.now())
        .await
        .unwrap();
    assert_eq!((set.when_busy, set.rev), (WhenBusy::Queue, 1));
    id
}

async fn wait(world: &World, owner: UserId, id: ConversationId, client: &str) -> GenerationId {
    let begin = world.turn(owner, id, client);
    match world.store.begin_turn(begin.clone()).await {
        Ok(Begun::Waiting { generation_id, .. }) => {
            assert_eq!(generation_id, begin.generation_id);
            generation_id
        }
        other => panic!("it does not wait: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_begin_in_the_order_of_their_arrival() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = patient(&world, owner).await;
        let running = world.started(owner, id, "one").await;
        let second = wait(&world, owner, id, "two").await;
        let third = wait(&world, owner, id, "three").await;
        // Again, while it waits: the same answer.
        let repeated = world.store.begin_turn(world.turn(owner, id, "two")).await;
        assert!(
            matches!(repeated, Ok(Begun::Waiting { generation_id, rev: 3, .. }) if generation_id == second),
            "{repeated:?}"
        );
        let full = world.store.begin_turn(world.turn(owner, id, "four")).await;
        assert!(
            matches!(full, Err(StoreError::Conflict(Constraint::Waiting))),
            "{full:?}"
        );
        let again = world.asking(owner, id, Ask::Again(running.user_message_id));
        let refused = world.store.begin_turn(again).await;
        assert!(
            matches!(refused, Err(StoreError::GenerationActive(active)) if active == running.id),
            "{refused:?}"
        );
        let next = async |queued| {
            world
                .store
                .begin_waiting(id, queued, world.owner(), world.now())
                .await
                .unwrap()
        };
        assert!(next(false).await.is_none(), "a reply is being written");
        assert!(world.store.waiting_conversations().await.unwrap().is_empty());

        world.end(&running, "first").await;
        assert_eq!(
            world.store.waiting_conversations().await.unwrap(),
            [(id, owner)]
        );
        // Whoever comes now does not overtake.
        let refused = world.store.begin_turn(world.turn(owner, id, "five")).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(Constraint::Waiting))),
            "{refused:?}"
        );
        let (two, rev) = next(true).await.unwrap();
        assert_eq!((two.id, two.status), (second, GenerationStatus::Queued));
        assert_eq!(two.owner_boot, world.boot);
        let message = world.store.message(owner, two.user_message_id).await;
        let message = message.unwrap().unwrap();
        assert_eq!(message.content, "问题 two");
        assert_eq!(message.parent_id, Some(running.reply_message_id));
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((open.head, open.conversation.rev), (Some(message.id), rev));
        // Once it has begun, the same client id finds its generation.
        let repeated = world.store.begin_turn(world.turn(owner, id, "two")).await;
        assert!(
            matches!(&repeated, Ok(Begun::Repeated { generation, .. }) if generation.id == second),
            "{repeated:?}"
        );
        assert!(next(false).await.is_none());

        world.end(&two, "second").await;
        let (three, _) = next(false).await.unwrap();
        assert_eq!((three.id, three.status), (third, GenerationStatus::Starting));
        world.end(&three, "third").await;
        assert!(next(false).await.is_none());
        assert_eq!(world.path(owner, id).await.0.len(), 6);
        world.started(owner, id, "six").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_id_waits_once() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (id, other) = (patient(&world, owner).await, patient(&world, owner).await);
        world.started(owner, id, "one").await;
        world.started(owner, other, "other").await;
        wait(&world, owner, id, "two").await;
        for used in ["one", "two"] {
            let begin = world.turn(owner, other, used);
            let refused = world.store.begin_turn(begin).await;
            assert!(
                matches!(
                    refused,
                    Err(StoreError::Conflict(Constraint::ClientMessageId))
                ),
                "{refused:?}"
            );
        }
        let stranger = world.user("Berta").await;
        let theirs = patient(&world, stranger).await;
        world.started(stranger, theirs, "one").await;
        wait(&world, stranger, theirs, "two").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_waits_a_second_message_is_refused() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = patient(&world, owner).await;
        let running = world.started(owner, id, "one").await;
        for when_busy in [WhenBusy::Reject, WhenBusy::Interrupt] {
            world
                .store
                .set_when_busy(owner, id, when_busy, world.now())
                .await
                .unwrap();
            let refused = world.store.begin_turn(world.turn(owner, id, "two")).await;
            assert!(
                matches!(refused, Err(StoreError::GenerationActive(active)) if active == running.id),
                "{refused:?}"
            );
        }
        let stranger = world.user("Berta").await;
        let refused = world
            .store
            .set_when_busy(stranger, id, WhenBusy::Queue, world.now())
            .await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_with_its_conversation() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = patient(&world, owner).await;
        let running = world.started(owner, id, "one").await;
        wait(&world, owner, id, "two").await;
        world
            .store
            .delete_conversation(owner, id, world.now())
            .await
            .unwrap();
        world.end(&running, "late").await;
        assert!(
            world
                .store
                .waiting_conversations()
                .await
                .unwrap()
                .is_empty()
        );
        let begun = world
            .store
            .begin_waiting(id, false, world.owner(), world.now())
            .await;
        assert!(begun.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_turn_is_begun_once_however_many_ask() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = patient(&world, owner).await;
        let running = world.started(owner, id, "one").await;
        let second = wait(&world, owner, id, "two").await;
        wait(&world, owner, id, "three").await;
        world.end(&running, "first").await;
        let tasks = (0..10).map(|_| {
            let (store, begun_by, now) = (Arc::clone(&world.store), world.owner(), world.now());
            tokio::spawn(async move { store.begin_waiting(id, false, begun_by, now).await })
        });
        let begun: Vec<_> = join_all(tasks)
            .await
            .into_iter()
            .filter_map(|outcome| outcome.unwrap().unwrap())
            .collect();
        assert_eq!(begun.len(), 1);
        assert_eq!(begun[0].0.id, second);
    })
    .await;
}
