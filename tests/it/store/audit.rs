//! The audit log: a chain that many may append to and nobody may change.

use parlance_core::domain::{Timestamp, UserId};
use parlance_server::{
    port::store::NewAuditEvent,
    service::audit::{Fault, verify},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::world::{World, on_every_engine};

fn event(kind: &str, at: i64) -> NewAuditEvent {
    NewAuditEvent {
        at: Timestamp(1_763_664_000_123_456 + at),
        kind: kind.to_owned(),
        actor: Some(UserId(Uuid::from_u128(7))),
        address: Some("2001:db8::1".to_owned()),
        user_agent: Some("浏览器 \"1.0\"".to_owned()),
        subject: Some(Uuid::from_u128(8)),
        notes: r#"{"name":"张三"}"#.to_owned(),
    }
}

/// Statements of somebody who is at the database itself.
async fn tamper(world: &World, statement: &str) -> Result<(), sqlx::Error> {
    let statement = AssertSqlSafe(statement.to_owned());
    match &world.config.url {
        Some(url) => {
            let mut db = PgConnection::connect(url).await?;
            db.execute(sqlx::raw_sql(statement)).await.map(|_| ())
        }
        None => {
            let file = world.config.data_dir.join("main.db");
            let mut db = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await?;
            db.execute(sqlx::raw_sql(statement)).await.map(|_| ())
        }
    }
}

/// Takes the guard away, as somebody may who owns the database.
async fn unguard(world: &World) {
    let statement = match world.config.url {
        Some(_) => "alter table audit_events disable trigger user",
        None => "drop trigger audit_events_no_update; drop trigger audit_events_no_delete",
    };
    tamper(world, statement).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_again_as_it_was() {
    on_every_engine(async |world: World| {
        let bare = NewAuditEvent {
            actor: None,
            address: None,
            user_agent: None,
            subject: None,
            notes: "{}".to_owned(),
            ..event("signed_out", 5)
        };
        let written = world
            .store
            .append_audit(vec![event("signed_in", 0), bare])
            .await
            .unwrap();
        assert_eq!(written.iter().map(|row| row.no).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(world.store.audit_after(0, 10).await.unwrap(), written);
        assert_eq!(world.store.audit_after(1, 10).await.unwrap(), written[1..]);
        let newest = world.store.audit_before(None, 1).await.unwrap();
        assert_eq!(newest, written[1..]);
        assert_eq!(
            world.store.audit_before(Some(2), 9).await.unwrap(),
            written[..1]
        );
        let verified = verify(world.store.as_ref(), None).await.unwrap().unwrap();
        assert_eq!((verified.count, verified.head), (2, written[1].hash));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_one_chain() {
    on_every_engine(async |world: World| {
        let mut tasks = Vec::new();
        for writer in 0..20 {
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                for round in 0..5 {
                    let both = vec![event("a", writer), event("b", round)];
                    store.append_audit(both).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let verified = verify(world.store.as_ref(), None).await.unwrap().unwrap();
        assert_eq!(verified.count, 200);
        let rows = world.store.audit_after(0, 1_000).await.unwrap();
        assert!(
            rows.chunks(2)
                .all(|pair| pair[0].event.kind == "a" && pair[1].event.kind == "b")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_to_change_a_row() {
    on_every_engine(async |world: World| {
        let events = (0..3).map(|at| event("signed_in", at)).collect();
        world.store.append_audit(events).await.unwrap();
        for statement in [
            "update audit_events set kind = 'x' where no = 2",
            "delete from audit_events where no = 3",
            "delete from audit_events",
        ] {
            let error = tamper(&world, statement).await.unwrap_err().to_string();
            assert!(error.contains("append-only"), "{error}");
        }
        if world.config.url.is_some() {
            let error = tamper(&world, "truncate audit_events")
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains("append-only"), "{error}");
        }
        assert!(verify(world.store.as_ref(), None).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_past_that_is_found_out() {
    let cases: [(&str, Fault); 6] = [
        (
            "update audit_events set kind = 'signed_ix' where no = 3",
            Fault::Changed { no: 3 },
        ),
        (
            "update audit_events set user_agent = null where no = 3",
            Fault::Changed { no: 3 },
        ),
        (
            "update audit_events set actor = null where no = 5",
            Fault::Changed { no: 5 },
        ),
        (
            "delete from audit_events where no = 3",
            Fault::Missing { no: 3 },
        ),
        (
            "delete from audit_events where no = 1",
            Fault::Missing { no: 1 },
        ),
        (
            "delete from audit_events where no > 3",
            Fault::Cut { count: 3 },
        ),
    ];
    for (statement, fault) in cases {
        on_every_engine(async |world: World| {
            let events = (0..5).map(|at| event("signed_in", at)).collect();
            let rows = world.store.append_audit(events).await.unwrap();
            unguard(&world).await;
            tamper(&world, statement).await.unwrap();
            let head = rows.last().map(|row| row.hash);
            let found = verify(world.store.as_ref(), head).await.unwrap();
            assert_eq!(found, Err(fault), "{statement}");
        })
        .await;
    }
}
