//! Somebody who has the database: reads all of it and writes what they like.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use super::Server;

/// Runs statements, as the owner of the tables.
pub async fn execute(server: &Server, statements: &str) -> Result<u64, sqlx::Error> {
    let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
    match &server.database_url {
        Some(url) => {
            let mut db = PgConnection::connect(url).await?;
            Ok(db.execute(statements).await?.rows_affected())
        }
        None => {
            let mut db = SqliteConnection::connect(&file(server)).await?;
            Ok(db.execute(statements).await?.rows_affected())
        }
    }
}

/// A number from the database.
pub async fn number(server: &Server, query: &str) -> i64 {
    let query = AssertSqlSafe(query.to_owned());
    if let Some(url) = &server.database_url {
        let mut db = PgConnection::connect(url).await.unwrap();
        return sqlx::query_scalar(query).fetch_one(&mut db).await.unwrap();
    }
    let mut db = SqliteConnection::connect(&file(server)).await.unwrap();
    sqlx::query_scalar(query).fetch_one(&mut db).await.unwrap()
}

/// Everything that lies in the database, as bytes: the files of SQLite, each row of each table of PostgreSQL.
pub async fn dump(server: &Server) -> Vec<u8> {
    let Some(url) = &server.database_url else {
        let mut dump = Vec::new();
        for entry in std::fs::read_dir(server.data_dir()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.contains(".db") {
                dump.extend(std::fs::read(path).unwrap());
            }
        }
        return dump;
    };
    let mut db = PgConnection::connect(url).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut dump = Vec::new();
    for table in tables {
        // Bytes come out as hexadecimal digits: both forms are looked for.
        let query = format!("select t::text from \"{table}\" t");
        let rows = sqlx::query(AssertSqlSafe(query))
            .fetch_all(&mut db)
            .await
            .unwrap();
        for row in rows {
            let text: String = row.get(0);
            for hex in text.split("\\x").skip(1) {
                let digits: Vec<u8> = hex.bytes().take_while(u8::is_ascii_hexdigit).collect();
                dump.extend(digits.chunks_exact(2).map(|pair| {
                    let pair = std::str::from_utf8(pair).unwrap();
                    u8::from_str_radix(pair, 16).unwrap()
                }));
            }
            dump.extend(text.into_bytes());
            dump.push(b'\n');
        }
    }
    dump
}

/// What the database keeps, as bytes: all of its tables, and not the space in the files of SQLite that is free again.
pub async fn kept(server: &Server) -> Vec<u8> {
    if server.database_url.is_some() {
        return dump(server).await;
    }
    let copies = tempfile::TempDir::new().unwrap();
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(server.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "db") {
            continue;
        }
        let copy = copies.path().join(path.file_name().unwrap());
        let url = format!("sqlite:{}", path.display());
        let mut db = SqliteConnection::connect(&url).await.unwrap();
        let copying = sqlx::query("vacuum into ?").bind(copy.display().to_string());
        copying.execute(&mut db).await.unwrap();
        kept.extend(std::fs::read(&copy).unwrap());
    }
    assert!(kept.len() > 10_000, "the databases were found");
    kept
}

/// Whether these bytes are in there.
pub fn holds(dump: &[u8], secret: &[u8]) -> bool {
    !secret.is_empty() && dump.windows(secret.len()).any(|window| window == secret)
}

fn file(server: &Server) -> String {
    format!("sqlite:{}", server.data_dir().join("main.db").display())
}
