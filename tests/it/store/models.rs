//! Model configurations: whose they are, how many there may be, who was faster; and their keys, sealed.

use std::sync::Arc;

use futures::future::join_all;
use parlance_core::domain::{
    Effort, ModelConfigId, ModelKind, Parameters, Prices, Timestamp, UserId,
};
use parlance_server::port::{
    keys::Fingerprint,
    store::{Constraint, Keeper, ModelRow, SealedRow, SealedTable, StoreError},
};
use uuid::Uuid;

use super::world::{World, on_every_engine};

/// The first byte of a sealed value, then the name of the key that sealed it, then the rest.
fn sealed(by: u8) -> Vec<u8> {
    [&[1][..], &[by; 8], "封".as_bytes(), &[0, 255]].concat()
}

fn row(world: &World, keeper: Keeper, name: &str) -> ModelRow {
    let now = world.now();
    ModelRow {
        id: ModelConfigId(Uuid::now_v7()),
        keeper,
        name: name.to_owned(),
        kind: ModelKind::OpenAi,
        base_url: Some("https://llm.example/v1".to_owned()),
        model: "gpt".to_owned(),
        api_key: Some(sealed(1)),
        key_hint: Some("6789".to_owned()),
        parameters: Parameters {
            temperature: Some(0.25),
            stop: vec!["终".to_owned()],
            seed: Some(-7),
            reasoning_effort: Some(Effort::Low),
            ..Parameters::default()
        },
        context_tokens: Some(u32::MAX),
        prices: Prices {
            price_in: Some(0.000_001),
            price_out: Some(1_000_000.0),
        },
        created_at: now,
        updated_at: now,
    }
}

/// One with nothing that may be left out.
fn bare(world: &World, keeper: Keeper, name: &str) -> ModelRow {
    ModelRow {
        kind: ModelKind::Agent,
        base_url: None,
        model: String::new(),
        api_key: None,
        key_hint: None,
        parameters: Parameters::default(),
        context_tokens: None,
        prices: Prices::default(),
        ..row(world, keeper, name)
    }
}

async fn made(world: &World, row: &ModelRow) {
    let made = world.store.create_model_config(row, None).await;
    made.unwrap();
}

async fn read(world: &World, viewer: UserId, id: ModelConfigId) -> Option<ModelRow> {
    world.store.model_config(viewer, id).await.unwrap()
}

