//! Deleting several, having them back, what leaves storage, and what counts as read.

use parlance_core::domain::{ConversationId, ConversationSort, UserId};
use parlance_server::port::store::{Gone, Listed, PageKey, Place, StoreError};

use super::world::{World, on_every_engine};

async fn listed(world: &World, owner: UserId) -> Vec<Listed> {
    world.store.list_sidebar(owner, None, 50).await.unwrap()
}

async fn ids(world: &World, owner: UserId) -> Vec<ConversationId> {
    let rows = listed(world, owner).await.into_iter();
    rows.map(|row| row.conversation.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_conversation_is_what_it_was_at_its_old_place() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (older, newer) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        world.answered(owner, older, "one").await;
        world.answered(owner, newer, "two").await;
        let now = world.now();
        world
            .store
            .save_draft(owner, Some(older), "half a sent", now)
            .await
            .unwrap();
        let before = world
            .store
            .open_conversation(owner, older, None, 10)
            .await
            .unwrap()
            .unwrap();

        world
            .store
            .delete_conversation(owner, older, world.now())
            .await
            .unwrap();
        assert_eq!(ids(&world, owner).await, [newer]);
        assert_eq!(world.store.draft(owner, Some(older)).await.unwrap(), None);

        let (back, restored) = world
            .store
            .restore_conversation(owner, older, world.now())
            .await
            .unwrap();
        assert!(restored);
        assert_eq!(
            back.rev,
            before.conversation.rev + 2,
            "each is a change of its own"
        );
        assert_eq!(back.updated_at, before.conversation.updated_at);
        assert_eq!(ids(&world, owner).await, [newer, older]);
        let after = world
            .store
            .open_conversation(owner, older, None, 10)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((after.messages, after.head), (before.messages, before.head));
        let draft = world.store.draft(owner, Some(older)).await.unwrap();
        assert_eq!(draft.as_deref(), Some("half a sent"));

        let (again, restored) = world
            .store
            .restore_conversation(owner, older, world.now())
            .await
            .unwrap();
        assert!(!restored);
        assert_eq!(again, back, "what is not deleted stays as it is");
        let berta = world.user("Berta").await;
        world
            .store
            .delete_conversation(owner, older, world.now())
            .await
            .unwrap();
        let theft = world
            .store
            .restore_conversation(berta, older, world.now())
            .await;
        assert!(matches!(theft, Err(StoreError::NotFound)), "{theft:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_or_all_are_deleted_at_once_and_nobody_elses() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let mut hers = Vec::new();
        for _ in 0..4 {
            hers.push(world.conversation(anna).await);
        }
        let other = world.conversation(berta).await;
        let running = world.started(anna, hers[1], "one").await;
        let asked = [hers[1], other, hers[0], hers[0]];
        let mut gone = world
            .store
            .delete_conversations(anna, Some(&asked), world.now())
            .await
            .unwrap();
        gone.sort_by_key(|one| one.id.0);
        let expected = [
            Gone {
                id: hers[0],
                running: Vec::new(),
            },
            Gone {
                id: hers[1],
                running: vec![running.id],
            },
        ];
        assert_eq!(gone, expected);
        assert_eq!(
            world
                .store
                .delete_conversations(anna, Some(&[]), world.now())
                .await
                .unwrap(),
            []
        );
        let all = world
            .store
            .delete_conversations(anna, None, world.now())
            .await
            .unwrap();
        assert_eq!(all.len(), 2);
        assert!(ids(&world, anna).await.is_empty());
        assert_eq!(ids(&world, berta).await, [other]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_long_ago_leaves_storage_with_all_that_is_in_it() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (old, new, kept) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        for id in [old, new, kept] {
            world.answered(owner, id, &id.to_string()).await;
            world
                .store
                .save_draft(owner, Some(id), "unsent", world.now())
                .await
                .unwrap();
        }
        world
            .store
            .delete_conversation(owner, old, world.now())
            .await
            .unwrap();
        let border = world.now();
        world
            .store
            .delete_conversation(owner, new, world.now())
            .await
            .unwrap();
        assert_eq!(
            world.store.purge_conversations(border, 10).await.unwrap(),
            1
        );
        assert_eq!(
            world.store.purge_conversations(border, 10).await.unwrap(),
            0
        );
        let gone = world
            .store
            .restore_conversation(owner, old, world.now())
            .await;
        assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
        assert!(
            world
                .store
                .restore_conversation(owner, new, world.now())
                .await
                .is_ok()
        );
        assert_eq!(world.store.draft(owner, Some(old)).await.unwrap(), None);
        for id in [new, kept] {
            let open = world
                .store
                .open_conversation(owner, id, None, 10)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(open.messages.len(), 2);
            assert!(world.store.draft(owner, Some(id)).await.unwrap().is_some());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_tells_what_runs_and_what_nobody_has_read() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (empty, talk) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        let marks = async || {
            let rows = listed(&world, owner).await;
            let row = rows.iter().find(|row| row.conversation.id == talk).unwrap();
            (row.running, row.unread)
        };
        let running = world.started(owner, talk, "one").await;
        assert!(marks().await.0);
        world.end(&running, "done").await;
        assert_eq!(marks().await, (false, true));
        let rows = listed(&world, owner).await;
        assert!(
            !rows
                .iter()
                .find(|row| row.conversation.id == empty)
                .unwrap()
                .unread
        );

        let rev = rows[0].conversation.rev;
        assert!(
            world
                .store
                .mark_seen(owner, talk, world.now())
                .await
                .unwrap()
        );
        assert_eq!(marks().await, (false, false));
        let rows = listed(&world, owner).await;
        assert_eq!(rows[0].conversation.rev, rev + 1, "other tabs hear of it");
        assert!(
            !world
                .store
                .mark_seen(owner, talk, world.now())
                .await
                .unwrap(),
            "no news"
        );
        world.answered(owner, talk, "two").await;
        assert_eq!(marks().await, (false, true));

        let berta = world.user("Berta").await;
        let theirs = world.store.mark_seen(berta, talk, world.now()).await;
        assert!(matches!(theirs, Err(StoreError::NotFound)), "{theirs:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_beside_the_pages_is_the_list_by_last_use() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(world.conversation(owner).await);
        }
        world.answered(owner, made[1], "used last").await;
        let all = world
            .store
            .list_conversations(owner, ConversationSort::Updated, None, 50)
            .await
            .unwrap();
        let rows = listed(&world, owner).await;
        let conversations: Vec<_> = rows.into_iter().map(|row| row.conversation).collect();
        assert_eq!(conversations, all);
        let key = PageKey {
            place: Place::Updated(all[1].updated_at),
            id: all[1].id,
        };
        let rest = world.store.list_sidebar(owner, Some(key), 2).await.unwrap();
        let rest: Vec<_> = rest.into_iter().map(|row| row.conversation).collect();
        assert_eq!(rest, all[2..4]);
    })
    .await;
}
