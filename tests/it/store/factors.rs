//! Second factors: of two at the same time one wins.

use futures::future::join_all;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use parlance_server::port::store::{Renewal, StoreError};
use uuid::Uuid;

use super::world::{HASH, World, on_every_engine};

async fn waiting(world: &World, owner: UserId) -> Uuid {
    let id = Uuid::now_v7();
    let begun = world
        .store
        .begin_factor(owner, HASH, id, b"sealed", world.now())
        .await;
    assert!(begun.unwrap());
    id
}

/// A new session in place of the only one of this person.
async fn renewal(world: &World, owner: UserId) -> Renewal {
    let now = world.now();
    let sessions = world.store.sessions(owner, now, Timestamp(0)).await;
    Renewal {
        old: sessions.unwrap()[0].id,
        new: world.new_session(),
    }
}

async fn enrolled(world: &World, owner: UserId) -> Uuid {
    let id = waiting(world, owner).await;
    let codes = [[1; 32], [2; 32]];
    let on = world
        .store
        .enrol_factor(owner, id, 100, &codes, renewal(world, owner).await)
        .await;
    assert!(on.unwrap().is_some());
    id
}

fn wins(outcomes: Vec<Result<bool, StoreError>>) -> usize {
    outcomes
        .into_iter()
        .filter(|won| *won.as_ref().unwrap())
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_that_is_on_stays_until_it_is_turned_off() {
    on_every_engine(async |world: World| {
        let ann = world.user("Ann").await;
        assert_eq!(world.store.factor(ann).await.unwrap(), None);
        let first = waiting(&world, ann).await;
        let second = waiting(&world, ann).await;
        let on = world
            .store
            .enrol_factor(ann, first, 1, &[], renewal(&world, ann).await)
            .await
            .unwrap();
        assert_eq!(on, None, "another one waits");
        let on = world
            .store
            .enrol_factor(ann, second, 100, &[[1; 32]], renewal(&world, ann).await)
            .await
            .unwrap();
        assert_eq!(on.unwrap().len(), 1, "the session that asked");
        let begun = world
            .store
            .begin_factor(ann, HASH, Uuid::now_v7(), b"other", world.now())
            .await;
        assert!(!begun.unwrap());
        let on = world
            .store
            .enrol_factor(ann, second, 101, &[], renewal(&world, ann).await)
            .await
            .unwrap();
        assert_eq!(on, None, "it is on already");
        let factor = world.store.factor(ann).await.unwrap().unwrap();
        assert_eq!((factor.id, &factor.sealed[..]), (second, &b"sealed"[..]));
        assert!(factor.enrolled_at.is_some() && factor.last_step == 100 && factor.tries == 0);
        assert_eq!(world.store.backup_codes(ann).await.unwrap(), 1);

        let off = async || {
            let renewal = renewal(&world, ann).await;
            world.store.delete_factor(ann, HASH, renewal).await.unwrap()
        };
        assert!(off().await);
        assert!(!off().await);
        assert_eq!(world.store.backup_codes(ann).await.unwrap(), 0);
        waiting(&world, ann).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_and_a_backup_code_are_good_once() {
    on_every_engine(async |world: World| {
        let ann = world.user("Ann").await;
        let berta = world.user("Berta").await;
        let factor = enrolled(&world, ann).await;
        let store = &world.store;
        let steps = join_all((0..8).map(|_| store.use_step(ann, factor, 101))).await;
        assert_eq!(wins(steps), 1);
        assert!(
            !store.use_step(ann, factor, 100).await.unwrap(),
            "older than the last"
        );
        assert!(store.use_step(ann, factor, 103).await.unwrap());
        assert!(
            !store.use_step(ann, Uuid::now_v7(), 105).await.unwrap(),
            "of another factor"
        );
        assert!(
            !store.use_step(berta, factor, 105).await.unwrap(),
            "somebody else's"
        );

        assert!(
            !store
                .use_backup_code(berta, factor, &[1; 32])
                .await
                .unwrap()
        );
        assert!(!store.use_backup_code(ann, factor, &[3; 32]).await.unwrap());
        let codes = join_all((0..8).map(|_| store.use_backup_code(ann, factor, &[1; 32]))).await;
        assert_eq!(wins(codes), 1);
        assert_eq!(store.backup_codes(ann).await.unwrap(), 1);

        store
            .replace_backup_codes(ann, &[[7; 32], [8; 32], [9; 32]])
            .await
            .unwrap();
        assert_eq!(store.backup_codes(ann).await.unwrap(), 3);
        assert!(
            !store.use_backup_code(ann, factor, &[2; 32]).await.unwrap(),
            "an old one"
        );
        assert!(store.replace_backup_codes(berta, &[[7; 32]]).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_at_the_same_time_are_counted_one_by_one() {
    on_every_engine(async |world: World| {
        let ann = world.user("Ann").await;
        let factor = enrolled(&world, ann).await;
        let (store, now) = (&world.store, world.now());
        let tries = join_all((0..8).map(|_| store.take_try(ann, factor, 0, now))).await;
        assert_eq!(wins(tries), 1);
        assert!(store.take_try(ann, factor, 1, now).await.unwrap());
        let found = store.factor(ann).await.unwrap().unwrap();
        assert_eq!((found.tries, found.tried_at), (2, Some(now)));
        assert!(store.use_step(ann, factor, 200).await.unwrap());
        let found = store.factor(ann).await.unwrap().unwrap();
        assert_eq!(
            (found.tries, found.tried_at),
            (0, None),
            "what succeeds is forgiven"
        );
        // A secret that waits brings no new tries.
        let berta = world.user("Berta").await;
        let waits = waiting(&world, berta).await;
        assert!(store.take_try(berta, waits, 0, now).await.unwrap());
        waiting(&world, berta).await;
        assert_eq!(store.factor(berta).await.unwrap().unwrap().tries, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_changes_with_the_session_or_not_at_all() {
    on_every_engine(async |world: World| {
        let ann = world.user("Ann").await;
        let store = &world.store;
        let of_ann = async || {
            let sessions = store.sessions(ann, world.now(), Timestamp(0)).await;
            sessions.unwrap().into_iter().map(|one| one.id).collect()
        };
        let ended = Renewal {
            old: SessionId(Uuid::now_v7()),
            new: world.new_session(),
        };
        let before: Vec<SessionId> = of_ann().await;
        let id = waiting(&world, ann).await;
        let refused = store
            .enrol_factor(ann, id, 1, &[[1; 32]], ended.clone())
            .await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        assert_eq!(store.factor(ann).await.unwrap().unwrap().enrolled_at, None);
        assert_eq!(of_ann().await, before);

        let first = renewal(&world, ann).await;
        let on = store
            .enrol_factor(ann, id, 1, &[[1; 32]], first.clone())
            .await;
        assert_eq!(on.unwrap(), Some(before));
        assert_eq!(of_ann().await, [first.new.id]);

        let outdated = renewal(&world, ann).await;
        for (hash, renewal) in [(HASH, ended), ("another", outdated)] {
            let refused = store.delete_factor(ann, hash, renewal).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }
        assert_eq!(store.backup_codes(ann).await.unwrap(), 1);
        let second = renewal(&world, ann).await;
        assert!(
            store
                .delete_factor(ann, HASH, second.clone())
                .await
                .unwrap()
        );
        assert_eq!(of_ann().await, [second.new.id]);
    })
    .await;
}
