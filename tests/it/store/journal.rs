//! The journal: order, repetition, the fence.

use std::{sync::Arc, time::Duration};

use parlance_adapter::store::Durability;
use parlance_core::domain::Part;
use parlance_server::port::{journal::Frame, store::StoreError};
use sqlx::{Connection, PgConnection};

use super::world::{World, on_every_engine, on_postgres};

fn frame(generation_no: i64, seq: u64, text: &str) -> Frame {
    Frame {
        generation_no,
        seq,
        part: Part::Text,
        text: text.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_come_back_in_order_and_apart() {
    on_every_engine(async |world: World| {
        let mut first = vec![frame(1, 1, "你"), frame(2, 1, "other"), frame(1, 2, "好")];
        first[2].part = Part::Tool(3);
        assert!(world.journal.append(&first).await.unwrap().is_empty());
        assert!(
            world
                .journal
                .append(&[frame(1, 3, "!")])
                .await
                .unwrap()
                .is_empty()
        );
        assert!(world.journal.append(&[]).await.unwrap().is_empty());
        let frames = world.journal.frames_after(1, 0).await.unwrap();
        assert_eq!(
            frames,
            [first[0].clone(), first[2].clone(), frame(1, 3, "!")]
        );
        for (after, rest) in [(1, 2), (2, 1), (3, 0), (u64::MAX, 0)] {
            let later = world.journal.frames_after(1, after).await.unwrap();
            assert_eq!(later, frames[3 - rest..]);
        }
        assert!(world.journal.frames_after(9, 0).await.unwrap().is_empty());

        let tails = world.journal.tails(&[1, 2, 9]).await.unwrap();
        assert_eq!(tails, [(1, 3), (2, 1)].into());

        world.journal.discard(&[1, 9]).await.unwrap();
        world.journal.discard(&[]).await.unwrap();
        assert!(world.journal.frames_after(1, 0).await.unwrap().is_empty());
        assert_eq!(world.journal.frames_after(2, 0).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_may_be_repeated() {
    on_every_engine(async |world: World| {
        let frames = [frame(1, 1, "a"), frame(1, 2, "b")];
        for _ in 0..3 {
            assert!(world.journal.append(&frames).await.unwrap().is_empty());
        }
        // Repeated with a tail: what is new is kept.
        let longer = [frame(1, 2, "b"), frame(1, 3, "c")];
        assert!(world.journal.append(&longer).await.unwrap().is_empty());
        let texts: String = world
            .journal
            .frames_after(1, 0)
            .await
            .unwrap()
            .into_iter()
            .map(|frame| frame.text)
            .collect();
        assert_eq!(texts, "abc");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_outlive_a_restart_until_swept() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        let frames = [
            frame(generation.no, 1, "half "),
            frame(generation.no, 2, "a reply"),
        ];
        world.journal.append(&frames).await.unwrap();

        let world = world.restarted().await;
        assert_eq!(
            world.journal.frames_after(generation.no, 0).await.unwrap(),
            frames
        );
        world
            .store
            .finish_generation(world.completion(&generation, 2, "half a reply"))
            .await
            .unwrap();
        world.journal.sweep(&[]).await.unwrap();
        assert!(
            world
                .journal
                .frames_after(generation.no, 0)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_log_takes_no_more() {
    on_postgres(async |world: World| {
        let owner = world.user("Anna").await;
        let (id, other) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        let (sealed, open) = (
            world.started(owner, id, "one").await,
            world.started(owner, other, "two").await,
        );
        world
            .journal
            .append(&[frame(sealed.no, 1, "a"), frame(open.no, 1, "x")])
            .await
            .unwrap();
        assert!(
            world
                .store
                .finish_generation(world.completion(&sealed, 1, "a"))
                .await
                .unwrap()
                .won
        );

        // The writer that was asleep: all its frames are refused, those of the others are taken.
        let batch = [
            frame(sealed.no, 2, "b"),
            frame(sealed.no, 3, "c"),
            frame(open.no, 2, "y"),
        ];
        for _ in 0..2 {
            assert_eq!(world.journal.append(&batch).await.unwrap(), [sealed.no]);
            assert_eq!(
                world.journal.frames_after(sealed.no, 0).await.unwrap(),
                [frame(sealed.no, 1, "a")]
            );
            assert_eq!(
                world.journal.frames_after(open.no, 0).await.unwrap().len(),
                2
            );
        }
        // The fence stands after the frames are gone.
        world.journal.discard(&[sealed.no]).await.unwrap();
        world.journal.sweep(&[]).await.unwrap();
        assert_eq!(
            world
                .journal
                .append(&[frame(sealed.no, 2, "b")])
                .await
                .unwrap(),
            [sealed.no]
        );
        assert_eq!(
            world
                .journal
                .append(&[frame(open.no, 2, "another text")])
                .await
                .unwrap(),
            [open.no]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_missed_frames_is_refused() {
    on_postgres(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        world
            .journal
            .append(&[frame(generation.no, 1, "a"), frame(generation.no, 2, "b")])
            .await
            .unwrap();
        let early = world
            .store
            .finish_generation(world.completion(&generation, 1, "a"))
            .await;
        assert!(
            matches!(early, Err(StoreError::Unavailable(_))),
            "{early:?}"
        );
        assert!(
            world
                .store
                .finish_generation(world.completion(&generation, 2, "ab"))
                .await
                .unwrap()
                .won
        );
    })
    .await;
}

/// Two hundred times, a peer ends a reply while its owner goes on writing.
#[tokio::test(flavor = "multi_thread")]
async fn writer_and_sealer_agree_on_the_last_frame_whoever_is_faster() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        let owner = world.user("Anna").await;
        for round in 0..200_u64 {
            let id = world.conversation(owner).await;
            let generation = world.started(owner, id, &format!("round-{round}")).await;
            let (journal, no) = (Arc::clone(&world.journal), generation.no);
            let writer = tokio::spawn(async move {
                let mut acknowledged = 0;
                loop {
                    // Batches of one and of several: a sealed log takes nothing of either.
                    let batch: Vec<Frame> = (0..=(acknowledged % 3))
                        .map(|number| frame(no, acknowledged + 1 + number, "a"))
                        .collect();
                    if !journal.append(&batch).await.unwrap().is_empty() {
                        return acknowledged;
                    }
                    acknowledged += batch.len() as u64;
                    // A writer without any pause could keep a sealer reading for ever.
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            });
            tokio::time::sleep(Duration::from_micros(round % 50 * 150)).await;
            let last_seq = loop {
                let seen = peer.journal.frames_after(no, 0).await.unwrap().len() as u64;
                match peer
                    .store
                    .finish_generation(peer.completion(&generation, seen, "text"))
                    .await
                {
                    Ok(finished) => break finished.generation.last_seq,
                    Err(StoreError::Unavailable(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            };
            assert_eq!(writer.await.unwrap(), last_seq);
            let kept = world.journal.frames_after(no, 0).await.unwrap();
            assert!(kept.iter().map(|frame| frame.seq).eq(1..=last_seq));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_there_before_they_are_needed() {
    on_postgres(async |world: World| {
        for no in [4_095, 4_096, 8_191, 8_192, 123_456_789] {
            assert!(
                world
                    .journal
                    .append(&[frame(no, 1, "a")])
                    .await
                    .unwrap()
                    .is_empty()
            );
        }
        for no in [4_095, 123_456_789] {
            let kept = world.journal.frames_after(no, 0).await.unwrap().len();
            // The first are old by the number of the last, and no generation holds them.
            assert_eq!(kept, usize::from(no > 8_192), "{no}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_any_size_is_one_commit() {
    on_every_engine(async |world: World| {
        for (no, size) in [(1, 63), (2, 64), (3, 65), (4, 200)] {
            let batch: Vec<Frame> = (1..=size)
                .map(|seq| frame(no, seq, &format!("字{seq}")))
                .collect();
            for _ in 0..2 {
                assert!(world.journal.append(&batch).await.unwrap().is_empty());
            }
            assert_eq!(world.journal.frames_after(no, 0).await.unwrap(), batch);
        }
    })
    .await;
}

/// What the owner does after it lost the database: the stored tail is read, the rest appended again.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_finds_its_way_back_after_a_lost_connection() {
    on_postgres(async |world: World| {
        world.journal.append(&[frame(1, 1, "a")]).await.unwrap();
        let mut connection = PgConnection::connect(world.config.url.as_ref().unwrap())
            .await
            .unwrap();
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        let lost = world.journal.append(&[frame(1, 2, "b")]).await;
        assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
        assert_eq!(world.journal.frames_after(1, 0).await.unwrap().len(), 1);
        let again = [frame(1, 1, "a"), frame(1, 2, "b"), frame(1, 3, "c")];
        assert!(world.journal.append(&again).await.unwrap().is_empty());
        assert_eq!(world.journal.frames_after(1, 0).await.unwrap(), again);
        connection.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_off_keeps_nothing_and_ends_are_sealed_all_the_same() {
    on_every_engine(async |world: World| {
        let world = world.reopened(Durability::Off).await;
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let generation = world.started(owner, id, "one").await;
        let frames = [frame(generation.no, 1, "a"), frame(generation.no, 2, "b")];
        assert!(world.journal.append(&frames).await.unwrap().is_empty());
        let kept = world.journal.frames_after(generation.no, 0).await.unwrap();
        assert!(kept.is_empty());
        let finish = world.completion(&generation, 2, "ab");
        assert!(world.store.finish_generation(finish).await.unwrap().won);
        world.journal.discard(&[generation.no]).await.unwrap();
        world.journal.sweep(&[]).await.unwrap();
        if world.config.url.is_some() {
            let world = world.reopened(Durability::Power).await;
            let late = [frame(generation.no, 3, "c")];
            let fenced = world.journal.append(&late).await.unwrap();
            assert_eq!(fenced, [generation.no]);
        }
    })
    .await;
}
