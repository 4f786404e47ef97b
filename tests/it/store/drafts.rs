//! Unsent texts.

use super::world::{World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_for_its_writer_and_place() {
    on_every_engine(async |world: World| {
        let (anna, berta) = (world.user("Anna").await, world.user("Berta").await);
        let id = world.conversation(anna).await;
        world
            .store
            .save_draft(anna, None, "new", world.now())
            .await
            .unwrap();
        world
            .store
            .save_draft(anna, Some(id), "old", world.now())
            .await
            .unwrap();
        world
            .store
            .save_draft(anna, Some(id), "旧的", world.now())
            .await
            .unwrap();
        assert_eq!(
            world.store.draft(anna, None).await.unwrap().as_deref(),
            Some("new")
        );
        assert_eq!(
            world.store.draft(anna, Some(id)).await.unwrap().as_deref(),
            Some("旧的")
        );
        assert_eq!(world.store.draft(berta, None).await.unwrap(), None);
        assert_eq!(world.store.draft(berta, Some(id)).await.unwrap(), None);

        world
            .store
            .save_draft(anna, Some(id), "", world.now())
            .await
            .unwrap();
        assert_eq!(world.store.draft(anna, Some(id)).await.unwrap(), None);
        assert_eq!(
            world.store.draft(anna, None).await.unwrap().as_deref(),
            Some("new")
        );
    })
    .await;
}
