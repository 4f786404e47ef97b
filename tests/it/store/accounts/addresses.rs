//! Addresses that accounts want and do not have yet.

use futures::future::join_all;
use parlance_core::domain::{Timestamp, UserId};
use parlance_server::port::store::{Constraint, Kept, LinkPurpose, NewLink, Renewal, StoreError};

use super::{EVER, HASH, World, on_every_engine};

fn link(owner: UserId, number: u8, address: &str, created_at: Timestamp) -> NewLink {
    NewLink {
        token_hash: [number; 32],
        user_id: owner,
        purpose: LinkPurpose::Change,
        address: address.to_owned(),
        created_at,
        expires_at: created_at.plus_seconds(1_800),
    }
}

async fn want(world: &World, owner: UserId, number: u8, address: &str) -> Option<Kept> {
    let (key, link) = (
        address.to_lowercase(),
        link(owner, number, address, world.now()),
    );
    let kept = world.store.want_email(link, &key, Some(HASH), 5);
    kept.await.unwrap()
}

async fn wanted(world: &World, owner: UserId) -> Option<String> {
    let wanted = world.store.wanted_email(owner, world.now()).await.unwrap();
    wanted.map(|wanted| wanted.email)
}

async fn address(world: &World, owner: UserId) -> String {
    let person = world.store.person(owner).await.unwrap().unwrap();
    person.user.email
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_moves_when_its_letter_is_answered_and_not_before() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let store = &world.store;
        assert_eq!(wanted(&world, anna).await, None);
        assert_eq!(want(&world, anna, 1, "New@x.y").await, Some(Kept::Waiting));
        assert_eq!(address(&world, anna).await, "Anna@Example.org");
        assert_eq!(wanted(&world, anna).await.as_deref(), Some("New@x.y"));
        assert_eq!(wanted(&world, berta).await, None);
        let now = world.now();
        assert!(store.verify_email(&[1; 32], now).await.unwrap().is_none());
        let target = store.link_target(&[1; 32], now).await.unwrap();
        assert_eq!(target.as_deref(), Some("New@x.y"));
        for (number, moment) in [(9, now), (1, now.plus_seconds(1_800))] {
            let token = [number; 32];
            assert!(store.link_target(&token, moment).await.unwrap().is_none());
            let moved = store.move_email(&token, "new@x.y", moment).await.unwrap();
            assert!(moved.is_none(), "{number}");
        }
        let moved = store.move_email(&[1; 32], "new@x.y", now).await.unwrap();
        let moved = moved.unwrap();
        assert_eq!(
            (moved.before.email.as_str(), moved.before.email_verified),
            ("Anna@Example.org", false)
        );
        assert_eq!(
            (moved.after.email.as_str(), moved.after.email_verified),
            ("New@x.y", true)
        );
        assert_eq!(wanted(&world, anna).await, None);
        let found = store.credentials("new@x.y").await.unwrap().unwrap();
        assert_eq!(found.user.id, anna);
        assert!(
            store
                .credentials("anna@example.org")
                .await
                .unwrap()
                .is_none()
        );
        let again = store.move_email(&[1; 32], "new@x.y", now).await.unwrap();
        assert!(again.is_none(), "once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_wants_one_address_at_a_time_and_a_few_letters() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        want(&world, owner, 1, "one@x.y").await.unwrap();
        want(&world, owner, 2, "two@x.y").await.unwrap();
        want(&world, owner, 3, "two@x.y").await.unwrap();
        let now = world.now();
        let target = async |number: u8| store.link_target(&[number; 32], now).await.unwrap();
        assert_eq!(target(1).await, None, "not wanted any more");
        assert!(target(2).await.is_some() && target(3).await.is_some());
        // Once more, without the password: for the one that is wanted alone.
        let more = store.want_email(link(owner, 4, "two@x.y", now), "two@x.y", None, 5);
        assert_eq!(more.await.unwrap(), Some(Kept::Waiting));
        let other = store.want_email(link(owner, 5, "one@x.y", now), "one@x.y", None, 5);
        let other = other.await;
        assert!(matches!(other, Err(StoreError::NotFound)), "{other:?}");
        assert!(want(&world, owner, 6, "six@x.y").await.is_some());
        assert_eq!(
            want(&world, owner, 7, "seven@x.y").await,
            None,
            "five in all"
        );
        assert_eq!(wanted(&world, owner).await.as_deref(), Some("six@x.y"));
        store.forget_wanted_email(owner, world.now()).await.unwrap();
        assert_eq!(wanted(&world, owner).await, None);
        assert_eq!(target(6).await, None);
        assert_eq!(
            want(&world, owner, 8, "eight@x.y").await,
            None,
            "they are counted still"
        );
        let later = link(owner, 9, "nine@x.y", now.plus_seconds(3_600));
        let kept = store.want_email(later, "nine@x.y", Some(HASH), 5);
        assert_eq!(kept.await.unwrap(), Some(Kept::Waiting));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_has_is_wanted_in_vain() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let store = &world.store;
        let kept = want(&world, anna, 1, "BERTA@example.org").await;
        assert!(matches!(kept, Some(Kept::Taken(user)) if user.id == berta));
        let there = wanted(&world, anna).await;
        assert_eq!(there.as_deref(), Some("BERTA@example.org"), "as a free one");
        let now = world.now();
        let moved = store.move_email(&[1; 32], "berta@example.org", now).await;
        assert!(
            matches!(moved, Err(StoreError::Conflict(Constraint::EmailTaken))),
            "{moved:?}"
        );
        assert_eq!(address(&world, anna).await, "Anna@Example.org");
        let target = store.link_target(&[1; 32], now).await.unwrap();
        assert!(target.is_some(), "nothing is half done");
        let own = want(&world, anna, 2, "anna@EXAMPLE.org").await;
        assert_eq!(
            own,
            Some(Kept::Waiting),
            "one's own, written in another way"
        );
        let moved = store.move_email(&[2; 32], "anna@example.org", now).await;
        assert_eq!(moved.unwrap().unwrap().after.email, "anna@EXAMPLE.org");
        store.set_active(berta, false, now).await.unwrap();
        let shut = want(&world, anna, 3, "berta@example.org").await;
        assert_eq!(shut, Some(Kept::Silent));
    })
    .await;
}

