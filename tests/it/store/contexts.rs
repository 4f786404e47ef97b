//! Named contexts, and what conversations tell their models.

use parlance_core::domain::{
    ContextDraft, ContextId, ConversationContext, ConversationId, MessageId, NamedContext, UserId,
};
use parlance_server::port::store::{Constraint, Retold, StoreError, Summary, Told};
use uuid::Uuid;

use super::world::{World, on_every_engine};

fn named(name: &str, is_default: bool) -> NamedContext {
    NamedContext {
        id: ContextId(Uuid::now_v7()),
        draft: ContextDraft {
            name: name.to_owned(),
            content: format!("{name} 内容"),
            is_default,
        },
    }
}

async fn made(world: &World, owner: UserId, context: &NamedContext) {
    let made = world.store.create_context(owner, context, 3, world.now());
    made.await.unwrap();
}

async fn told(world: &World, owner: UserId, id: ConversationId) -> Told {
    world.store.told(owner, id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_most_one_context_is_the_default_and_nobody_elses_is_touched() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let (first, second) = (named("B", true), named("A", true));
        made(&world, anna, &first).await;
        made(&world, bob, &named("Bobs", true)).await;
        made(&world, anna, &second).await;
        let listed = world.store.contexts(anna).await.unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|one| (one.draft.name.as_str(), one.draft.is_default))
            .collect();
        assert_eq!(
            listed,
            [("A", true), ("B", false)],
            "by name, the last one made"
        );
        let mut again = first.clone();
        again.draft.content = "changed".to_owned();
        assert!(
            world
                .store
                .change_context(anna, &again, world.now())
                .await
                .unwrap()
        );
        assert_eq!(
            world.store.context(anna, first.id).await.unwrap(),
            Some(again.clone())
        );
        assert!(
            !world
                .store
                .context(anna, second.id)
                .await
                .unwrap()
                .unwrap()
                .draft
                .is_default
        );
        assert!(world.store.contexts(bob).await.unwrap()[0].draft.is_default);

        assert!(
            !world
                .store
                .change_context(bob, &named("X", true), world.now())
                .await
                .unwrap()
        );
        assert!(
            world.store.contexts(bob).await.unwrap()[0].draft.is_default,
            "nothing happened"
        );
        assert!(
            !world
                .store
                .change_context(bob, &again, world.now())
                .await
                .unwrap()
        );
        assert!(!world.store.delete_context(bob, first.id).await.unwrap());
        assert_eq!(world.store.context(bob, first.id).await.unwrap(), None);

        made(&world, anna, &named("C", false)).await;
        let full = world
            .store
            .create_context(anna, &named("D", true), 3, world.now())
            .await;
        assert!(
            matches!(full, Err(StoreError::Conflict(Constraint::Contexts))),
            "{full:?}"
        );
        assert!(
            world
                .store
                .context(anna, first.id)
                .await
                .unwrap()
                .unwrap()
                .draft
                .is_default
        );
        assert!(world.store.delete_context(anna, first.id).await.unwrap());
        assert!(!world.store.delete_context(anna, first.id).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_conversations_begin_with_a_copy_of_the_default() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let before = world.conversation(anna).await;
        let mut context = named("Mine", true);
        made(&world, anna, &context).await;
        let id = world.conversation(anna).await;
        let mut begin = world.turn(anna, ConversationId(Uuid::now_v7()), "one");
        begin.create = true;
        let with_first_message = begin.conversation_id;
        world.begun(begin).await;
        context.draft.content = "later".to_owned();
        assert!(
            world
                .store
                .change_context(anna, &context, world.now())
                .await
                .unwrap()
        );
        for id in [id, with_first_message] {
            let told = told(&world, anna, id).await;
            assert_eq!((told.context.content.as_str(), told.rev), ("Mine 内容", 0));
        }
        assert_eq!(told(&world, anna, before).await, Told::default());
        let his = world.conversation(bob).await;
        assert_eq!(told(&world, bob, his).await, Told::default());
        assert_eq!(world.store.told(bob, id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversations_context_is_set_whole_or_not_at_all() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let id = world.conversation(anna).await;
        let turn = world.answered(anna, id, "one").await;
        let (asked, reply) = (turn.user_message_id, turn.reply_message_id);
        let context = ConversationContext {
            content: "Be kind".to_owned(),
            excluded: [reply].into(),
            wordings: [(asked, "anders".to_owned()), (reply, "so".to_owned())].into(),
        };
        let set = world.store.tell(anna, id, &context, Some(0)).await.unwrap();
        assert_eq!(set, Retold::Done(1));
        let found = told(&world, anna, id).await;
        assert_eq!((&found.context, found.rev), (&context, 1));
        assert_eq!(
            found.edited_bytes,
            ("问题 one".len() + "answer".len()) as u64
        );

        let other = ConversationContext::default();
        let stale = world.store.tell(anna, id, &other, Some(0)).await.unwrap();
        assert_eq!(stale, Retold::Stale);
        let elsewhere = world.conversation(anna).await;
        let foreign = world.answered(anna, elsewhere, "two").await.user_message_id;
        for unknown in [foreign, MessageId(Uuid::now_v7())] {
            let context = ConversationContext {
                content: "half".to_owned(),
                excluded: [asked, unknown].into(),
                ..ConversationContext::default()
            };
            let set = world.store.tell(anna, id, &context, None).await.unwrap();
            assert_eq!(set, Retold::Unknown(unknown));
        }
        let lost = world.store.tell(bob, id, &other, None).await;
        assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
        let found = told(&world, anna, id).await;
        assert_eq!(
            (found.context, found.rev),
            (context, 1),
            "nothing half-written"
        );

        let set = world.store.tell(anna, id, &other, None).await.unwrap();
        assert_eq!(set, Retold::Done(2));
        let found = told(&world, anna, id).await;
        assert_eq!((found.context, found.edited_bytes), (other.clone(), 0));
        world
            .store
            .delete_conversation(anna, id, world.now())
            .await
            .unwrap();
        let lost = world.store.tell(anna, id, &other, None).await;
        assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_of_what_is_told_otherwise_now_is_dropped_and_kept_away() {
    on_every_engine(async |world: World| {
        let anna = world.user("Anna").await;
        let id = world.conversation(anna).await;
        let asked = world.answered(anna, id, "one").await.user_message_id;
        let summary = Summary {
            up_to: asked,
            text: "They met.".to_owned(),
        };
        let keep = async |rev| {
            let kept = world
                .store
                .save_summary(id, summary.clone(), rev, world.now());
            kept.await.unwrap();
            world
                .store
                .summary(anna, id, &[asked])
                .await
                .unwrap()
                .is_some()
        };
        assert!(keep(0).await);
        let mut context = ConversationContext {
            content: "Only the text".to_owned(),
            ..ConversationContext::default()
        };
        world.store.tell(anna, id, &context, None).await.unwrap();
        assert!(
            world
                .store
                .summary(anna, id, &[asked])
                .await
                .unwrap()
                .is_some()
        );
        context.excluded.insert(asked);
        world.store.tell(anna, id, &context, None).await.unwrap();
        assert!(
            world
                .store
                .summary(anna, id, &[asked])
                .await
                .unwrap()
                .is_none()
        );
        assert!(!keep(1).await, "one that was begun before comes too late");
        assert!(keep(2).await);
    })
    .await;
}