async fn names(world: &World, viewer: UserId) -> Vec<String> {
    let rows = world.store.model_configs(viewer).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_comes_back_as_it_was_stored_to_those_who_may_use_it() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let hers = row(&world, Keeper::One(anna), "Hers 模型");
        let bare = bare(&world, Keeper::One(anna), "Bare");
        let his = row(&world, Keeper::One(bob), "His");
        let shared = row(&world, Keeper::All, "Shared");
        for one in [&hers, &bare, &his, &shared] {
            made(&world, one).await;
        }
        assert_eq!(read(&world, anna, hers.id).await.as_ref(), Some(&hers));
        assert_eq!(read(&world, anna, bare.id).await.as_ref(), Some(&bare));
        assert_eq!(read(&world, bob, shared.id).await.as_ref(), Some(&shared));
        assert_eq!(read(&world, bob, hers.id).await, None);
        assert_eq!(read(&world, bob, ModelConfigId(Uuid::now_v7())).await, None);
        // Everybody's first, then in the order of their making.
        assert_eq!(names(&world, anna).await, ["Shared", "Hers 模型", "Bare"]);
        assert_eq!(names(&world, bob).await, ["Shared", "His"]);
        assert_eq!(world.store.count_model_configs(anna).await.unwrap(), 2);
        assert_eq!(world.store.count_model_configs(bob).await.unwrap(), 1);
        assert!(!format!("{hers:?}").contains("llm.example"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_at_once_no_more_are_made_than_there_may_be() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        made(&world, &row(&world, Keeper::All, "Shared")).await;
        made(&world, &row(&world, Keeper::One(bob), "His")).await;
        let rows: Vec<_> = (0..6)
            .map(|no| row(&world, Keeper::One(anna), &format!("No {no}")))
            .collect();
        let tries = rows
            .iter()
            .map(|row| world.store.create_model_config(row, Some(2)));
        let outcomes = join_all(tries).await;
        let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(
            made, 2,
            "others' and everybody's do not count: {outcomes:?}"
        );
        for outcome in outcomes.into_iter().filter_map(Result::err) {
            assert!(
                matches!(outcome, StoreError::Conflict(Constraint::ModelConfigs)),
                "{outcome:?}"
            );
        }
        assert_eq!(world.store.count_model_configs(anna).await.unwrap(), 2);
        let full = row(&world, Keeper::All, "One too many");
        let full = world.store.create_model_config(&full, Some(1)).await;
        assert!(
            matches!(full, Err(StoreError::Conflict(Constraint::ModelConfigs))),
            "{full:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_write_one_row_the_later_changes_nothing() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let old = row(&world, Keeper::One(anna), "Old");
        made(&world, &old).await;
        let change = |name: &str, at: i64| ModelRow {
            name: name.to_owned(),
            updated_at: Timestamp(old.updated_at.0 + at),
            ..bare(&world, Keeper::One(anna), "")
        };
        let (first, second) = (change("First", 1), change("Second", 2));
        let [first, second] = [first, second].map(|row| ModelRow { id: old.id, ..row });
        let write = |row: &ModelRow| {
            let (store, row) = (world.store.clone(), row.clone());
            let seen = old.updated_at;
            async move { store.change_model_config(&row, true, seen).await.unwrap() }
        };
        let (one, other) = tokio::join!(write(&first), write(&second));
        assert!(one ^ other, "{one} {other}");
        let stored = if one { &first } else { &second };
        let expected = ModelRow {
            created_at: old.created_at,
            ..stored.clone()
        };
        assert_eq!(read(&world, anna, old.id).await, Some(expected.clone()));
        assert!(
            !write(&first).await && !write(&second).await,
            "seen too long ago"
        );

        // Not through somebody else's name, nor as everybody's.
        for keeper in [Keeper::One(bob), Keeper::All] {
            let foreign = ModelRow {
                keeper,
                name: "Foreign".to_owned(),
                ..expected.clone()
            };
            let store = &world.store;
            let changed = store.change_model_config(&foreign, true, expected.updated_at);
            assert!(!changed.await.unwrap(), "{keeper:?}");
        }
        assert_eq!(read(&world, anna, old.id).await, Some(expected));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_keeps_the_key_that_it_does_not_speak_of() {
    on_every_engine(async |world: World| {
        let anna = world.user("Anna").await;
        let mut one = row(&world, Keeper::One(anna), "One");
        made(&world, &one).await;
        // Sealed anew by another master key since the row was read: that must stay.
        let anew = SealedRow {
            id: one.id.0,
            sealed: sealed(1),
        };
        let table = SealedTable::ModelConfigs;
        let replaced = world.store.replace_sealed(table, &anew, &sealed(2)).await;
        assert!(replaced.unwrap());
        let seen = one.updated_at;
        one.name = "Renamed".to_owned();
        one.updated_at = Timestamp(seen.0 + 1);
        let changed = world.store.change_model_config(&one, false, seen).await;
        assert!(changed.unwrap(), "a rotation is no change of the row");
        let kept = read(&world, anna, one.id).await.unwrap();
        assert_eq!(
            (kept.name.as_str(), kept.api_key),
            ("Renamed", Some(sealed(2)))
        );
        assert_eq!(kept.key_hint.as_deref(), Some("6789"));

        let (seen, gone) = (one.updated_at, None);
        one.updated_at = Timestamp(seen.0 + 1);
        (one.api_key, one.key_hint) = (gone.clone(), None);
        assert!(
            world
                .store
                .change_model_config(&one, true, seen)
                .await
                .unwrap()
        );
        assert_eq!(read(&world, anna, one.id).await.unwrap().api_key, gone);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_deleted_or_none_and_with_their_keeper_all_of_theirs() {
    on_every_engine(async |world: World| {
        let (anna, bob) = (world.user("Anna").await, world.user("Bob").await);
        let [first, second] = ["First", "Second"].map(|name| row(&world, Keeper::One(anna), name));
        let his = row(&world, Keeper::One(bob), "His");
        let shared = row(&world, Keeper::All, "Shared");
        for one in [&first, &second, &his, &shared] {
            made(&world, one).await;
        }
        let delete = async |shared, ids: &[ModelConfigId]| {
            let gone = world.store.delete_model_configs(anna, shared, ids).await;
            gone.unwrap()
        };
        assert!(!delete(false, &[first.id, his.id]).await);
        assert!(
            !delete(true, &[first.id, his.id]).await,
            "an admin's no more"
        );
        assert!(!delete(false, &[first.id, shared.id]).await);
        assert_eq!(names(&world, anna).await, ["Shared", "First", "Second"]);
        assert!(delete(true, &[first.id, shared.id, first.id]).await);
        assert_eq!(names(&world, anna).await, ["Second"]);
        assert!(!delete(false, &[first.id]).await, "gone is gone");

        world.store.delete_user(anna).await.unwrap();
        assert_eq!(world.store.count_model_configs(anna).await.unwrap(), 0);
        assert_eq!(read(&world, anna, second.id).await, None);
        assert_eq!(names(&world, bob).await, ["His"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_found_by_who_sealed_them_page_by_page_and_replaced_once() {
    on_every_engine(async |world: World| {
        let (anna, store) = (world.user("Anna").await, &world.store);
        let mut rows: Vec<_> = (0..5)
            .map(|no| row(&world, Keeper::One(anna), &format!("No {no}")))
            .collect();
        rows[3].keeper = Keeper::All;
        rows[4].api_key = Some(sealed(2));
        for one in rows.iter().chain([&bare(&world, Keeper::All, "No key")]) {
            made(&world, one).await;
        }
        let new = Fingerprint([2; 8]);
        let table = SealedTable::ModelConfigs;
        let page = async |after| {
            let page = store.sealed_by_others(table, new, after, 3).await;
            page.unwrap()
        };
        let (first, ids) = (page(Uuid::nil()).await, |rows: &[SealedRow]| {
            rows.iter().map(|row| row.id).collect::<Vec<_>>()
        });
        let mut expected: Vec<_> = rows[..4].iter().map(|row| row.id.0).collect();
        expected.sort_unstable();
        assert_eq!(ids(&first), expected[..3]);
        assert_eq!(ids(&page(expected[2]).await), expected[3..]);

        let replace = |row: SealedRow| {
            let store: Arc<_> = store.clone();
            async move { store.replace_sealed(table, &row, &sealed(2)).await.unwrap() }
        };
        assert!(replace(first[0].clone()).await);
        assert!(!replace(first[0].clone()).await, "it is another by now");
        assert_eq!(ids(&page(Uuid::nil()).await), expected[1..]);
    })
    .await;
}
