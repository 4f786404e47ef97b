//! By what recipes passwords are hashed.

use super::{World, on_every_engine};

const OLD: &str = "$argon2id$v=19$m=19456,t=2,p=1";
const NEW: &str = "$argon2id$v=19$m=19456,t=3,p=1,keyid=AAAAAAAAAAA";
const REST: &str = "$c29tZSBzYWx0IG9mIGl0cw$aGFzaCBvZiBhIHBhc3N3b3JkIHRoYXQgaXMgbm9uZSE";

#[tokio::test(flavor = "multi_thread")]
async fn recipes_are_counted_without_what_is_secret_in_a_hash() {
    on_every_engine(async |world: World| {
        let store = &world.store;
        let none = store.recipes().await.unwrap();
        assert!(none.shares.is_empty() && none.secret != [0; 32]);
        for (name, recipe) in [("Anna", OLD), ("Berta", NEW), ("Cleo", NEW)] {
            let mut user = world.new_user(name);
            user.password_hash = format!("{recipe}{REST}");
            store.create_user(user, world.new_session()).await.unwrap();
        }
        // A hash that is none.
        world.user("Eva").await;
        let mut recipes = store.recipes().await.unwrap();
        recipes.shares.sort();
        assert_eq!(recipes.shares, [(OLD.to_owned(), 1), (NEW.to_owned(), 2)]);
        assert_eq!(recipes.secret, none.secret, "for ever the same");
    })
    .await;
}
