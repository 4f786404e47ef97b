//! What a password was checked for counts only while it is still the password, and while nothing else stands in the way:
//! whoever is overtaken changes nothing.

use futures::future::join_all;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use parlance_server::port::{
    push::Subscription,
    store::{
        LinkPurpose, NewApiKey, NewChallenge, NewLink, NewSession, Renewal, SessionKind, StoreError,
    },
};
use uuid::Uuid;

use super::{EVER, HASH, World, on_every_engine};

const ADDRESS: &str = "Anna@Example.org";

fn key(world: &World) -> NewApiKey {
    let mut session = world.new_session();
    session.kind = SessionKind::Key;
    NewApiKey {
        name: "k".to_owned(),
        last4: "abcd".to_owned(),
        expires_at: None,
        session,
    }
}

fn challenge(world: &World, owner: UserId, password_hash: &str) -> NewChallenge {
    let created_at = world.now();
    NewChallenge {
        token_hash: [7; 32],
        user_id: owner,
        password_hash: password_hash.to_owned(),
        created_at,
        expires_at: created_at.plus_seconds(300),
    }
}

async fn send(world: &World, owner: UserId, number: u8, purpose: LinkPurpose, address: &str) {
    let created_at = world.now();
    let link = NewLink {
        token_hash: [number; 32],
        user_id: owner,
        purpose,
        address: address.to_owned(),
        created_at,
        expires_at: created_at.plus_seconds(1_800),
    };
    world.store.create_link(link, 9).await.unwrap();
}

async fn devices(world: &World, owner: UserId) -> Vec<SessionId> {
    let rows = world.store.sessions(owner, world.now(), EVER).await;
    rows.unwrap().into_iter().map(|row| row.id).collect()
}

/// A new session in place of the one that was used last.
async fn renewal(world: &World, owner: UserId) -> Renewal {
    Renewal {
        old: devices(world, owner).await[0],
        new: world.new_session(),
    }
}

/// Turns a factor on.
async fn enrol(world: &World, owner: UserId) {
    let (store, id) = (&world.store, Uuid::now_v7());
    let hash = store.password_hash(owner).await.unwrap().unwrap();
    let begun = store
        .begin_factor(owner, &hash, id, b"sealed", world.now())
        .await;
    assert!(begun.unwrap());
    let renewal = renewal(world, owner).await;
    let on = store
        .enrol_factor(owner, id, 1, &[[1; 32]], renewal)
        .await
        .unwrap();
    assert!(on.is_some());
}

async fn has_factor(world: &World, owner: UserId) -> bool {
    let factor = world.store.factor(owner).await.unwrap();
    factor.is_some_and(|factor| factor.enrolled_at.is_some())
}

/// Tells this session's browser of replies.
async fn subscribe(world: &World, owner: UserId, session: SessionId) {
    let subscription = Subscription {
        endpoint: "https://push.example/a".to_owned(),
        p256dh: [4; 65],
        auth: [9; 16],
    };
    let kept = world
        .store
        .save_subscription(owner, session, &subscription, 9, world.now());
    kept.await.unwrap();
}

