//! What changes of an account leave behind.

use parlance_core::domain::SessionId;
use parlance_server::port::store::{
    Constraint, LinkPurpose, NewChallenge, NewLink, Renewal, StoreError,
};

use super::{EVER, HASH, World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_new_once() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let come = async |agent: &str| {
            let mut session = world.new_session();
            session.agent = agent.to_owned();
            let known = world.store.create_session(owner, HASH, session).await;
            known.unwrap().expect("no factor is on")
        };
        assert!(come("a browser").await, "as at the registration");
        assert!(!come("another").await);
        assert!(come("another").await);
        let other = world
            .store
            .create_session(owner, "another hash", world.new_session());
        let refused = other.await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_by_their_owner_alone() {
    on_every_engine(async |world: World| {
        let (owner, stranger) = (world.user("Anna").await, world.user("Berta").await);
        let mut session = world.new_session();
        session.address = Some("203.0.113.7".parse().unwrap());
        let kept = session.id;
        world
            .store
            .create_session(owner, HASH, session)
            .await
            .unwrap();
        let now = world.now();
        let listed = world.store.sessions(owner, now, EVER).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0].id, kept, "the one last used first");
        assert_eq!(listed[0].address.as_deref(), Some("203.0.113.7"));
        assert!(
            world
                .store
                .sessions(owner, now, now)
                .await
                .unwrap()
                .is_empty(),
            "idle"
        );

        assert!(!world.store.delete_session(stranger, kept).await.unwrap());
        let ended = world
            .store
            .delete_sessions(owner, Some(kept))
            .await
            .unwrap();
        assert_eq!(ended, [listed[1].id]);
        assert_eq!(
            world.store.delete_sessions(owner, None).await.unwrap(),
            [kept]
        );
        assert_eq!(
            world
                .store
                .sessions(stranger, now, EVER)
                .await
                .unwrap()
                .len(),
            1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_stay_unique_when_they_change() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        world.user("Berta").await;
        let store = &world.store;
        let taken = store
            .rename_user(owner, "BERTA", "berta", world.now())
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(Constraint::UsernameTaken))),
            "{taken:?}"
        );
        let renamed = store
            .rename_user(owner, "ANNA", "anna", world.now())
            .await
            .unwrap();
        assert_eq!(renamed.username, "ANNA");
        let taken = store
            .change_email(owner, HASH, "B@x.y", "berta@example.org", world.now())
            .await;
        assert!(
            matches!(taken, Err(StoreError::Conflict(Constraint::EmailTaken))),
            "{taken:?}"
        );

        let link = NewLink {
            token_hash: [7; 32],
            user_id: owner,
            purpose: LinkPurpose::Verify,
            address: "Anna@Example.org".to_owned(),
            created_at: world.now(),
            expires_at: world.now().plus_seconds(60),
        };
        assert!(store.create_link(link, 5).await.unwrap());
        let verified = store
            .verify_email(&[7; 32], world.now())
            .await
            .unwrap()
            .unwrap();
        assert!(verified.email_verified);
        let moved = store
            .change_email(owner, HASH, "New@x.y", "new@x.y", world.now())
            .await
            .unwrap();
        assert_eq!(
            (moved.email.as_str(), moved.email_verified),
            ("New@x.y", false)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_everything_begun_with_the_old_one() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let store = &world.store;
        let address = "Anna@Example.org".to_owned();
        let (created_at, expires_at) = (world.now(), world.now().plus_seconds(600));
        let link = NewLink {
            token_hash: [1; 32],
            user_id: owner,
            purpose: LinkPurpose::Reset,
            address,
            created_at,
            expires_at,
        };
        assert!(store.create_link(link, 5).await.unwrap());
        let challenge = NewChallenge {
            token_hash: [2; 32],
            user_id: owner,
            password_hash: HASH.to_owned(),
            created_at,
            expires_at,
        };
        store.create_challenge(challenge).await.unwrap();
        let before = store.sessions(owner, world.now(), EVER).await.unwrap();
        let renewal = |old| Renewal {
            old,
            new: world.new_session(),
        };
        for (hash, old) in [
            ("another", before[0].id),
            (HASH, SessionId(uuid::Uuid::now_v7())),
        ] {
            let wrong = store
                .change_password(owner, hash, "new", renewal(old))
                .await;
            assert!(matches!(wrong, Err(StoreError::NotFound)), "{wrong:?}");
        }
        let right = renewal(before[0].id);
        let id = right.new.id;
        let ended: Vec<SessionId> = store
            .change_password(owner, HASH, "new", right)
            .await
            .unwrap();
        assert_eq!(ended.len(), 1);
        let left = store.sessions(owner, world.now(), EVER).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
        assert_eq!(
            store.password_hash(owner).await.unwrap().as_deref(),
            Some("new")
        );
        let link = store.link(&[1; 32], LinkPurpose::Reset, world.now()).await;
        assert!(link.unwrap().is_none());
        assert!(
            store
                .try_challenge(&[2; 32], 5, world.now())
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_goes_with_everything_in_it() {
    on_every_engine(async |world: World| {
        let (owner, other) = (world.user("Anna").await, world.user("Berta").await);
        let conversation = world.conversation(owner).await;
        world.answered(owner, conversation, "one").await;
        let running = world.started(owner, conversation, "two").await;
        let theirs = world.conversation(other).await;
        assert_eq!(
            world.store.active_generations(owner).await.unwrap(),
            [running.id]
        );
        assert!(
            world
                .store
                .active_generations(other)
                .await
                .unwrap()
                .is_empty()
        );
        world.end(&running, "done").await;

        world.store.delete_user(owner).await.unwrap();
        assert!(
            world
                .store
                .credentials("anna@example.org")
                .await
                .unwrap()
                .is_none()
        );
        let open = world
            .store
            .open_conversation(owner, conversation, None, 10)
            .await;
        assert!(open.unwrap().is_none());
        let open = world.store.open_conversation(other, theirs, None, 10).await;
        assert!(open.unwrap().is_some());
        world.user("Anna").await;
    })
    .await;
}
