//! The tree that a person walks: paths, siblings, other replies, going on, and the way back.

use parlance_core::domain::{
    Branch, GenerationKind, GenerationStatus, MessageId, MessageStatus, Problem, ProblemCode,
};
use parlance_server::port::store::{Ask, Parent, Reply, StoreError, Summary};
use uuid::Uuid;

use super::world::{World, on_every_engine, set_parent};

#[tokio::test(flavor = "multi_thread")]
async fn the_path_holds_one_branch_only() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let first = world.answered(owner, id, "one").await;
        let left = world.answered(owner, id, "left").await;
        let mut begin = world.turn(owner, id, "right");
        set_parent(&mut begin, Parent::Message(first.reply_message_id));
        let right = world.begun(begin).await;

        let path = [
            first.user_message_id,
            first.reply_message_id,
            right.user_message_id,
        ];
        let end = world
            .store
            .path_to(owner, id, right.user_message_id, u64::MAX)
            .await
            .unwrap();
        let ids: Vec<MessageId> = end.messages.iter().map(|message| message.id).collect();
        assert_eq!((ids.as_slice(), end.earlier), (path.as_slice(), false));
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.messages, end.messages);
        assert_eq!(
            (open.head, open.earlier),
            (Some(right.user_message_id), false)
        );
        let siblings = vec![left.user_message_id, right.user_message_id];
        let branch = Branch {
            message_id: right.user_message_id,
            siblings,
        };
        assert_eq!(open.branches, [branch]);
        let all = world
            .store
            .open_conversation(owner, id, Some(0), 1)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((all.messages.len(), all.earlier), (5, false));
        assert!(all.branches.is_empty());

        let elsewhere = world.conversation(owner).await;
        let lost = world
            .store
            .path_to(owner, elsewhere, right.user_message_id, u64::MAX)
            .await;
        assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_ends_where_the_bytes_do() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        for number in 0..3 {
            // Six bytes of Chinese, a space, a digit; and six bytes of reply: 14 for a turn.
            world.answered(owner, id, &number.to_string()).await;
        }
        let last = world.started(owner, id, "3").await.user_message_id;
        let path = async |bytes| {
            let end = world.store.path_to(owner, id, last, bytes).await.unwrap();
            assert_eq!(end.messages.last().unwrap().id, last);
            (end.messages.len(), end.earlier)
        };
        assert_eq!(path(0).await, (1, true), "always the last");
        assert_eq!(path(8).await, (1, true));
        assert_eq!(path(13).await, (1, true));
        assert_eq!(path(14).await, (2, true));
        assert_eq!(path(8 + 14 * 3 - 1).await, (6, true));
        assert_eq!(path(8 + 14 * 3).await, (7, false));
        assert_eq!(path(u64::MAX).await, (7, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_path_is_read_from_its_end() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let mut all = Vec::new();
        for number in 0..4 {
            let turn = world.answered(owner, id, &number.to_string()).await;
            all.extend([turn.user_message_id, turn.reply_message_id]);
        }
        let mut begin = world.turn(owner, id, "another first");
        set_parent(&mut begin, Parent::Root);
        let other = world.begun(begin).await;
        world.end(&other, "another").await;
        let open = async |limit| {
            let open = world.store.open_conversation(owner, id, None, limit).await;
            open.unwrap().unwrap()
        };
        let root = open(100).await;
        let siblings = vec![all[0], other.user_message_id];
        let branch = |message_id| Branch {
            message_id,
            siblings: siblings.clone(),
        };
        assert_eq!(root.branches, [branch(other.user_message_id)]);
        assert_eq!((root.messages.len(), root.earlier), (2, false));

        world
            .store
            .select_branch(owner, all[0], world.now())
            .await
            .unwrap();
        assert_eq!(world.path(owner, id).await, (all.clone(), Some(all[7])));
        for (limit, earlier) in [(3, true), (7, true), (8, false)] {
            let open = open(limit).await;
            assert_eq!(
                (open.messages.len(), open.earlier),
                (limit as usize, earlier)
            );
            assert_eq!(open.messages.last().unwrap().id, all[7]);
        }
        let before = async |message: MessageId, limit| {
            let page = world.store.messages_before(owner, id, message, limit).await;
            let page = page.unwrap();
            let ids: Vec<MessageId> = page.items.iter().map(|message| message.id).collect();
            (ids, page.earlier, page.branches)
        };
        assert_eq!(
            before(all[5], 3).await,
            (all[2..5].to_vec(), true, Vec::new())
        );
        assert_eq!(
            before(all[2], 2).await,
            (all[..2].to_vec(), false, vec![branch(all[0])])
        );
        assert_eq!(before(all[0], 2).await, (Vec::new(), false, Vec::new()));

        let stranger = world.user("Berta").await;
        for (owner, message) in [(stranger, all[5]), (owner, MessageId(Uuid::now_v7()))] {
            let lost = world.store.messages_before(owner, id, message, 3).await;
            assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
        }
        let message = world.store.message(owner, all[1]).await.unwrap().unwrap();
        assert_eq!(message.content, "answer");
        assert!(
            world
                .store
                .message(stranger, all[1])
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_reply_stands_beside_the_first() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let first = world.answered(owner, id, "one").await;
        let again = Ask::Again(first.reply_message_id);
        let second = world.begun(world.asking(owner, id, again)).await;
        assert_eq!(second.kind, GenerationKind::Regenerate);
        assert_eq!(second.user_message_id, first.user_message_id);
        assert_eq!(
            world.path(owner, id).await,
            (vec![first.user_message_id], Some(first.user_message_id))
        );
        let stored = world.store.generation(owner, second.id).await.unwrap();
        assert_eq!(format!("{:?}", stored.unwrap()), format!("{second:?}"));
        let refused = world
            .store
            .select_branch(owner, first.reply_message_id, world.now())
            .await;
        assert!(
            matches!(refused, Err(StoreError::GenerationActive(active)) if active == second.id),
            "{refused:?}"
        );
        world.end(&second, "another").await;
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.head, Some(second.reply_message_id));
        let branch = Branch {
            message_id: second.reply_message_id,
            siblings: vec![first.reply_message_id, second.reply_message_id],
        };
        assert_eq!(open.branches, [branch]);

        // A third that fails puts the head back, and so does one for the person's message itself.
        for asked in [first.reply_message_id, first.user_message_id] {
            let third = world
                .begun(world.asking(owner, id, Ask::Again(asked)))
                .await;
            let mut failure = world.completion(&third, 0, "");
            failure.status = GenerationStatus::Failed;
            failure.reply = None;
            failure.error = Some(Problem::new(ProblemCode::UpstreamConnect));
            assert!(world.store.finish_generation(failure).await.unwrap().won);
            let (path, head) = world.path(owner, id).await;
            assert_eq!((path.len(), head), (2, Some(second.reply_message_id)));
        }
        // The same client id is answered with the first reply still.
        let repeated = world.store.begin_turn(world.turn(owner, id, "one")).await;
        assert!(format!("{repeated:?}").contains(&first.id.to_string()));
        for lost in [MessageId(Uuid::now_v7()), second.reply_message_id] {
            let other = world.conversation(owner).await;
            let begin = world.asking(owner, other, Ask::Again(lost));
            let lost = world.store.begin_turn(begin).await;
            assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_reply_is_gone_on_from() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let whole = world.answered(owner, id, "one").await;
        for asked in [whole.reply_message_id, whole.user_message_id] {
            let begin = world.asking(owner, id, Ask::Further(asked));
            let refused = world.store.begin_turn(begin).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }

        for (status, reasoning, strands) in [
            (MessageStatus::Stopped, Some("thinking"), 2),
            (MessageStatus::Interrupted, None, 1),
        ] {
            let half = world.started(owner, id, &format!("{strands}")).await;
            let mut finish = world.completion(&half, 0, "half");
            finish.status = GenerationStatus::Interrupted;
            finish.reply = Some(Reply {
                content: "half".to_owned(),
                reasoning: reasoning.map(str::to_owned),
                status,
            });
            world.store.finish_generation(finish).await.unwrap();

            let further = Ask::Further(half.reply_message_id);
            let failing = world.begun(world.asking(owner, id, further.clone())).await;
            assert_eq!(failing.kind, GenerationKind::Continue);
            assert_eq!(failing.continues_message_id, Some(half.reply_message_id));
            assert_eq!(failing.kept_frames, strands);
            assert_eq!(failing.user_message_id, half.user_message_id);
            assert_eq!(
                world.path(owner, id).await.1,
                Some(half.user_message_id),
                "while it runs"
            );
            let mut nothing = world.completion(&failing, strands, "");
            nothing.status = GenerationStatus::Cancelled;
            nothing.reply = None;
            world.store.finish_generation(nothing).await.unwrap();
            assert_eq!(world.path(owner, id).await.1, Some(half.reply_message_id));

            let going = world.begun(world.asking(owner, id, further)).await;
            world.end(&going, "half and whole").await;
            let message = world.store.message(owner, going.reply_message_id).await;
            let message = message.unwrap().unwrap();
            assert_eq!(message.continues_message_id, Some(half.reply_message_id));
            assert_eq!(message.parent_id, Some(half.user_message_id));
            let open = world
                .store
                .open_conversation(owner, id, None, 100)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(open.head, Some(message.id));
            assert_eq!(open.branches[0].siblings.len(), 2);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_a_branch_leads_to_its_newest_end() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let first = world.answered(owner, id, "one").await;
        let left = world.answered(owner, id, "left").await;
        let deep = world.answered(owner, id, "deep").await;
        let mut begin = world.turn(owner, id, "right");
        set_parent(&mut begin, Parent::Message(first.reply_message_id));
        let right = world.begun(begin).await;
        world.end(&right, "right").await;
        let rev = async || {
            let open = world.store.open_conversation(owner, id, None, 1).await;
            open.unwrap().unwrap().conversation.rev
        };
        let before = rev().await;
        let select = async |message| {
            let chosen = world.store.select_branch(owner, message, world.now()).await;
            assert_eq!(chosen.unwrap(), id);
            world.path(owner, id).await.1.unwrap()
        };
        assert_eq!(select(left.user_message_id).await, deep.reply_message_id);
        assert_eq!(select(right.reply_message_id).await, right.reply_message_id);
        // The newest below what both share is what was said last.
        assert_eq!(select(first.user_message_id).await, right.reply_message_id);
        assert_eq!(rev().await, before + 3);
        let stranger = world.user("Berta").await;
        for (owner, message) in [
            (stranger, left.user_message_id),
            (owner, MessageId(Uuid::now_v7())),
        ] {
            let lost = world.store.select_branch(owner, message, world.now()).await;
            assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
        }
        // The next message goes behind the chosen end.
        select(left.user_message_id).await;
        let next = world.started(owner, id, "next").await;
        let message = world.store.message(owner, next.user_message_id).await;
        assert_eq!(
            message.unwrap().unwrap().parent_id,
            Some(deep.reply_message_id)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_summary_on_the_path_is_found() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let (one, two) = (
            world.answered(owner, id, "one").await.reply_message_id,
            world.answered(owner, id, "two").await.reply_message_id,
        );
        let found = async |path: &[MessageId]| world.store.summary(owner, id, path).await.unwrap();
        assert_eq!(found(&[one, two]).await, None);
        let summary = |up_to, text: &str| Summary {
            up_to,
            text: text.to_owned(),
        };
        for summary in [
            summary(two, "both"),
            summary(one, "first"),
            summary(one, "the first"),
        ] {
            let kept = world.store.save_summary(id, summary, 0, world.now()).await;
            kept.unwrap();
        }
        assert_eq!(found(&[one, two]).await, Some(summary(one, "the first")));
        assert_eq!(found(&[two]).await, Some(summary(two, "both")));
        assert_eq!(found(&[]).await, None);
        let stranger = world.user("Berta").await;
        let theirs = world.store.summary(stranger, id, &[one, two]).await;
        assert_eq!(theirs.unwrap(), None);
    })
    .await;
}