async fn subscriptions(world: &World, owner: UserId) -> usize {
    let rows = world.store.subscriptions(owner, world.now(), Timestamp(0));
    rows.await.unwrap().len()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::NotFound)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_on_the_strength_of_another_password() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let (store, now) = (&world.store, world.now());
        let stale = "$argon2id$of yesterday";
        refused(
            store
                .change_email(owner, stale, "new@x.y", "new@x.y", now)
                .await,
        );
        refused(store.create_api_key(owner, stale, key(&world), 9).await);
        refused(
            store
                .begin_factor(owner, stale, Uuid::now_v7(), b"sealed", now)
                .await,
        );
        refused(store.close_user(owner, stale, now).await);
        refused(
            store
                .create_challenge(challenge(&world, owner, stale))
                .await,
        );
        refused(
            store
                .create_session(owner, stale, world.new_session())
                .await,
        );
        let person = store.person(owner).await.unwrap().unwrap();
        assert!(person.is_active && person.user.email == ADDRESS);
        assert!(store.api_keys(owner).await.unwrap().is_empty());
        assert_eq!(store.factor(owner).await.unwrap(), None);
        let kept = store.try_challenge(&[7; 32], 5, now).await;
        assert!(kept.unwrap().is_none());
        assert_eq!(devices(&world, owner).await.len(), 1);

        // Nor for somebody who is shut out, with the right one.
        store.set_active(owner, false, now).await.unwrap();
        refused(
            store
                .change_email(owner, HASH, "new@x.y", "new@x.y", now)
                .await,
        );
        refused(store.create_api_key(owner, HASH, key(&world), 9).await);
        refused(
            store
                .begin_factor(owner, HASH, Uuid::now_v7(), b"sealed", now)
                .await,
        );
        refused(store.create_challenge(challenge(&world, owner, HASH)).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_past_a_factor_that_is_on() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        enrol(&world, owner).await;
        let store = &world.store;
        let past = store.create_session(owner, HASH, world.new_session()).await;
        assert_eq!(past.unwrap(), None);
        assert_eq!(devices(&world, owner).await.len(), 1);
    })
    .await;
}

/// Whatever the order in which they arrive: who signs in without the factor is out again when it is on.
#[tokio::test(flavor = "multi_thread")]
async fn no_sign_in_slips_past_the_enrolment_of_a_factor() {
    on_every_engine(async |world: World| {
        for round in 0..8 {
            let owner = world.user(&format!("Anna {round}")).await;
            let id = Uuid::now_v7();
            let begun = world
                .store
                .begin_factor(owner, HASH, id, b"sealed", world.now());
            assert!(begun.await.unwrap());
            let renewal = renewal(&world, owner).await;
            let new = renewal.new.id;
            let arrivals: Vec<NewSession> = (0..6).map(|_| world.new_session()).collect();
            let arrivals = arrivals.into_iter().map(|session| {
                let store = world.store.clone();
                tokio::spawn(async move { store.create_session(owner, HASH, session).await })
            });
            let arrivals: Vec<_> = arrivals.collect();
            let on = world
                .store
                .enrol_factor(owner, id, 1, &[[1; 32]], renewal)
                .await;
            assert!(on.unwrap().is_some());
            for arrival in join_all(arrivals).await {
                arrival.unwrap().unwrap();
            }
            assert_eq!(devices(&world, owner).await, [new], "round {round}");
        }
    })
    .await;
}

