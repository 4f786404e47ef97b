//! The pages of contexts, as a browser without scripts has them.

use serde_json::json;

use super::{Engine, Server, ids, make, on_both, put, read, say, told, turns};

on_both! {
    async fn named_contexts_are_kept_by_plain_forms(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        assert_eq!(ann.page("/contexts").await.status, 200);
        let form = ann.page("/contexts/new").await.form("form.context-form");
        let refused = ann.go(&form.clone().with("sheet[name]", " ").with("sheet[content]", "I am a nurse.")).await;
        assert_eq!(refused.texts(".field-error").len(), 1, "{}", refused.source);
        assert_eq!(refused.form("form.context-form").value("sheet[content]"), Some("I am a nurse."), "what was typed");
        let saved = ann.go(&form.with("sheet[name]", "工作").with("sheet[content]", "one\ntwo")).await;
        assert_eq!(saved.text(".notice"), "Saved.");
        assert_eq!(saved.texts(".profile-row bdi"), ["工作"]);
        let edit = saved.attribute(".profile-row a", "href").unwrap();
        let page = ann.page(&edit).await;
        assert_eq!(page.form("form.context-form").value("sheet[content]"), Some("one\ntwo"));
        let markup = "a</textarea><b id=out>&lt;";
        let kept = ann.go(&page.form("form.context-form").with("sheet[content]", markup)).await;
        assert_eq!(kept.text(".notice"), "Saved.");
        let shown = ann.page(&edit).await;
        assert_eq!(shown.form("form.context-form").value("sheet[content]"), Some(markup));
        assert_eq!(shown.count("#out"), 0);
        ann.go(&shown.form("form.context-form").with("sheet[content]", "one\ntwo")).await;
        assert_eq!(bob.page(&edit).await.status, 404);
        assert_eq!(bob.page("/contexts/nonsense").await.status, 404);
        let stored = read(&ann, "/api/contexts").await;
        assert_eq!(stored["items"][0]["content"], "one\ntwo");
        let mut ticked = page.form("form.context-form");
        ticked.fields.push(("sheet[is_default]".to_owned(), "on".to_owned()));
        let saved = ann.go(&ticked).await;
        assert_eq!(saved.count(".profile-mark"), 1);
        let gone = ann.go(&page.press(".form-end button")).await;
        assert_eq!(gone.text(".notice"), "The context is deleted.");
        assert_eq!(gone.count(".profile-row"), 0);
        let stranger = server.visitor().page("/contexts").await;
        assert!(stranger.location().starts_with("/login"), "{}", stranger.location());
    }

    async fn a_conversations_context_is_edited_by_plain_forms(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let named = make(&ann, json!({ "name": "Me", "content": "I am a nurse." })).await;
        let id = ann.conversation().await;
        say(&ann, &id, "one").await;
        let message = ids(&ann, &id).await;
        let path = format!("/chat/{id}/context");
        assert_eq!(bob.page(&path).await.status, 404);
        assert_eq!(ann.page("/chat/nonsense/context").await.status, 404);
        let filled = ann.page(&format!("{path}?from={named}")).await;
        assert_eq!(read(&ann, &format!("/api{path}").replace("/chat/", "/conversations/")).await["content"], "");
        let mut form = filled.form("form.context-form");
        assert_eq!(form.value("sheet[content]"), Some("I am a nurse."));
        form.fields.retain(|(_, value)| value != &message[1]);
        let saved = ann.go(&form).await;
        assert_eq!(saved.text(".notice"), "Saved.");
        assert!(saved.text(".context-sum").ends_with("tokens"), "{}", saved.source);
        say(&ann, &id, "two").await;
        let expected = turns(&[("system", "I am a nurse."), ("user", "one"), ("user", "two")]);
        assert_eq!(told(&server), expected);

        let edit = format!("{path}?edit={}", message[0]);
        let wording = ann.page(&edit).await.form("form.context-form");
        assert_eq!(wording.value("content"), Some("one"));
        let reworded = ann.go(&wording.with("content", "uno\ndos")).await;
        assert_eq!(reworded.text(".notice"), "The wording is saved.");
        assert_eq!(reworded.texts(".context-excerpt")[0], "uno\ndos");
        say(&ann, &id, "three").await;
        assert_eq!(told(&server)[1].1, "uno\ndos");
        let as_said = ann.page(&edit).await.press("button[name=as_said]");
        assert_eq!(ann.go(&as_said).await.texts(".context-excerpt")[0], "one");
        let elsewhere = ann.conversation().await;
        let foreign = format!("/chat/{elsewhere}/context?edit={}", message[0]);
        assert_eq!(ann.page(&foreign).await.status, 404);

        // Somebody else's change between reading and saving is not overwritten.
        let late = ann.page(&path).await.form("form.context-form");
        let api = format!("/api/conversations/{id}/context");
        assert_eq!(put(&ann, &api, &json!({ "content": "Meanwhile" })).await.status(), 200);
        let refused = ann.go(&late.with("sheet[content]", "Late")).await;
        assert!(refused.text(".notice").contains("changed elsewhere"), "{}", refused.source);
        assert_eq!(refused.form("form.context-form").value("sheet[content]"), Some("Late"), "what was typed");
        assert_eq!(read(&ann, &api).await["content"], "Meanwhile");
    }
}
