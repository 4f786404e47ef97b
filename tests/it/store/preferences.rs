//! Settings: merged, not replaced.

use parlance_core::domain::{
    Preferences, PreferencesChange,
    preferences::{Accent, Density, Language, Theme},
};

use super::world::{World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_settings_keeps_the_others_and_comes_with_the_session() {
    on_every_engine(async |world: World| {
        let session = world.new_session();
        let anna = world
            .store
            .create_user(world.new_user("Anna"), session.clone())
            .await
            .unwrap()
            .id;
        let berta = world.user("Berta").await;
        let known = async || {
            let now = session.created_at;
            let found = world
                .store
                .session(&session.token_hash, now, now.plus_seconds(-9));
            found.await.unwrap().unwrap().preferences
        };
        assert_eq!(known().await, None);

        let dark = PreferencesChange {
            theme: Some(Theme::Dark),
            locale: Some(Some(Language::ZhCn)),
            ..PreferencesChange::default()
        };
        let compact = PreferencesChange {
            density: Some(Density::Compact),
            ..PreferencesChange::default()
        };
        let plum = PreferencesChange {
            accent: Some(Accent::Plum),
            locale: Some(None),
            ..PreferencesChange::default()
        };
        world
            .store
            .change_preferences(anna, &dark, world.now())
            .await
            .unwrap();
        // At the same time, from two tabs.
        let (one, other) = tokio::join!(
            world.store.change_preferences(anna, &compact, world.now()),
            world.store.change_preferences(anna, &plum, world.now()),
        );
        one.unwrap();
        other.unwrap();
        let all = Preferences {
            theme: Theme::Dark,
            density: Density::Compact,
            accent: Accent::Plum,
            locale: None,
            ..Preferences::default()
        };
        assert_eq!(known().await, Some(all));

        let bertas = world
            .store
            .change_preferences(berta, &compact, world.now())
            .await
            .unwrap();
        assert_eq!(bertas.theme, Theme::System);
    })
    .await;
}
