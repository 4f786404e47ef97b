//! Who is alive, and who takes over from the dead.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use parlance_core::domain::{GenerationId, GenerationStatus, SessionId};
use parlance_server::port::store::{Finish, GenerationRow, Owner};
use uuid::Uuid;

use super::world::{HASH, World, on_every_engine, on_postgres};

const TTL: Duration = Duration::from_millis(600);

fn ids(rows: &[GenerationRow]) -> Vec<GenerationId> {
    rows.iter().map(|row| row.id).collect()
}

async fn orphans(world: &World) -> Vec<GenerationRow> {
    let orphans = world.store.orphans(world.owner(), TTL, 100).await;
    orphans.unwrap()
}

/// As it is queued, in a new conversation.
async fn queued(world: &World, client: &str) -> GenerationRow {
    let owner = world.user(client).await;
    let id = world.conversation(owner).await;
    let mut begin = world.turn(owner, id, client);
    begin.queued = true;
    world.begun(begin).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_what_was_running_and_nothing_else() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (first, second) = (
            world.conversation(owner).await,
            world.conversation(owner).await,
        );
        world.store.beat(world.owner(), false).await.unwrap();
        world.answered(owner, first, "done").await;
        let running = world.started(owner, first, "running").await;
        let also = world.started(owner, second, "also").await;
        assert!(orphans(&world).await.is_empty(), "its own are no orphans");

        let world = world.restarted().await;
        world.store.beat(world.owner(), false).await.unwrap();
        let left = orphans(&world).await;
        assert_eq!(ids(&left), [running.id, also.id]);
        let one = world.store.orphans(world.owner(), TTL, 1).await.unwrap();
        assert_eq!(ids(&one), [running.id]);
        for row in &left {
            world.end(row, "recovered").await;
        }
        assert!(orphans(&world).await.is_empty());
        world.store.leave(world.owner()).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_the_silent_the_gone_and_the_unknown_is_found() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        for one in [&world, &peer] {
            one.store.beat(one.owner(), false).await.unwrap();
        }
        let theirs = queued(&peer, "theirs").await;
        let unknown = {
            let mut begin = peer.turn(peer.user("U").await, theirs.conversation_id, "unknown");
            let id = peer.conversation(begin.user_id).await;
            begin.conversation_id = id;
            begin.owner = Owner {
                instance: Uuid::now_v7(),
                boot: Uuid::now_v7(),
            };
            peer.begun(begin).await
        };
        assert_eq!(ids(&orphans(&world).await), [unknown.id]);
        world.end(&unknown, "sealed").await;
        tokio::time::sleep(TTL / 2).await;
        peer.store.beat(peer.owner(), false).await.unwrap();
        tokio::time::sleep(TTL * 2 / 3).await;
        assert!(orphans(&world).await.is_empty(), "it was heard of");
        tokio::time::sleep(TTL / 2).await;
        assert_eq!(ids(&orphans(&world).await), [theirs.id], "silent");
        peer.store.beat(peer.owner(), false).await.unwrap();
        assert!(orphans(&world).await.is_empty(), "it is back");
        peer.store.leave(peer.owner()).await.unwrap();
        assert_eq!(ids(&orphans(&world).await), [theirs.id], "it has left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_ended_once_by_however_many_sweepers() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        let mut open = Vec::new();
        for number in 0..10 {
            open.push(queued(&world, &format!("user-{number}")).await.id);
        }
        let world = world.restarted().await;
        let sweeps = [&world, &peer].map(|sweeper| {
            let (store, owner, now) = (Arc::clone(&sweeper.store), sweeper.owner(), sweeper.now());
            tokio::spawn(async move {
                let mut ended = Vec::new();
                loop {
                    let orphans = store.orphans(owner, TTL, 3).await.unwrap();
                    // None left, but for those that the other one is looking at this very moment.
                    if orphans.is_empty() && store.orphans(owner, TTL, 3).await.unwrap().is_empty()
                    {
                        return ended;
                    }
                    for row in orphans {
                        let finish = Finish {
                            generation: row.clone(),
                            status: GenerationStatus::Failed,
                            last_seq: 0,
                            reply: None,
                            error: None,
                            finish_reason: None,
                            model: None,
                            usage: None,
                            cost_micros: None,
                            first_token_at: None,
                            ended_at: now,
                        };
                        if store.finish_generation(finish).await.unwrap().won {
                            ended.push(row.id);
                        }
                    }
                }
            })
        });
        let mut ended: Vec<_> = join_all(sweeps)
            .await
            .into_iter()
            .flat_map(Result::unwrap)
            .collect();
        ended.sort();
        open.sort();
        assert_eq!(ended, open);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_is_adopted_once_and_started_by_its_owner() {
    on_every_engine(async |world: World| {
        let row = queued(&world, "Anna").await;
        let left_by = row.owner_boot;
        let heirs: Vec<Owner> = (0..8)
            .map(|_| Owner {
                instance: Uuid::now_v7(),
                boot: Uuid::now_v7(),
            })
            .collect();
        let tasks = heirs.iter().map(|heir| {
            let (store, heir) = (Arc::clone(&world.store), *heir);
            tokio::spawn(async move { (heir, store.adopt(row.id, left_by, heir).await.unwrap()) })
        });
        let adopted: Vec<Owner> = join_all(tasks)
            .await
            .into_iter()
            .map(Result::unwrap)
            .filter_map(|(heir, adopted)| adopted.then_some(heir))
            .collect();
        assert_eq!(adopted.len(), 1);
        let stored = world.store.generation(row.user_id, row.id).await.unwrap();
        assert_eq!(stored.unwrap().owner_boot, adopted[0].boot);
        let start = async |boot| {
            let started = world
                .store
                .start_generation(row.id, boot, world.now())
                .await;
            started.unwrap()
        };
        assert!(!start(left_by).await);
        assert!(start(adopted[0].boot).await);
        assert!(!start(adopted[0].boot).await, "it is not queued any more");
        let late = world.store.adopt(row.id, adopted[0].boot, heirs[0]).await;
        assert!(!late.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_instance_hands_over_what_has_not_begun() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        peer.store.beat(peer.owner(), false).await.unwrap();
        let waiting = queued(&peer, "waiting").await;
        let begun = queued(&peer, "begun").await;
        let started = peer
            .store
            .start_generation(begun.id, peer.boot, peer.now())
            .await;
        assert!(started.unwrap());
        assert!(world.store.handed_over(10).await.unwrap().is_empty());
        peer.store.beat(peer.owner(), true).await.unwrap();
        let offered = world.store.handed_over(10).await.unwrap();
        assert_eq!(ids(&offered), [waiting.id]);
        let adopted = world
            .store
            .adopt(waiting.id, offered[0].owner_boot, world.owner())
            .await;
        assert!(adopted.unwrap());
        assert!(world.store.handed_over(10).await.unwrap().is_empty());
    })
    .await;
    on_every_engine(async |world: World| {
        queued(&world, "Anna").await;
        assert!(world.store.handed_over(10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_of_generations_and_sessions_are_told() {
    on_every_engine(async |world: World| {
        let (one, two) = (queued(&world, "one").await, queued(&world, "two").await);
        world.end(&one, "over").await;
        let asked = [two.id, one.id, GenerationId(Uuid::now_v7())];
        assert_eq!(world.store.ended_among(&asked).await.unwrap(), [one.id]);
        assert!(world.store.ended_among(&[]).await.unwrap().is_empty());

        let session = world.new_session();
        let (id, expires) = (session.id, session.expires_at);
        world
            .store
            .create_session(one.user_id, HASH, session)
            .await
            .unwrap();
        let unknown = SessionId(Uuid::now_v7());
        let ended = async |now| {
            let ended = world.store.ended_sessions(&[unknown, id], now).await;
            ended.unwrap()
        };
        assert_eq!(ended(world.now()).await, [unknown]);
        assert_eq!(ended(expires).await, [unknown, id]);
        world.store.delete_session(one.user_id, id).await.unwrap();
        assert_eq!(ended(world.now()).await, [unknown, id]);
        let none = world.store.ended_sessions(&[], world.now()).await;
        assert!(none.unwrap().is_empty());
    })
    .await;
}
