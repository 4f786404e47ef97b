//! The end of a generation: one, whole, and for ever.

use std::sync::Arc;

use futures::future::join_all;
use parlance_core::domain::{GenerationStatus, MessageStatus, Problem, ProblemCode, Usage};
use parlance_server::port::store::Reply;

use super::world::{World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn the_reply_is_stored_with_all_that_is_known_of_it() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        let mut finish = world.completion(&generation, 7, "half");
        finish.status = GenerationStatus::Interrupted;
        finish.reply = Some(Reply {
            content: "half".to_owned(),
            reasoning: Some("thinking".to_owned()),
            status: MessageStatus::Interrupted,
        });
        finish.error = Some(Problem::new(ProblemCode::UpstreamReset).detail("it broke"));
        finish.usage = Some(Usage {
            prompt_tokens: 3,
            completion_tokens: 4,
        });
        finish.first_token_at = Some(world.now());
        let finished = world.store.finish_generation(finish.clone()).await.unwrap();
        assert!(finished.won);
        assert_eq!(
            (
                finished.rev,
                finished.generation.ended_rev,
                finished.generation.last_seq
            ),
            (2, 2, 7)
        );
        let message = finished.message.unwrap();
        assert_eq!(
            (message.error.as_ref(), message.usage),
            (finish.error.as_ref(), finish.usage)
        );
        assert!(message.first_token_ms > Some(0) && message.response_ms > Some(0));

        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.messages[1], message);
        assert_eq!(open.conversation.updated_at, finish.ended_at);
        let stored = world
            .store
            .generation(owner, generation.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(format!("{stored:?}"), format!("{:?}", finished.generation));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_leaves_no_message() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        let mut finish = world.completion(&generation, 0, "");
        finish.status = GenerationStatus::Failed;
        finish.reply = None;
        finish.error = Some(Problem::new(ProblemCode::UpstreamConnect));
        let finished = world.store.finish_generation(finish).await.unwrap();
        assert!(finished.won && finished.message.is_none());
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (open.messages.len(), open.head),
            (1, Some(generation.user_message_id))
        );
        assert_eq!(
            (open.conversation.rev, open.newest.unwrap().status),
            (2, GenerationStatus::Failed)
        );
        // The next turn hangs on the message that got no answer.
        world.started(owner, id, "two").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_end_it_one_wins_and_all_learn_the_outcome() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        let tasks = (0..10).map(|number| {
            let store = Arc::clone(&world.store);
            let finish = world.completion(&generation, 0, &format!("ending {number}"));
            tokio::spawn(async move { store.finish_generation(finish).await })
        });
        let outcomes: Vec<_> = join_all(tasks)
            .await
            .into_iter()
            .map(|outcome| outcome.unwrap().unwrap())
            .collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.won).count(), 1);
        let open = world
            .store
            .open_conversation(owner, id, None, 100)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((open.conversation.rev, open.messages.len()), (2, 2));
        for outcome in outcomes {
            assert_eq!(
                (outcome.rev, outcome.message.as_ref()),
                (2, Some(&open.messages[1]))
            );
            assert_eq!(outcome.generation.status, GenerationStatus::Completed);
        }
    })
    .await;
}
