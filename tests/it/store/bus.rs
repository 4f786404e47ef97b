//! Hints between the processes that share a database.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use parlance_core::domain::{ConversationId, SessionId, UserId};
use parlance_server::port::bus::Hint;
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use super::world::{World, on_every_engine, on_postgres};

const SOON: Duration = Duration::from_secs(10);

/// The next hint that says more than "look at everything".
async fn heard(hints: &mut BoxStream<'static, Hint>) -> Hint {
    loop {
        match timeout(SOON, hints.next()).await.expect("a hint").unwrap() {
            Hint::Lost => {}
            hint => return hint,
        }
    }
}

/// Waits until hints of `from` arrive.
async fn connected(from: &World, hints: &mut BoxStream<'static, Hint>) {
    let greeting = Hint::Written(ConversationId(Uuid::now_v7()));
    let said = async {
        loop {
            from.bus.publish(&[greeting]);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = said => unreachable!(),
        hint = heard(hints) => assert_eq!(hint, greeting),
    }
    // What was said twice may come twice.
    while timeout(Duration::from_millis(300), hints.next())
        .await
        .is_ok()
    {}
}

#[tokio::test(flavor = "multi_thread")]
async fn others_hear_what_is_said_and_the_speaker_does_not() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        let (mut own, mut theirs) = (world.bus.hints(), peer.bus.hints());
        connected(&world, &mut theirs).await;
        connected(&peer, &mut own).await;

        let said: HashSet<Hint> = (0..600)
            .flat_map(|_| {
                [
                    Hint::Written(ConversationId(Uuid::new_v4())),
                    Hint::Stored {
                        conversation: ConversationId(Uuid::new_v4()),
                        user: UserId(Uuid::new_v4()),
                    },
                    Hint::Revoked(SessionId(Uuid::new_v4())),
                ]
            })
            .collect();
        for hint in &said {
            world.bus.publish(&[*hint, *hint]);
        }
        world.bus.publish(&[]);
        let mut got = HashSet::new();
        while got.len() < said.len() {
            got.insert(heard(&mut theirs).await);
        }
        assert_eq!(got, said);
        let echo = timeout(Duration::from_millis(200), own.next()).await;
        assert!(echo.is_err(), "{echo:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_connection_everything_is_to_be_looked_at() {
    on_postgres(async |world: World| {
        let peer = world.peer().await;
        let mut theirs = peer.bus.hints();
        connected(&world, &mut theirs).await;
        let mut connection = PgConnection::connect(world.config.url.as_ref().unwrap())
            .await
            .unwrap();
        // Speakers and listeners of both.
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        let hint = timeout(SOON, theirs.next()).await.expect("a hint");
        assert_eq!(hint, Some(Hint::Lost));
        connected(&world, &mut theirs).await;
        connection.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_oneself() {
    on_every_engine(async |world: World| {
        let mut hints = world.bus.hints();
        world
            .bus
            .publish(&[Hint::Written(ConversationId(Uuid::now_v7()))]);
        let own = async {
            while let Some(hint) = hints.next().await {
                assert_eq!(hint, Hint::Lost, "only that the connection is new");
            }
        };
        let ended = timeout(Duration::from_millis(300), own).await;
        assert!(ended.is_err(), "hints never end");
    })
    .await;
}
