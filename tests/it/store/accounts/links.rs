//! What is good once: links, challenges, the setup token.

use futures::future::join_all;
use parlance_core::domain::{Group, Timestamp, UserId};
use parlance_server::port::store::{
    Constraint, LinkPurpose, NewChallenge, NewLink, NewUser, StoreError,
};

use super::{EVER, HASH, World, on_every_engine};

const VERIFY: LinkPurpose = LinkPurpose::Verify;
const RESET: LinkPurpose = LinkPurpose::Reset;

async fn send(world: &World, owner: UserId, number: u8, purpose: LinkPurpose) -> Timestamp {
    let created_at = world.now();
    let link = NewLink {
        token_hash: [number; 32],
        user_id: owner,
        purpose,
        address: "Anna@Example.org".to_owned(),
        created_at,
        expires_at: created_at.plus_seconds(1_800),
    };
    assert!(world.store.create_link(link, 5).await.unwrap());
    created_at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_once_for_its_purpose_and_for_a_while() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let sent = send(&world, owner, 1, VERIFY).await;
        let store = &world.store;
        let late = sent.plus_seconds(1_800);
        assert!(store.link(&[1; 32], VERIFY, sent).await.unwrap().is_some());
        assert!(store.link(&[1; 32], RESET, sent).await.unwrap().is_none());
        assert!(store.link(&[1; 32], VERIFY, late).await.unwrap().is_none());
        assert!(store.verify_email(&[1; 32], late).await.unwrap().is_none());
        assert!(store.verify_email(&[9; 32], sent).await.unwrap().is_none());
        assert!(
            store
                .reset_password(&[1; 32], "x", sent)
                .await
                .unwrap()
                .is_none()
        );
        let user = store.verify_email(&[1; 32], sent).await.unwrap().unwrap();
        assert!(user.id == owner && user.email_verified);
        assert!(
            store.verify_email(&[1; 32], sent).await.unwrap().is_none(),
            "once"
        );

        let again = send(&world, owner, 2, VERIFY).await;
        send(&world, owner, 3, VERIFY).await;
        send(&world, owner, 5, RESET).await;
        assert!(
            store.link(&[2; 32], VERIFY, again).await.unwrap().is_some(),
            "a later one voids nothing"
        );
        assert!(store.verify_email(&[3; 32], again).await.unwrap().is_some());
        for (number, purpose, is_good) in [(2, VERIFY, false), (5, RESET, true)] {
            let link = store.link(&[number; 32], purpose, again).await.unwrap();
            assert_eq!(link.is_some(), is_good, "used by another of its purpose");
        }
        store
            .change_email(owner, HASH, "new@x.y", "new@x.y", world.now())
            .await
            .unwrap();
        send(&world, owner, 4, VERIFY).await;
        let elsewhere = store.verify_email(&[4; 32], again).await.unwrap();
        assert!(elsewhere.is_none(), "it went to another address");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_links_and_no_more_are_good_at_a_time() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let sent = world.now();
        let link = |number: u8, purpose, created_at: Timestamp| NewLink {
            token_hash: [number; 32],
            user_id: owner,
            purpose,
            address: "Anna@Example.org".to_owned(),
            created_at,
            expires_at: created_at.plus_seconds(1_800),
        };
        let store = &world.store;
        let all = (0..12).map(|number| store.create_link(link(number, RESET, sent), 5));
        let kept = join_all(all).await;
        let kept = kept.into_iter().filter(|kept| *kept.as_ref().unwrap());
        assert_eq!(kept.count(), 5, "at the same moment, too");
        assert!(store.create_link(link(20, VERIFY, sent), 5).await.unwrap());
        let later = sent.plus_seconds(1_799);
        assert!(!store.create_link(link(21, RESET, later), 5).await.unwrap());
        let moved = store.change_email(owner, HASH, "new@x.y", "new@x.y", sent);
        moved.await.unwrap();
        assert!(!store.create_link(link(22, RESET, later), 5).await.unwrap());
        let free = sent.plus_seconds(1_800);
        assert!(store.create_link(link(23, RESET, free), 5).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_sets_the_password_and_ends_the_sessions() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = world.new_session();
        let hash = session.token_hash;
        world
            .store
            .create_session(owner, HASH, session)
            .await
            .unwrap();
        let now = send(&world, owner, 1, RESET).await;
        let done = world
            .store
            .reset_password(&[1; 32], "new", now)
            .await
            .unwrap();
        let done = done.unwrap();
        assert_eq!(
            (done.user.id, done.user.email_verified, done.ended.len()),
            (owner, true, 2)
        );
        assert!(!done.factor_off, "there was none");
        assert!(
            world
                .store
                .session(&hash, now, EVER)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            world.store.password_hash(owner).await.unwrap().as_deref(),
            Some("new")
        );
        let again = world
            .store
            .reset_password(&[1; 32], "newer", now)
            .await
            .unwrap();
        assert!(again.is_none(), "once");

        let now = send(&world, owner, 2, RESET).await;
        world.store.set_active(owner, false, now).await.unwrap();
        assert!(
            world
                .store
                .link(&[2; 32], RESET, now)
                .await
                .unwrap()
                .is_none(),
            "shut out"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_takes_so_many_tries_and_signs_in_once() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let now = world.now();
        let make = async |number: u8| {
            let challenge = NewChallenge {
                token_hash: [number; 32],
                user_id: owner,
                password_hash: HASH.to_owned(),
                created_at: now,
                expires_at: now.plus_seconds(300),
            };
            world.store.create_challenge(challenge).await.unwrap();
        };
        let attempt = async |number: u8, now| {
            let found = world
                .store
                .try_challenge(&[number; 32], 2, now)
                .await
                .unwrap();
            found.map(|user| user.id)
        };
        make(1).await;
        make(2).await;
        assert_eq!(attempt(1, now).await, Some(owner));
        assert_eq!(attempt(1, now).await, Some(owner));
        assert_eq!(attempt(1, now).await, None, "too often");
        assert_eq!(attempt(2, now.plus_seconds(300)).await, None, "late");
        assert_eq!(attempt(3, now).await, None);
        let take = async || {
            world
                .store
                .take_challenge(&[2; 32], world.new_session())
                .await
        };
        assert_eq!(take().await.unwrap(), Some(true), "a browser is known");
        assert_eq!(take().await.unwrap(), None, "once");
        let sessions = world.store.sessions(owner, now, EVER).await.unwrap();
        assert_eq!(sessions.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_token_makes_one_admin() {
    on_every_engine(async |world: World| {
        world.user("Anna").await;
        let store = &world.store;
        assert!(!store.is_setup_open().await.unwrap());
        assert!(store.open_setup(&[1; 32], world.now()).await.unwrap());
        assert!(store.open_setup(&[2; 32], world.now()).await.unwrap());
        assert!(!store.is_setup_token(&[1; 32]).await.unwrap(), "replaced");
        assert!(store.is_setup_token(&[2; 32]).await.unwrap());
        let admin = |name: &str| NewUser {
            group: Group::Admin,
            ..world.new_user(name)
        };
        let mut same_name = admin("ANNA");
        same_name.email_key = "other@example.org".to_owned();
        let taken = store.setup(&[2; 32], same_name, world.new_session()).await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(Constraint::UsernameTaken))),
            "{taken:?}"
        );
        assert!(store.is_setup_open().await.unwrap(), "a slip costs nothing");
        let none = store
            .setup(&[1; 32], admin("Root"), world.new_session())
            .await;
        assert!(none.unwrap().is_none());
        let made = store
            .setup(&[2; 32], admin("Root"), world.new_session())
            .await;
        assert_eq!(made.unwrap().unwrap().group, Group::Admin);
        assert!(!store.is_setup_open().await.unwrap());
        assert!(!store.open_setup(&[3; 32], world.now()).await.unwrap());
        assert!(!store.is_setup_open().await.unwrap());
    })
    .await;
}
