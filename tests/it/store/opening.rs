//! Opening: what is made, what is refused, and in which words.

use std::path::Path;

use parlance_adapter::store::{Durability, OpenError, StoreConfig, open};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::world::{World, on_every_engine, postgres};

async fn refusal(url: Option<&str>, data_dir: &Path) -> OpenError {
    let config = StoreConfig {
        url: url.map(str::to_owned),
        data_dir: data_dir.to_path_buf(),
        durability: Durability::Process,
    };
    match open(&config).await {
        Ok(_) => panic!("{config:?} was opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_and_keeps_its_name_over_a_restart() {
    on_every_engine(async |world: World| {
        world.store.ping().await.unwrap();
        let name = world.instance;
        let world = world.restarted().await;
        world.store.ping().await.unwrap();
        assert_eq!(world.instance, name);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_data_is_refused() {
    on_every_engine(async |world: World| {
        let World {
            store,
            journal,
            config,
            ..
        } = &world;
        let error = refusal(config.url.as_deref(), &config.data_dir).await;
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        store.ping().await.unwrap();
        journal.frames_after(1, 0).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_data_directories_cannot_share_one_sqlite_file() {
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite:{}", dir.path().join("shared/chat.db").display());
    let config = StoreConfig {
        url: Some(url.clone()),
        data_dir: dir.path().join("a"),
        durability: Durability::Process,
    };
    let opened = open(&config).await.unwrap();
    let error = refusal(Some(&url), &dir.path().join("b")).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(opened);
    open(&config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_cannot_have_the_name_of_something_else() {
    let dir = TempDir::new().unwrap();
    for name in ["journal.db", "Journal.db", "lock", "instance"] {
        let url = format!("sqlite:{}", dir.path().join(name).display());
        let error = refusal(Some(&url), dir.path()).await;
        assert!(matches!(error, OpenError::NameTaken { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let url = format!("sqlite:{}", dir.path().join("chat.db").display());
    let config = StoreConfig {
        url: Some(url),
        data_dir: dir.path().to_path_buf(),
        durability: Durability::Power,
    };
    open(&config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_no_directory_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let error = refusal(None, &file.join("data")).await;
    assert!(matches!(error, OpenError::Directory { .. }), "{error}");
    assert!(error.to_string().contains("file/data"), "{error}");

    let garbage = dir.path().join("garbage");
    std::fs::create_dir(&garbage).unwrap();
    std::fs::write(
        garbage.join("main.db"),
        "this is no database at all, ".repeat(100),
    )
    .unwrap();
    let error = refusal(None, &garbage).await;
    assert!(matches!(error, OpenError::File { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let config = StoreConfig {
        url: None,
        data_dir: dir.path().to_path_buf(),
        durability: Durability::Process,
    };
    drop(open(&config).await.unwrap());
    let mut connection =
        SqliteConnection::connect(&format!("sqlite:{}", dir.path().join("main.db").display()))
            .await
            .unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9000, 'from the future', true, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let error = refusal(None, dir.path()).await;
    assert!(matches!(error, OpenError::NewerSchema(9000)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_address_is_explained_without_the_password() {
    let dir = TempDir::new().unwrap();
    let error = refusal(Some("mysql://anna:hunter2@host/db"), dir.path()).await;
    assert!(matches!(error, OpenError::BadUrl(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    // Port 1 of this machine: nobody listens there.
    let error = refusal(Some("postgres://anna:hunter2@127.0.0.1:1/db"), dir.path()).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("127.0.0.1:1/db"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    let config = StoreConfig {
        url: Some("postgres://anna:hunter2@h/db".to_owned()),
        data_dir: "d".into(),
        durability: Durability::Process,
    };
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_named() {
    let Some(server) = postgres() else { return };
    let dir = TempDir::new().unwrap();
    let mut url = reqwest::Url::parse(&server).unwrap();
    url.set_path("no_such_database");
    let error = refusal(Some(url.as_str()), dir.path()).await;
    assert!(matches!(error, OpenError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("no_such_database"), "{error}");
}
