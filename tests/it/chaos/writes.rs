//! A reply is written into `messages` once, complete, and never again (D29). Counted by the databases themselves.

use std::time::Duration;

use sqlx::Connection;

use super::{
    figure, scale,
    talk::{MODEL, Talk, stored},
};
use crate::harness::{Engine, Server, on_both};

/// Rows of `messages` written so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writes {
    inserts: i64,
    updates: i64,
    deletes: i64,
}

on_both! {
    async fn a_reply_is_one_insert_and_no_update(engine: Engine) {
        let replies = scale(3, 30);
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        prepare(&server).await;
        let before = writes(&server).await;
        for round in 0..replies {
            let said = ["words-120@400", "fault-reset@9", "think-10+words-50"][round % 3];
            let turn = talk.say(said).await;
            assert!(stored(&talk.settled().await, &turn).is_some());
        }
        // The person's message and the reply.
        let expected = Writes { inserts: before.inserts + 2 * replies as i64, ..before };
        let mut after = writes(&server).await;
        // PostgreSQL counts with a delay.
        for _ in 0..300 {
            if after.inserts >= expected.inserts {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            after = writes(&server).await;
        }
        assert_eq!(after, expected);
        figure("D29", engine, format!("{replies} replies: 1 insert each into messages, 0 updates, 0 deletes"));
    }
}

/// SQLite has no counters that another process can read: triggers count.
async fn prepare(server: &Server) {
    if server.database_url.is_some() {
        return;
    }
    let mut db = sqlite(server).await;
    for sql in [
        "create table writes (kind text not null)",
        "create trigger count_inserts after insert on messages begin insert into writes values ('insert'); end",
        "create trigger count_updates after update on messages begin insert into writes values ('update'); end",
        "create trigger count_deletes after delete on messages begin insert into writes values ('delete'); end",
    ] {
        sqlx::query(sql).execute(&mut db).await.expect("prepared");
    }
}

async fn writes(server: &Server) -> Writes {
    let (inserts, updates, deletes) = if let Some(url) = &server.database_url {
        let sql = "select n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables where relname = 'messages'";
        let mut db = sqlx::PgConnection::connect(url).await.expect("connects");
        sqlx::query_as(sql)
            .fetch_one(&mut db)
            .await
            .expect("counted")
    } else {
        let sql = "select count(*) filter (where kind = 'insert'), count(*) filter (where kind = 'update'), \
                   count(*) filter (where kind = 'delete') from writes";
        let mut db = sqlite(server).await;
        sqlx::query_as(sql)
            .fetch_one(&mut db)
            .await
            .expect("counted")
    };
    Writes {
        inserts,
        updates,
        deletes,
    }
}

async fn sqlite(server: &Server) -> sqlx::SqliteConnection {
    let url = format!("sqlite:{}", server.data_dir().join("main.db").display());
    sqlx::SqliteConnection::connect(&url)
        .await
        .expect("connects")
}
