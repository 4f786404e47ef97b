//! Lists, reading, and whose conversation it is.

use std::collections::BTreeSet;

use parlance_core::domain::{ConversationId, ConversationSort, ConversationStatus, Role};
use parlance_server::port::store::{Constraint, NewConversation, PageKey, Place, StoreError};
use uuid::Uuid;

use super::world::{World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_whole_while_conversations_are_added() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let same_moment = world.now();
        let mut all = BTreeSet::new();
        for number in 0..25 {
            let id = ConversationId(Uuid::now_v7());
            // Pairs share a moment, so that only the id tells them apart.
            let created_at = same_moment.plus_seconds(number / 2);
            let new = NewConversation {
                id,
                user_id: owner,
                title: format!("{number}"),
                persona_id: None,
                model_config_id: None,
                parameters: Default::default(),
                compare_with: Vec::new(),
                created_at,
            };
            world.store.create_conversation(new).await.unwrap();
            all.insert(id);
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = world
                .store
                .list_conversations(owner, ConversationSort::Updated, after, 4)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(PageKey {
                place: Place::Updated(last.updated_at),
                id: last.id,
            });
            seen.extend(page);
            let created_at = same_moment.plus_seconds(1_000 + seen.len() as i64);
            let id = ConversationId(Uuid::now_v7());
            let new = NewConversation {
                id,
                user_id: owner,
                title: String::new(),
                persona_id: None,
                model_config_id: None,
                parameters: Default::default(),
                compare_with: Vec::new(),
                created_at,
            };
            world.store.create_conversation(new).await.unwrap();
        }
        assert!(seen.is_sorted_by_key(|row| std::cmp::Reverse((row.updated_at, row.id))));
        assert_eq!(seen.len(), 25);
        assert_eq!(seen.iter().map(|row| row.id).collect::<BTreeSet<_>>(), all);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_given_once() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let id = world.conversation(anna).await;
        for owner in [anna, berta] {
            let new = NewConversation {
                id,
                user_id: owner,
                title: String::new(),
                persona_id: None,
                model_config_id: None,
                parameters: Default::default(),
                compare_with: Vec::new(),
                created_at: world.now(),
            };
            let refused = world.store.create_conversation(new).await;
            assert!(
                matches!(
                    refused,
                    Err(StoreError::Conflict(Constraint::ConversationId))
                ),
                "{refused:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_read_back_with_its_reply() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;

        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (open.conversation.rev, open.conversation.title.as_str()),
            (1, "A title")
        );
        assert_eq!(open.conversation.status, ConversationStatus::Active);
        assert_eq!(open.head, Some(generation.user_message_id));
        assert_eq!(open.newest.unwrap().id, generation.id);
        assert_eq!(open.messages.len(), 1);

        world
            .store
            .finish_generation(world.completion(&generation, 0, "answer"))
            .await
            .unwrap();
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (open.conversation.rev, open.head),
            (2, Some(generation.reply_message_id))
        );
        let said: Vec<_> = open
            .messages
            .iter()
            .map(|message| (message.role, message.content.as_str()))
            .collect();
        assert_eq!(
            said,
            [(Role::User, "问题 one"), (Role::Assistant, "answer")]
        );
        let later = world
            .store
            .open_conversation(owner, id, Some(1), 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(later.messages, open.messages[1..]);
        assert!(
            world
                .store
                .open_conversation(owner, id, Some(u64::MAX), 100)
                .await
                .unwrap()
                .unwrap()
                .messages
                .is_empty()
        );

        let all = world
            .store
            .changes_since(owner, id, 0, 2)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            all.messages.iter().map(|(rev, _)| *rev).collect::<Vec<_>>(),
            [1, 2]
        );
        assert!(!all.truncated);
        let cut = world
            .store
            .changes_since(owner, id, 0, 1)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((cut.messages.len(), cut.truncated), (1, true));
        let none = world
            .store
            .changes_since(owner, id, 2, 10)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (none.messages.len(), none.truncated, none.conversation.rev),
            (0, false, 2)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_finds_nothing() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let id = world.conversation(anna).await;
        let generation = world.started(anna, id, "one").await;

        assert!(
            world
                .store
                .open_conversation(berta, id, None, 100)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            world
                .store
                .changes_since(berta, id, 0, 10)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            world
                .store
                .generation(berta, generation.id)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            world
                .store
                .list_conversations(berta, ConversationSort::Updated, None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let path = world
            .store
            .path_to(berta, id, generation.user_message_id, u64::MAX)
            .await;
        assert!(matches!(path, Err(StoreError::NotFound)), "{path:?}");
        let deleted = world
            .store
            .delete_conversation(berta, id, world.now())
            .await;
        assert!(matches!(deleted, Err(StoreError::NotFound)), "{deleted:?}");
        let mut begin = world.turn(berta, id, "mine");
        begin.create = true;
        let begun = world.store.begin_turn(begin).await;
        assert!(matches!(begun, Err(StoreError::NotFound)), "{begun:?}");
        assert_eq!(
            world
                .store
                .open_conversation(anna, id, None, 100)
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

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_conversation_is_gone_for_its_owner_too() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        world
            .store
            .save_draft(owner, Some(id), "half a sent", world.now())
            .await
            .unwrap();

        let running = world
            .store
            .delete_conversation(owner, id, world.now())
            .await
            .unwrap();
        assert_eq!(running, [generation.id]);
        assert!(
            world
                .store
                .open_conversation(owner, id, None, 100)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            world
                .store
                .list_conversations(owner, ConversationSort::Updated, None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(world.store.draft(owner, Some(id)).await.unwrap().is_none());
        let again = world
            .store
            .delete_conversation(owner, id, world.now())
            .await;
        assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
        let begun = world.store.begin_turn(world.turn(owner, id, "two")).await;
        assert!(matches!(begun, Err(StoreError::NotFound)), "{begun:?}");
        // What was running still comes to its end.
        let finished = world
            .store
            .finish_generation(world.completion(&generation, 0, "late"))
            .await
            .unwrap();
        assert!(finished.won);

        let quiet = world.conversation(owner).await;
        assert_eq!(
            world
                .store
                .delete_conversation(owner, quiet, world.now())
                .await
                .unwrap(),
            []
        );
    })
    .await;
}
