//! Access and refresh tokens, and API keys.

use futures::future::join_all;
use parlance_core::domain::{ApiKeyId, DeviceKind, Timestamp, UserId};
use parlance_server::port::store::{
    Constraint, NewApiKey, NewSession, NewTokens, Rotation, SessionKind, StoreError,
};

use super::{EVER, HASH, World, on_every_engine};

fn pair(number: u8, now: Timestamp) -> NewTokens {
    NewTokens {
        access_hash: [number; 32],
        access_expires_at: now.plus_seconds(60),
        refresh_hash: [number + 100; 32],
    }
}

async fn signed_in(world: &World, owner: UserId, number: u8) -> NewSession {
    let mut session = world.new_session();
    session.kind = SessionKind::Api;
    session.tokens = Some(pair(number, session.created_at));
    let stored = world
        .store
        .create_session(owner, HASH, session.clone())
        .await;
    stored.unwrap();
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_its_sessions_for_a_while() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = signed_in(&world, owner, 1).await;
        let now = session.created_at;
        let ask = async |hash, now, idle| world.store.access(hash, now, idle).await.unwrap();
        let found = ask(&[1; 32], now, EVER).await.unwrap();
        assert_eq!(
            (found.session_id, found.kind),
            (session.id, SessionKind::Api)
        );
        assert!(ask(&[9; 32], now, EVER).await.is_none());
        assert!(
            ask(&[101; 32], now, EVER).await.is_none(),
            "no refresh token"
        );
        assert!(
            ask(&[1; 32], now.plus_seconds(60), EVER).await.is_none(),
            "late"
        );
        assert!(ask(&[1; 32], now, now).await.is_none(), "idle");
        let listed = world.store.sessions(owner, now, EVER).await.unwrap();
        let kinds: Vec<_> = listed.iter().map(|row| row.kind).collect();
        assert!(kinds.contains(&DeviceKind::Api) && kinds.contains(&DeviceKind::Browser));
        world.store.delete_session(owner, session.id).await.unwrap();
        assert!(ask(&[1; 32], now, EVER).await.is_none(), "signed out");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_once_and_a_copy_ends_the_family() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = signed_in(&world, owner, 1).await;
        let begun = session.created_at;
        let rotate = async |old: u8, new: u8, now: Timestamp| {
            let grace_since = now.plus_seconds(-10);
            let done = world
                .store
                .rotate_refresh(&[old; 32], pair(new, now), now, EVER, grace_since)
                .await;
            done.unwrap()
        };
        assert!(matches!(rotate(99, 9, begun).await, Rotation::Unknown));
        let Rotation::Done(found) = rotate(101, 2, begun).await else {
            panic!("the newest is good");
        };
        assert_eq!((found.session_id, found.user.id), (session.id, owner));
        let now = begun.plus_seconds(1);
        assert!(
            world
                .store
                .access(&[2; 32], now, EVER)
                .await
                .unwrap()
                .is_some()
        );
        let holder = world
            .store
            .refresh_holder(&[102; 32], now, EVER)
            .await
            .unwrap();
        assert_eq!(holder.unwrap().session_id, session.id);
        assert!(
            world
                .store
                .refresh_holder(&[101; 32], now, EVER)
                .await
                .unwrap()
                .is_none()
        );

        assert!(matches!(
            rotate(101, 3, begun.plus_seconds(9)).await,
            Rotation::Superseded
        ));
        let Rotation::Reused {
            user,
            session: ended,
        } = rotate(101, 3, begun.plus_seconds(11)).await
        else {
            panic!("a copy was shown");
        };
        assert_eq!((user, ended), (owner, session.id));
        assert!(matches!(
            rotate(102, 4, begun.plus_seconds(12)).await,
            Rotation::Unknown
        ));
        assert!(
            world
                .store
                .access(&[2; 32], now, EVER)
                .await
                .unwrap()
                .is_none()
        );
        let alive = world
            .store
            .session(&session.token_hash, now, EVER)
            .await
            .unwrap();
        assert!(alive.is_none(), "the cookie of the same session too");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_refreshes() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = signed_in(&world, owner, 1).await;
        let now = session.created_at.plus_seconds(1);
        let all = (2..22).map(|number| {
            let store = world.store.clone();
            async move {
                store
                    .rotate_refresh(
                        &[101; 32],
                        pair(number, now),
                        now,
                        EVER,
                        now.plus_seconds(-10),
                    )
                    .await
                    .unwrap()
            }
        });
        let all = join_all(all).await;
        let won = all
            .iter()
            .filter(|one| matches!(one, Rotation::Done(_)))
            .count();
        let lost = all
            .iter()
            .filter(|one| matches!(one, Rotation::Superseded))
            .count();
        assert_eq!((won, lost), (1, 19));
        let alive = world
            .store
            .session(&session.token_hash, now, EVER)
            .await
            .unwrap();
        assert!(alive.is_some(), "still signed in");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_ends_with_its_session_and_with_the_account() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let session = signed_in(&world, owner, 1).await;
        let end = session.expires_at;
        let rotate = async |now, idle| {
            let done = world
                .store
                .rotate_refresh(&[101; 32], pair(5, now), now, idle, now)
                .await;
            matches!(done.unwrap(), Rotation::Unknown)
        };
        assert!(rotate(end, EVER).await, "the end is absolute");
        assert!(rotate(session.created_at, session.created_at).await, "idle");
        world
            .store
            .set_active(owner, false, world.now())
            .await
            .unwrap();
        assert!(rotate(session.created_at, EVER).await, "shut out");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_sessions_that_are_no_devices() {
    on_every_engine(async |world: World| {
        let (owner, stranger) = (world.user("Anna").await, world.user("Berta").await);
        let key = |name: &str, expires_at| {
            let mut session = world.new_session();
            session.kind = SessionKind::Key;
            NewApiKey {
                name: name.to_owned(),
                last4: "wxyz".to_owned(),
                expires_at,
                session,
            }
        };
        let one = key("one", None);
        let (hash, id) = (one.session.token_hash, one.session.id);
        world
            .store
            .create_api_key(owner, HASH, one, 2)
            .await
            .unwrap();
        let end = world.now().plus_seconds(3_600);
        world
            .store
            .create_api_key(owner, HASH, key("two", Some(end)), 2)
            .await
            .unwrap();
        let third = world
            .store
            .create_api_key(owner, HASH, key("three", None), 2)
            .await;
        assert!(
            matches!(third, Err(StoreError::Conflict(Constraint::ApiKeys))),
            "{third:?}"
        );

        let keys = world.store.api_keys(owner).await.unwrap();
        let names: Vec<_> = keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["two", "one"]);
        assert_eq!((keys[0].expires_at, keys[1].expires_at), (Some(end), None));
        assert_eq!(
            (keys[1].last4.as_str(), keys[1].last_used_at),
            ("wxyz", None)
        );
        assert!(world.store.api_keys(stranger).await.unwrap().is_empty());

        let now = world.now();
        let found = world.store.session(&hash, now, now).await.unwrap().unwrap();
        assert_eq!(found.kind, SessionKind::Key, "never idle");
        world.store.touch_session(id, now).await.unwrap();
        let keys = world.store.api_keys(owner).await.unwrap();
        assert_eq!(keys[1].last_used_at, Some(now));
        assert_eq!(
            world.store.sessions(owner, now, EVER).await.unwrap().len(),
            1
        );
        assert_eq!(
            world
                .store
                .delete_sessions(owner, None)
                .await
                .unwrap()
                .len(),
            1
        );
        assert!(
            world
                .store
                .session(&hash, now, now)
                .await
                .unwrap()
                .is_some(),
            "keys stay"
        );

        let store = &world.store;
        assert!(
            !store.delete_session(owner, id).await.unwrap(),
            "no device is a key"
        );
        let key = ApiKeyId(id.0);
        assert!(!store.delete_api_key(stranger, key).await.unwrap());
        assert!(store.delete_api_key(owner, key).await.unwrap());
        let device = signed_in(&world, owner, 1).await.id;
        let device = ApiKeyId(device.0);
        assert!(
            !store.delete_api_key(owner, device).await.unwrap(),
            "nor the other way round"
        );
        assert!(
            world
                .store
                .session(&hash, now, now)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(store.api_keys(owner).await.unwrap().len(), 1);
        let ended = store.end_all(owner).await.unwrap();
        assert_eq!(ended.len(), 2, "the other key and the device");
        assert!(store.api_keys(owner).await.unwrap().is_empty());
    })
    .await;
}
