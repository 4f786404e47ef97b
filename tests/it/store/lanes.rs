//! A message that several models answer: its generations, the one head, and what ends the comparing.

use parlance_core::domain::{
    ConversationId, GenerationId, GenerationStatus, MessageId, ModelConfigId, Problem, ProblemCode,
    UserId, WhenBusy,
};
use parlance_server::port::store::{
    Ask, Begin, BeginBeside, Begun, Changes, Finish, GenerationRow, LATEST_REV, ModelsOf,
    StoreError,
};
use uuid::Uuid;

use super::world::{World, on_every_engine};

const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

/// A turn in three lanes.
fn three(world: &World, owner: UserId, id: ConversationId, client: &str) -> Begin {
    let one = |_| BeginBeside {
        generation_id: GenerationId(Uuid::now_v7()),
        reply_message_id: MessageId(Uuid::now_v7()),
        model: ModelConfigId(Uuid::now_v7()),
        queued: false,
    };
    Begin {
        beside: (0..2).map(one).collect(),
        ..world.turn(owner, id, client)
    }
}

async fn begun(world: &World, begin: Begin) -> Vec<GenerationRow> {
    match world.store.begin_turn(begin).await {
        Ok(Begun::Started {
            generation, beside, ..
        }) => std::iter::once(generation).chain(beside).collect(),
        other => panic!("not started: {other:?}"),
    }
}

async fn end(world: &World, row: &GenerationRow, well: bool) {
    let finish = world.completion(row, 0, "answer");
    let finish = match well {
        true => finish,
        false => Finish {
            status: GenerationStatus::Failed,
            reply: None,
            error: Some(Problem::new(ProblemCode::UpstreamAuth)),
            ..finish
        },
    };
    let finished = world.store.finish_generation(finish).await.unwrap();
    assert!(finished.won && finished.compared);
}

async fn now(world: &World, owner: UserId, id: ConversationId) -> Changes {
    let read = world.store.changes_since(owner, id, LATEST_REV, 0).await;
    read.unwrap().expect("a conversation")
}

