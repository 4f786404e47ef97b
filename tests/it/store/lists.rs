//! Orders of the list, titles, and what changed lately.

use parlance_core::domain::{Conversation, ConversationId, ConversationSort, UserId, WhenBusy};
use parlance_server::port::store::{NewConversation, PageKey, Place, Renamed, StoreError, TitleBy};
use uuid::Uuid;

use super::world::{World, on_every_engine};

async fn titled(world: &World, owner: UserId, title: &str) -> ConversationId {
    let new = NewConversation {
        id: ConversationId(Uuid::now_v7()),
        user_id: owner,
        title: title.to_owned(),
        persona_id: None,
        model_config_id: None,
        parameters: Default::default(),
        compare_with: Vec::new(),
        created_at: world.now(),
    };
    world.store.create_conversation(new).await.unwrap().id
}

fn place(sort: ConversationSort, row: &Conversation) -> PageKey {
    let place = match sort {
        ConversationSort::Updated => Place::Updated(row.updated_at),
        ConversationSort::Created => Place::Created(row.created_at),
        ConversationSort::Title => Place::Title(row.title.clone()),
    };
    PageKey { place, id: row.id }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_paged_through_whole() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let titles = ["b", "a", "", "Ä", "中", "B", "a", "", "z", "a", "😀"];
        let mut ids = Vec::new();
        for title in titles {
            ids.push(titled(&world, owner, title).await);
        }
        // The oldest is used last.
        world.started(owner, ids[0], "one").await;
        for sort in [
            ConversationSort::Updated,
            ConversationSort::Created,
            ConversationSort::Title,
        ] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = world.store.list_conversations(owner, sort, after, 3).await;
                let page = page.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(place(sort, last));
                seen.extend(page);
            }
            assert_eq!(seen.len(), titles.len(), "{sort:?}");
            match sort {
                ConversationSort::Updated => assert_eq!(seen[0].id, ids[0]),
                ConversationSort::Created => {
                    assert!(seen.iter().rev().map(|row| row.id).eq(ids.iter().copied()));
                }
                ConversationSort::Title => {
                    let key = |row: &Conversation| (row.title.clone(), std::cmp::Reverse(row.id));
                    assert!(seen.is_sorted_by_key(key), "{seen:?}");
                }
            }
        }
        let strange = PageKey {
            place: Place::Title(String::new()),
            id: ids[0],
        };
        let refused = world
            .store
            .list_conversations(owner, ConversationSort::Created, Some(strange), 3)
            .await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_gives_way_to_one_by_somebody_higher() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = titled(&world, owner, "").await;
        world.started(owner, id, "one").await;
        let rename = async |title: &str, by| {
            let renamed = world
                .store
                .rename_conversation(owner, id, title, by, world.now())
                .await;
            match renamed.unwrap() {
                Renamed::Done(conversation) => (true, conversation.title, conversation.rev),
                Renamed::Kept(conversation) => (false, conversation.title, conversation.rev),
            }
        };
        let done = |title: &str, rev| (true, title.to_owned(), rev);
        let kept = |title: &str, rev| (false, title.to_owned(), rev);
        assert_eq!(rename("words", TitleBy::FirstWords).await, done("words", 2));
        assert_eq!(rename("model", TitleBy::Model).await, done("model", 3));
        assert_eq!(rename("words", TitleBy::FirstWords).await, kept("model", 3));
        assert_eq!(rename("better", TitleBy::Model).await, done("better", 4));
        assert_eq!(rename("mine", TitleBy::Person).await, done("mine", 5));
        assert_eq!(rename("model", TitleBy::Model).await, kept("mine", 5));
        assert_eq!(rename("yours", TitleBy::Person).await, done("yours", 6));

        let own = titled(&world, owner, "given at once").await;
        let refused = world
            .store
            .rename_conversation(owner, own, "model", TitleBy::Model, world.now())
            .await;
        assert!(matches!(refused, Ok(Renamed::Kept(_))), "{refused:?}");
        let stranger = world.user("Berta").await;
        let lost = world
            .store
            .rename_conversation(stranger, id, "theirs", TitleBy::Person, world.now())
            .await;
        assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_and_only_use_reorders_the_list() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (first, second, third) = (
            titled(&world, owner, "1").await,
            titled(&world, owner, "2").await,
            titled(&world, owner, "3").await,
        );
        let order = async || -> Vec<ConversationId> {
            let page = world
                .store
                .list_conversations(owner, ConversationSort::Updated, None, 10)
                .await;
            page.unwrap().iter().map(|row| row.id).collect()
        };
        let since = world.now();
        let changed = async |since| {
            let changed = world.store.changed_conversations(owner, since, 10).await;
            changed.unwrap()
        };
        assert!(changed(since).await.is_empty());
        let renamed = world.now();
        world
            .store
            .rename_conversation(owner, first, "new", TitleBy::Person, renamed)
            .await
            .unwrap();
        world
            .store
            .set_when_busy(owner, second, WhenBusy::Queue, world.now())
            .await
            .unwrap();
        assert_eq!(order().await, [third, second, first]);
        let ids: Vec<_> = changed(since)
            .await
            .into_iter()
            .map(|change| change.conversation.id)
            .collect();
        assert_eq!(ids, [second, first]);

        let running = world.started(owner, first, "one").await;
        assert_eq!(order().await, [first, third, second]);
        let newest = changed(since).await.remove(0);
        assert_eq!(newest.conversation.id, first);
        assert_eq!(
            (newest.head, newest.running),
            (Some(running.user_message_id), Some(running.id))
        );
        world.end(&running, "done").await;
        let ended = changed(since).await.remove(0);
        assert_eq!(
            (ended.head, ended.running),
            (Some(running.reply_message_id), None)
        );
        let moment = world.now();
        let gone = world.store.delete_conversation(owner, third, moment).await;
        gone.unwrap();
        let gone = changed(moment).await;
        assert_eq!(gone.len(), 1, "at or after");
        assert_eq!(gone[0].conversation.id, third);
        assert!(changed(world.now()).await.is_empty());
        let one = world.store.changed_conversations(owner, since, 1).await;
        assert_eq!(one.unwrap(), gone);
        let stranger = world.user("Berta").await;
        let theirs = world.store.changed_conversations(stranger, since, 10).await;
        assert!(theirs.unwrap().is_empty());
    })
    .await;
}
