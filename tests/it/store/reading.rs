//! Reading a path away from its end: around a message, and all of its words.

use parlance_core::domain::{ConversationId, MessageId, UserId};
use parlance_server::port::store::{Parent, StoreError};
use uuid::Uuid;

use super::world::{World, on_every_engine, set_parent};

/// A path of so many turns, two messages each.
async fn path(world: &World, owner: UserId, id: ConversationId, turns: u32) -> Vec<MessageId> {
    let mut all = Vec::new();
    for number in 0..turns {
        let turn = world.answered(owner, id, &number.to_string()).await;
        all.extend([turn.user_message_id, turn.reply_message_id]);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_read_with_those_around_it() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let all = path(&world, owner, id, 4).await;
        let around = async |at: usize, before, after| {
            let read = world
                .store
                .messages_around(owner, id, all[at], before, after)
                .await
                .unwrap();
            let ids: Vec<MessageId> = read.page.items.iter().map(|message| message.id).collect();
            assert!(read.on_path);
            (ids, read.page.earlier, read.later)
        };
        assert_eq!(around(3, 2, 1).await, (all[1..5].to_vec(), true, true));
        assert_eq!(around(3, 0, 0).await, (all[3..4].to_vec(), true, true));
        assert_eq!(around(0, 9, 2).await, (all[0..3].to_vec(), false, true));
        assert_eq!(around(6, 1, 1).await, (all[5..8].to_vec(), true, false));
        assert_eq!(around(7, 9, 9).await, (all.clone(), false, false));
        assert_eq!(around(5, 0, 9).await, (all[5..].to_vec(), true, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_beside_the_path_is_read_on_its_own_path() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let all = path(&world, owner, id, 3).await;
        let mut begin = world.turn(owner, id, "other");
        set_parent(&mut begin, Parent::Message(all[1]));
        let other = world.begun(begin).await;
        world.end(&other, "other").await;
        let read = async |message| {
            let read = world.store.messages_around(owner, id, message, 1, 1).await;
            read.unwrap()
        };
        let old = read(all[3]).await;
        let ids: Vec<MessageId> = old.page.items.iter().map(|message| message.id).collect();
        assert_eq!(
            (ids, old.on_path, old.later),
            (all[2..5].to_vec(), false, true)
        );
        let siblings = vec![all[2], other.user_message_id];
        assert_eq!(old.page.branches[0].siblings, siblings);
        let shared = read(all[1]).await;
        let ids: Vec<MessageId> = shared.page.items.iter().map(|message| message.id).collect();
        assert_eq!(ids, [all[0], all[1], other.user_message_id]);
        assert!(shared.on_path && shared.later && !shared.page.earlier);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_path_are_read_from_its_end() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        assert!(
            world
                .store
                .path_words(owner, id, None, 3)
                .await
                .unwrap()
                .is_empty()
        );
        let all = path(&world, owner, id, 2).await;
        let words = async |before, limit| {
            let words = world.store.path_words(owner, id, before, limit).await;
            let ids: Vec<MessageId> = words.unwrap().iter().map(|words| words.id).collect();
            ids
        };
        assert_eq!(words(None, 3).await, [all[3], all[2], all[1]]);
        assert_eq!(words(Some(all[1]), 3).await, [all[0]]);
        assert!(words(Some(all[0]), 3).await.is_empty());
        let told = world.store.path_words(owner, id, None, 1).await.unwrap();
        assert_eq!(told[0].content, "answer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_path_is_read() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let all = path(&world, owner, id, 1).await;
        let elsewhere = world.conversation(owner).await;
        let stranger = world.user("Berta").await;
        for (owner, id, message) in [
            (stranger, id, all[0]),
            (owner, elsewhere, all[0]),
            (owner, id, MessageId(Uuid::now_v7())),
        ] {
            let lost = world.store.messages_around(owner, id, message, 1, 1).await;
            assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
            let lost = world.store.path_words(owner, id, Some(message), 1).await;
            assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
        }
        let lost = world.store.path_words(stranger, id, None, 1).await;
        assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
    })
    .await;
}