/// Two accounts want one address, and both have the letter: one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn one_address_goes_to_one_of_two_who_come_at_the_same_moment() {
    on_every_engine(async |world: World| {
        for round in 0..6_u8 {
            let address = format!("free{round}@x.y");
            let mut tokens = Vec::new();
            for number in [round * 2, round * 2 + 1] {
                let owner = world.user(&format!("Anna {number}")).await;
                want(&world, owner, number, &address).await.unwrap();
                tokens.push([number; 32]);
            }
            let moves = tokens.into_iter().map(|token| {
                let (store, key, now) = (world.store.clone(), address.clone(), world.now());
                tokio::spawn(async move { store.move_email(&token, &key, now).await })
            });
            let outcomes: Vec<_> = join_all(moves)
                .await
                .into_iter()
                .map(Result::unwrap)
                .collect();
            let won = outcomes
                .iter()
                .filter(|one| matches!(one, Ok(Some(_))))
                .count();
            let lost = outcomes
                .iter()
                .filter(|one| matches!(one, Err(StoreError::Conflict(Constraint::EmailTaken))));
            assert_eq!((won, lost.count()), (1, 1), "{outcomes:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_leaves_no_way_to_another_address() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        let stale = store.want_email(
            link(owner, 1, "new@x.y", world.now()),
            "new@x.y",
            Some("$argon2id$of yesterday"),
            5,
        );
        let stale = stale.await;
        assert!(matches!(stale, Err(StoreError::NotFound)), "{stale:?}");
        want(&world, owner, 2, "new@x.y").await.unwrap();
        let old = store.sessions(owner, world.now(), EVER).await.unwrap()[0].id;
        assert!(store.has_session(owner, old).await.unwrap());
        let renewal = Renewal {
            old,
            new: world.new_session(),
        };
        let changed = store.change_password(owner, HASH, "new", renewal).await;
        changed.unwrap();
        assert!(!store.has_session(owner, old).await.unwrap());
        assert_eq!(wanted(&world, owner).await, None);
        let now = world.now();
        let moved = store.move_email(&[2; 32], "new@x.y", now).await.unwrap();
        assert!(moved.is_none());
    })
    .await;
}