/// Whatever the order: what was begun with the old password is gone when another one is set.
#[tokio::test(flavor = "multi_thread")]
async fn no_challenge_and_no_key_slip_past_another_password() {
    on_every_engine(async |world: World| {
        for round in 0..8_u8 {
            let owner = world.user(&format!("Anna {round}")).await;
            send(
                &world,
                owner,
                round,
                LinkPurpose::Reset,
                &format!("Anna {round}@Example.org"),
            )
            .await;
            let mut begun = Vec::new();
            for number in 0..4 {
                let (store, key) = (world.store.clone(), key(&world));
                let mut waiting = challenge(&world, owner, HASH);
                waiting.token_hash = [round * 4 + number + 10; 32];
                begun.push(tokio::spawn(async move {
                    let _ = store.create_challenge(waiting).await;
                    let _ = store.create_api_key(owner, HASH, key, 9).await;
                }));
            }
            let reset = world
                .store
                .reset_password(&[round; 32], "new", world.now())
                .await;
            assert!(reset.unwrap().is_some());
            for one in join_all(begun).await {
                one.unwrap();
            }
            assert!(world.store.api_keys(owner).await.unwrap().is_empty());
            for number in 0..4 {
                let (token, now) = ([round * 4 + number + 10; 32], world.now());
                let kept = world.store.try_challenge(&token, 5, now).await;
                assert!(kept.unwrap().is_none(), "round {round}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_renewal_outlives_a_sign_out_of_all_devices() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        for round in 0..16 {
            let asks = renewal(&world, owner).await;
            let changes = store.change_password(owner, HASH, HASH, asks);
            let ends = async {
                match round % 2 {
                    0 => store.delete_sessions(owner, None).await,
                    _ => store.end_all(owner).await,
                }
            };
            // Whichever comes first, and whether the other still finds anything.
            let (changed, ended) = tokio::join!(changes, ends);
            assert!(
                matches!(changed, Ok(_) | Err(StoreError::NotFound)),
                "{changed:?}"
            );
            ended.unwrap();
            assert!(devices(&world, owner).await.is_empty(), "round {round}");
            let next = world.new_session();
            store.create_session(owner, HASH, next).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_of_replies_through_every_renewal() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        subscribe(&world, owner, devices(&world, owner).await[0]).await;
        // Another device's goes with its session.
        let other = world.new_session();
        let id = other.id;
        store.create_session(owner, HASH, other).await.unwrap();
        let elsewhere = Subscription {
            endpoint: "https://push.example/b".to_owned(),
            p256dh: [4; 65],
            auth: [9; 16],
        };
        store
            .save_subscription(owner, id, &elsewhere, 9, world.now())
            .await
            .unwrap();
        let first = Renewal {
            old: devices(&world, owner).await[1],
            new: world.new_session(),
        };
        store
            .change_password(owner, HASH, "new", first)
            .await
            .unwrap();
        assert_eq!(subscriptions(&world, owner).await, 1);
        enrol(&world, owner).await;
        assert_eq!(subscriptions(&world, owner).await, 1);
        let off = renewal(&world, owner).await;
        assert!(store.delete_factor(owner, "new", off).await.unwrap());
        assert_eq!(subscriptions(&world, owner).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_leaves_nothing_to_whoever_made_the_account_with_an_address_not_theirs() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        store
            .create_api_key(owner, HASH, key(&world), 9)
            .await
            .unwrap();
        enrol(&world, owner).await;
        subscribe(&world, owner, devices(&world, owner).await[0]).await;
        send(&world, owner, 1, LinkPurpose::Reset, ADDRESS).await;
        let done = store.reset_password(&[1; 32], "new", world.now()).await;
        let done = done.unwrap().unwrap();
        assert_eq!(done.ended.len(), 2, "the device and the key");
        assert!(done.factor_off && done.user.email_verified);
        assert!(store.api_keys(owner).await.unwrap().is_empty());
        assert_eq!(store.factor(owner).await.unwrap(), None);
        assert_eq!(store.backup_codes(owner).await.unwrap(), 0);
        assert_eq!(subscriptions(&world, owner).await, 0);
        let known = store
            .create_session(owner, "new", world.new_session())
            .await;
        assert_eq!(
            known.unwrap(),
            Some(false),
            "a browser of the old days is new"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_no_way_around_a_factor_of_the_owner() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        send(&world, owner, 1, LinkPurpose::Verify, ADDRESS).await;
        store.verify_email(&[1; 32], world.now()).await.unwrap();
        enrol(&world, owner).await;
        store
            .create_api_key(owner, HASH, key(&world), 9)
            .await
            .unwrap();
        send(&world, owner, 2, LinkPurpose::Reset, ADDRESS).await;
        let done = store.reset_password(&[2; 32], "new", world.now()).await;
        let done = done.unwrap().unwrap();
        assert!(!done.factor_off && has_factor(&world, owner).await);
        assert!(
            store.api_keys(owner).await.unwrap().is_empty(),
            "keys end all the same"
        );

        // Whoever has stolen session and password sends the mail to an address of theirs: the factor is older than that.
        let session = world.new_session();
        store
            .create_challenge(challenge(&world, owner, "new"))
            .await
            .unwrap();
        store.take_challenge(&[7; 32], session).await.unwrap();
        store
            .change_email(owner, "new", "thief@x.y", "thief@x.y", world.now())
            .await
            .unwrap();
        send(&world, owner, 3, LinkPurpose::Reset, "thief@x.y").await;
        let done = store.reset_password(&[3; 32], "newer", world.now()).await;
        assert!(!done.unwrap().unwrap().factor_off && has_factor(&world, owner).await);
    })
    .await;
}
