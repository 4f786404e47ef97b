//! Accounts that wait for their letter to be answered.

use futures::future::join_all;
use parlance_core::domain::Timestamp;
use parlance_server::port::store::{Constraint, Kept, NewRegistration, StoreError, Waiting};

use super::{HASH, World, on_every_engine};

fn registration(world: &World, number: u8, name: &str, email: &str) -> NewRegistration {
    let user = world.new_user(name);
    NewRegistration {
        token_hash: [number; 32],
        user_id: user.id,
        username: user.username,
        username_key: user.username_key,
        email: email.to_owned(),
        email_key: email.to_lowercase(),
        created_at: user.created_at,
        expires_at: user.created_at.plus_seconds(1_800),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_by_its_token_and_by_nothing_else() {
    on_every_engine(async |world: World| {
        let store = &world.store;
        let waiting = registration(&world, 1, "Anna", "Anna@x.y");
        let (id, until) = (waiting.user_id, waiting.expires_at);
        assert_eq!(
            store.keep_registration(waiting, 5).await.unwrap(),
            Kept::Waiting
        );
        assert!(store.credentials("anna@x.y").await.unwrap().is_none());
        assert!(!store.is_username_taken("anna").await.unwrap());
        let complete = async |number: u8, now: Timestamp| {
            let token = [number; 32];
            store
                .complete_registration(&token, HASH, "a browser", now)
                .await
        };
        let now = until.plus_seconds(-1);
        let found = store.waiting(&[1; 32], now).await.unwrap().unwrap();
        let anna = Waiting {
            username: "Anna".to_owned(),
            email: "Anna@x.y".to_owned(),
        };
        assert_eq!(found, anna);
        for (number, moment) in [(9, now), (1, until)] {
            let none = store.waiting(&[number; 32], moment).await.unwrap();
            assert!(none.is_none(), "{number}");
        }
        assert!(complete(9, now).await.unwrap().is_none());
        assert!(complete(1, until).await.unwrap().is_none(), "late");
        // Asked for once more, for the same address; and somebody who is called alike.
        for (number, name, email) in [(2, "Anna2", "ANNA@x.y"), (3, "ANNA", "other@x.y")] {
            let again = registration(&world, number, name, email);
            assert_eq!(
                store.keep_registration(again, 5).await.unwrap(),
                Kept::Waiting
            );
        }
        let user = complete(1, now).await.unwrap().unwrap();
        assert!(user.id == id && user.email_verified && user.created_at == now);
        assert_eq!(
            (user.username.as_str(), user.email.as_str()),
            ("Anna", "Anna@x.y")
        );
        assert!(store.is_username_taken("anna").await.unwrap());
        let person = store.person(id).await.unwrap().unwrap();
        assert!(person.is_active && person.last_login_at.is_none());
        let credentials = store.credentials("anna@x.y").await.unwrap().unwrap();
        assert_eq!(credentials.password_hash, HASH);
        assert!(complete(1, now).await.unwrap().is_none(), "once");
        assert!(store.waiting(&[1; 32], now).await.unwrap().is_none());
        assert!(
            complete(2, now).await.unwrap().is_none(),
            "what waited beside it"
        );
        for _ in 0..2 {
            let taken = complete(3, now).await;
            assert!(
                matches!(taken, Err(StoreError::Conflict(Constraint::UsernameTaken))),
                "the token stays good: {taken:?}"
            );
        }
        let known = store.create_session(id, HASH, world.new_session()).await;
        assert_eq!(
            known.unwrap(),
            Some(true),
            "what the letter was answered with"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_has_waits_in_vain() {
    on_every_engine(async |world: World| {
        let store = &world.store;
        let anna = world.user("Anna").await;
        let second = registration(&world, 1, "Second", "ANNA@example.org");
        let now = second.created_at;
        let kept = store.keep_registration(second, 5).await.unwrap();
        assert!(matches!(kept, Kept::Taken(user) if user.id == anna));
        let made = store
            .complete_registration(&[1; 32], HASH, "a browser", now)
            .await;
        assert!(made.unwrap().is_none());
        assert!(store.waiting(&[1; 32], now).await.unwrap().is_none());
        store.set_active(anna, false, now).await.unwrap();
        let third = registration(&world, 2, "Third", "anna@example.org");
        assert_eq!(
            store.keep_registration(third, 5).await.unwrap(),
            Kept::Silent
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_of_an_address_wait_and_no_more() {
    on_every_engine(async |world: World| {
        let store = &world.store;
        let all = (0..12).map(|number| {
            let one = registration(&world, number, &format!("name{number}"), "Anna@x.y");
            store.keep_registration(one, 5)
        });
        let kept = join_all(all).await;
        let waiting = kept.iter().filter(|kept| matches!(kept, Ok(Kept::Waiting)));
        let count = waiting.count();
        assert!((1..=5).contains(&count), "at the same moment, too: {count}");
        for number in 20..26 {
            let one = registration(&world, number, &format!("name{number}"), "anna@X.y");
            store.keep_registration(one, 5).await.unwrap();
        }
        let full = registration(&world, 30, "full", "anna@x.y");
        let begun = full.created_at;
        assert_eq!(
            store.keep_registration(full, 5).await.unwrap(),
            Kept::Silent
        );
        let other = registration(&world, 31, "other", "other@x.y");
        assert_eq!(
            store.keep_registration(other, 5).await.unwrap(),
            Kept::Waiting
        );
        let mut later = registration(&world, 32, "later", "anna@x.y");
        later.created_at = begun.plus_seconds(1_800);
        assert_eq!(
            store.keep_registration(later, 5).await.unwrap(),
            Kept::Waiting
        );
        let gone = begun.plus_seconds(3_600);
        store.purge_sessions(gone, 1).await.unwrap();
        let made = store
            .complete_registration(&[31; 32], HASH, "x", begun)
            .await;
        assert!(made.unwrap().is_none(), "purged");
    })
    .await;
}

/// Two letters of one registration, and two registrations of one name.
#[tokio::test(flavor = "multi_thread")]
async fn of_letters_that_are_answered_at_the_same_moment_one_makes_the_account() {
    on_every_engine(async |world: World| {
        for round in 0..8_u8 {
            let name = format!("Anna {round}");
            let address = format!("anna{round}@x.y");
            let tokens: Vec<[u8; 32]> = (0..4).map(|number| [round * 4 + number; 32]).collect();
            for token in &tokens {
                let mut one = registration(&world, 0, &name, &address);
                one.token_hash = *token;
                let kept = world.store.keep_registration(one, 5).await.unwrap();
                assert_eq!(kept, Kept::Waiting);
            }
            let answers = tokens.into_iter().map(|token| {
                let (store, now) = (world.store.clone(), world.now());
                tokio::spawn(async move {
                    store
                        .complete_registration(&token, HASH, "a browser", now)
                        .await
                })
            });
            let outcomes: Vec<_> = join_all(answers).await.into_iter().collect();
            let mut made = 0;
            for outcome in outcomes {
                made += usize::from(outcome.unwrap().unwrap().is_some());
            }
            assert_eq!(made, 1, "round {round}");
        }
    })
    .await;
}
