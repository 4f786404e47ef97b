//! The personas that everybody finds.

use super::world::{World, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn four_personas_come_built_in() {
    on_every_engine(async |world: World| {
        let viewer = world.user("Anna").await;
        let personas = world.store.personas(viewer).await.unwrap();
        let listed: Vec<_> = personas
            .iter()
            .map(|row| {
                (
                    row.character.sort_order,
                    row.slug.as_str(),
                    row.character.name.as_str(),
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                (1, "assistant", "智能助手"),
                (2, "creative_writer", "创意作家"),
                (3, "tech_expert", "技术专家"),
                (4, "casual_chat", "轻松聊天"),
            ]
        );
        assert_eq!(personas[3].character.description, "轻松愉快的聊天伙伴");
        assert_eq!(
            personas[0].character.system_prompt,
            "你是一个专业、友好的AI助手，请用简洁明了的语言回答用户问题。"
        );
        for persona in &personas {
            assert!(persona.character.system_prompt.starts_with("你是一个"));
            for word in [persona.slug.clone(), persona.id.to_string()] {
                assert_eq!(
                    world.store.persona(viewer, &word).await.unwrap().as_ref(),
                    Some(persona)
                );
            }
        }
        for word in [
            "",
            "nobody",
            "01941f29-7c00-7000-8000-000000000009",
            "'; drop table personas",
        ] {
            assert!(world.store.persona(viewer, word).await.unwrap().is_none());
        }
    })
    .await;
}