fn ids(rows: &[GenerationRow]) -> Vec<Uuid> {
    rows.iter().map(|row| row.id.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lane_has_a_generation_and_the_same_message_again_changes_nothing() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let begin = three(&world, owner, id, "one");
        let rows = begun(&world, begin.clone()).await;
        assert_eq!(
            rows.iter().map(|row| row.lane).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert_eq!(rows[1].model_config_id, Some(begin.beside[0].model));
        assert!(
            rows.iter()
                .all(|row| row.user_message_id == rows[0].user_message_id)
        );
        let stored = world.store.generation(owner, rows[2].id).await.unwrap();
        assert_eq!(stored.map(|row| (row.no, row.lane)), Some((rows[2].no, 2)));
        let changes = now(&world, owner, id).await;
        assert_eq!(changes.compared, Some(rows[0].user_message_id));
        assert_eq!(ids(&changes.lanes()), ids(&rows));

        match world.store.begin_turn(world.turn(owner, id, "one")).await {
            Ok(Begun::Repeated {
                generation, beside, ..
            }) => {
                assert_eq!(generation.id, rows[0].id);
                assert_eq!(ids(&beside), ids(&rows[1..]));
            }
            other => panic!("not repeated: {other:?}"),
        }
        // Busy as long as one is being written.
        for row in &rows {
            let refused = world.store.begin_turn(world.turn(owner, id, "two")).await;
            assert!(
                matches!(refused, Err(StoreError::GenerationActive(active)) if active == row.id),
                "{refused:?}"
            );
            let select = world
                .store
                .select_branch(owner, row.user_message_id, world.now())
                .await;
            assert!(matches!(select, Err(StoreError::GenerationActive(_))));
            end(&world, row, true).await;
        }
        world.started(owner, id, "two").await;
        assert_eq!(now(&world, owner, id).await.compared, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_order_they_end_in_the_lowest_lane_with_a_reply_is_gone_on_from() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        for (number, order) in ORDERS.iter().enumerate() {
            for mask in 0..8_usize {
                let well = |lane: usize| mask & (1 << lane) != 0;
                let id = world.conversation(owner).await;
                let name = format!("{number}-{mask}");
                let rows = begun(&world, three(&world, owner, id, &name)).await;
                let asked = rows[0].user_message_id;
                let mut ended = Vec::new();
                for lane in order {
                    end(&world, &rows[*lane], well(*lane)).await;
                    ended.push(*lane);
                    // Read as the first lane: its own reply ends the path as soon as there is one.
                    let first = ended.contains(&0) && well(0);
                    let expected = if first {
                        rows[0].reply_message_id
                    } else {
                        asked
                    };
                    let (path, head) = world.path(owner, id).await;
                    assert_eq!(
                        (path.last(), head),
                        (Some(&expected), Some(expected)),
                        "{name}"
                    );
                    assert_eq!(now(&world, owner, id).await.head, Some(expected), "{name}");
                }
                let expected = (0..3).find(|lane| well(*lane));
                let expected = expected.map_or(asked, |lane| rows[lane].reply_message_id);
                let next = world.started(owner, id, &format!("{name}-next")).await;
                let (path, _) = world.path(owner, id).await;
                let place = path.iter().position(|one| *one == next.user_message_id);
                assert_eq!(path[place.unwrap() - 1], expected, "{name}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_tell_a_conversation_once_and_deleting_it_names_every_reply() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let begin = three(&world, owner, id, "one");
        let since = begin.now;
        let rows = begun(&world, begin).await;
        for ended in 0..=3 {
            let listed = world.store.list_sidebar(owner, None, 10).await.unwrap();
            assert_eq!((listed.len(), listed[0].running), (1, ended < 3));
            let changed = world
                .store
                .changed_conversations(owner, since, 10)
                .await
                .unwrap();
            assert_eq!(changed.len(), 1);
            assert_eq!(changed[0].running, rows.get(ended).map(|row| row.id));
            assert_eq!(changed[0].compared, Some(rows[0].user_message_id));
            if let Some(row) = rows.get(ended) {
                end(&world, row, ended != 1).await;
            }
        }
        let rows = begun(&world, three(&world, owner, id, "two")).await;
        let mut running = world
            .store
            .delete_conversation(owner, id, world.now())
            .await
            .unwrap();
        running.sort_unstable();
        let mut expected: Vec<_> = rows.iter().map(|row| row.id).collect();
        expected.sort_unstable();
        assert_eq!(running, expected);
        let mut active = world.store.active_generations(owner).await.unwrap();
        active.sort_unstable();
        assert_eq!(active, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_kept_and_nothing_is_compared_any_more() {
    on_every_engine(async |world: World| {
        let (owner, other) = (world.user("Anna").await, world.user("Berta").await);
        let id = world.conversation(owner).await;
        let rows = begun(&world, three(&world, owner, id, "one")).await;
        let keep = async |who, message| world.store.keep_reply(who, message, world.now()).await;
        end(&world, &rows[0], true).await;
        end(&world, &rows[1], true).await;
        let early = keep(owner, rows[1].reply_message_id).await;
        assert!(
            matches!(early, Err(StoreError::GenerationActive(active)) if active == rows[2].id),
            "{early:?}"
        );
        end(&world, &rows[2], false).await;
        let rev = now(&world, owner, id).await.conversation.rev;
        for (who, message) in [
            (other, rows[1].reply_message_id),
            (owner, rows[2].reply_message_id),
            (owner, rows[0].user_message_id),
            (owner, MessageId(Uuid::now_v7())),
        ] {
            let refused = keep(who, message).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        keep(owner, rows[1].reply_message_id).await.unwrap();
        let kept = now(&world, owner, id).await;
        assert_eq!(
            (kept.compared, kept.head),
            (None, Some(rows[1].reply_message_id))
        );
        assert_eq!(kept.conversation.rev, rev + 1);
        assert_eq!(
            ids(&kept.beside),
            ids(&rows[1..]),
            "what it stood beside is still told"
        );
        let again = keep(owner, rows[0].reply_message_id).await;
        assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
        let (path, _) = world.path(owner, id).await;
        assert_eq!(path, [rows[0].user_message_id, rows[1].reply_message_id]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_branch_and_another_reply_end_the_comparing_too() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        for again in [false, true] {
            let id = world.conversation(owner).await;
            let rows = begun(&world, three(&world, owner, id, &format!("{again}"))).await;
            for row in &rows {
                end(&world, row, true).await;
            }
            let reply = rows[2].reply_message_id;
            if again {
                world
                    .begun(world.asking(owner, id, Ask::Again(reply)))
                    .await;
                assert!(now(&world, owner, id).await.beside.is_empty());
            } else {
                world
                    .store
                    .select_branch(owner, reply, world.now())
                    .await
                    .unwrap();
                assert_eq!(now(&world, owner, id).await.head, Some(reply));
            }
            assert_eq!(now(&world, owner, id).await.compared, None);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_beside_is_remembered_cannot_wait_and_is_found_when_its_process_dies() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let beside = [ModelConfigId::INSTALLATION, ModelConfigId(Uuid::now_v7())];
        let set = async |models: &[ModelConfigId]| {
            let set = world
                .store
                .set_model(owner, id, None, None, Some(models), world.now());
            set.await.unwrap().compare_with
        };
        assert_eq!(set(&beside).await, beside);
        let chosen = ModelsOf {
            model: None,
            compare_with: beside.to_vec(),
        };
        assert_eq!(
            world.store.models_of(owner, id).await.unwrap(),
            Some(chosen)
        );
        assert_eq!(set(&[]).await, []);
        let made = ConversationId(Uuid::now_v7());
        let mut begin = three(&world, owner, made, "made");
        begin.create = true;
        let named: Vec<_> = begin.beside.iter().map(|one| one.model).collect();
        begun(&world, begin).await;
        assert_eq!(
            now(&world, owner, made).await.conversation.compare_with,
            named
        );

        let busy = WhenBusy::Queue;
        world
            .store
            .set_when_busy(owner, id, busy, world.now())
            .await
            .unwrap();
        let rows = begun(&world, three(&world, owner, id, "one")).await;
        let refused = world
            .store
            .begin_turn(three(&world, owner, id, "two"))
            .await;
        assert!(
            matches!(refused, Err(StoreError::GenerationActive(_))),
            "{refused:?}"
        );
        let waits = world.store.begin_turn(world.turn(owner, id, "three")).await;
        assert!(matches!(waits, Ok(Begun::Waiting { .. })), "{waits:?}");
        let begin = async || {
            let begin = world
                .store
                .begin_waiting(id, false, world.owner(), world.now());
            begin.await.unwrap()
        };
        for row in &rows {
            assert!(begin().await.is_none(), "one is still being written");
            end(&world, row, true).await;
        }
        let (next, _) = begin().await.expect("its turn");
        assert_eq!(
            (next.lane, now(&world, owner, id).await.compared),
            (0, None)
        );

        let lost = world.conversation(owner).await;
        let rows = begun(&world, three(&world, owner, lost, "lost")).await;
        let mut survivor = world.owner();
        survivor.boot = Uuid::now_v7();
        let ttl = std::time::Duration::from_secs(10);
        let orphans = world.store.orphans(survivor, ttl, 100).await.unwrap();
        let found = |row: &GenerationRow| orphans.iter().any(|orphan| orphan.id == row.id);
        assert!(rows.iter().all(found));
    })
    .await;
}
