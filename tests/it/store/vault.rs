//! Which key seals, and what it has sealed.

use std::sync::Arc;

use futures::future::join_all;
use parlance_adapter::keys::{KeySource, MasterKeys};
use parlance_core::domain::{Timestamp, UserId};
use parlance_server::{
    port::{
        clock::Clock,
        keys::{Fingerprint, Keys},
        store::SealedTable,
    },
    service::vault::{About, Sealed, Vault, VaultError, rotate},
};
use uuid::Uuid;

use super::world::{HASH, World, on_every_engine};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1_763_664_000_000_000)
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

fn keys(world: &World, name: &str) -> Arc<dyn Keys> {
    let file = world.config.data_dir.join(name);
    Arc::new(MasterKeys::new(KeySource::Own(file), None))
}

async fn vault(world: &World, name: &str) -> Result<Vault, VaultError> {
    Vault::start(world.store.clone(), Arc::new(Still), keys(world, name)).await
}

fn about(user: UserId, row: Uuid) -> About<'static> {
    About {
        table: "factors.secret",
        row,
        user,
        origin: "",
    }
}

/// A row with a sealed secret.
async fn sealed(world: &World, vault: &Vault, name: &str) -> (UserId, Uuid) {
    let (user, row) = (world.user(name).await, Uuid::now_v7());
    let sealed = vault
        .seal(about(user, row), b"canary-secret")
        .await
        .unwrap();
    assert!(
        world
            .store
            .begin_factor(user, HASH, row, &sealed.0, world.now())
            .await
            .unwrap()
    );
    (user, row)
}

async fn read(world: &World, user: UserId) -> Sealed {
    Sealed(world.store.factor(user).await.unwrap().unwrap().sealed)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_processes_agree_on_the_key_that_seals() {
    on_every_engine(async |world: World| {
        let store = &world.store;
        assert_eq!(store.key_version().await.unwrap(), None);
        let names: Vec<_> = (1..=6).map(|no| Fingerprint([no; 8])).collect();
        let begun = join_all(
            names
                .iter()
                .map(|name| store.begin_keys(*name, world.now())),
        )
        .await;
        let first = begun[0].as_ref().unwrap();
        assert!(
            begun.iter().all(|one| one.as_ref().unwrap() == first),
            "{begun:?}"
        );
        assert_eq!(first.version, 1);

        let next = Fingerprint([9; 8]);
        let added = store.add_key(next, world.now()).await.unwrap();
        assert_eq!((added.version, added.fingerprint), (2, next));
        assert_eq!(
            store.add_key(next, world.now()).await.unwrap(),
            added,
            "again: the same"
        );
        assert!(
            store.add_key(first.fingerprint, world.now()).await.is_err(),
            "no way back"
        );
        assert_eq!(store.key_version().await.unwrap(), Some(added));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_opens_in_its_own_row_alone() {
    on_every_engine(async |world: World| {
        let vault = vault(&world, "master.key").await.unwrap();
        let (ann, her_row) = sealed(&world, &vault, "Ann").await;
        let (bob, his_row) = sealed(&world, &vault, "Bob").await;
        let (hers, his) = (read(&world, ann).await, read(&world, bob).await);
        let opened = vault.open(about(ann, her_row), &hers).await.unwrap();
        assert_eq!(&opened[..], b"canary-secret");
        for (user, row, value) in [
            (ann, her_row, &his),
            (bob, his_row, &hers),
            (bob, her_row, &hers),
        ] {
            let error = vault
                .open(about(user, row), value)
                .await
                .unwrap_err()
                .to_string();
            assert!(!error.contains("canary"), "{error}");
        }
        assert!(!hers.0.windows(6).any(|window| window == b"canary"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_moves_everything_while_others_seal_and_open() {
    on_every_engine(async |world: World| {
        let running = vault(&world, "master.key").await.unwrap();
        let mut rows = Vec::new();
        for no in 0..120 {
            rows.push(sealed(&world, &running, &format!("user{no}")).await);
        }
        let old = world.store.key_version().await.unwrap().unwrap();
        // Another process, with the same file.
        let rotated = rotate(world.store.clone(), &Still, keys(&world, "master.key"))
            .await
            .unwrap();
        assert_eq!((rotated.version, rotated.moved, rotated.left), (2, 120, 0));
        let left =
            world
                .store
                .sealed_by_others(SealedTable::Factors, rotated.fingerprint, Uuid::nil(), 9);
        assert!(left.await.unwrap().is_empty());
        let moved =
            world
                .store
                .sealed_by_others(SealedTable::Factors, old.fingerprint, Uuid::nil(), 200);
        assert_eq!(moved.await.unwrap().len(), 120);
        // The one that has run all along meets the new key, and seals with it.
        for (user, row) in &rows {
            let opened = running
                .open(about(*user, *row), &read(&world, *user).await)
                .await
                .unwrap();
            assert_eq!(&opened[..], b"canary-secret");
        }
        let (late, _) = sealed(&world, &running, "late").await;
        assert_eq!(read(&world, late).await.0[1..9], rotated.fingerprint.0);
        let kinds: Vec<_> = world.store.audit_after(0, 9).await.unwrap();
        assert_eq!(kinds[0].event.kind, "keys_rotated");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_key_does_not_start() {
    on_every_engine(async |world: World| {
        let with = vault(&world, "master.key").await.unwrap();
        // As long as nothing is sealed, nobody misses anything.
        vault(&world, "other.key").await.unwrap();
        sealed(&world, &with, "Ann").await;
        let error = vault(&world, "other.key")
            .await
            .err()
            .expect("a refusal")
            .to_string();
        let name = world
            .store
            .key_version()
            .await
            .unwrap()
            .unwrap()
            .fingerprint;
        assert!(
            error.contains(&name.to_string()) && error.contains("PARLANCE_MASTER_KEY"),
            "{error}"
        );
        let error = vault(&world, "third.key")
            .await
            .err()
            .expect("a refusal")
            .to_string();
        assert!(error.contains("third.key"), "{error}");
        assert!(
            !world.config.data_dir.join("third.key").exists(),
            "no key is made that opens nothing"
        );
        let rotation = rotate(world.store.clone(), &Still, keys(&world, "other.key")).await;
        assert!(matches!(rotation, Err(VaultError::Missing { .. })));
    })
    .await;
}
