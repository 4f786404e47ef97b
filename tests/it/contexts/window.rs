//! The outlook on the next request is what the next request then is.

use serde_json::{Value, json};

use super::{Engine, Server, ids, on_both, read, say, tell, told};
use crate::harness::events::Reply;

/// A window that a few messages fill.
const SMALL: [(&str, &str); 1] = [("OPENAI_CONTEXT_TOKENS", "2000")];

fn fates(next: &Value) -> Vec<&str> {
    let path = next["path"].as_array().unwrap().iter();
    path.map(|one| one["fate"].as_str().unwrap()).collect()
}

on_both! {
    async fn the_outlook_tells_what_goes_in_and_what_does_not(engine: Engine) {
        let server = Server::start_with(engine, "echo", &SMALL).await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let path = format!("/api/v1/conversations/{id}/context");
        let empty = &read(&ann, &path).await["next"];
        assert_eq!((&empty["window"], &empty["fits"]), (&json!(2000), &json!(true)));
        assert_eq!((&empty["most"], &empty["system"]), (&json!(1500), &json!(0)));
        assert!(fates(empty).is_empty());
        // 250 tokens each, twice a turn.
        for number in 0..4 {
            say(&ann, &id, &format!("{number}{}", " word".repeat(245))).await;
        }
        let message = ids(&ann, &id).await;
        tell(&ann, &id, &json!({ "content": "Be kind.", "excluded": [message[7]] })).await;
        let next = read(&ann, &path).await["next"].clone();
        let before = fates(&next).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let sent = before.iter().filter(|fate| *fate == "sent").count();
        let left = before.iter().filter(|fate| *fate == "left_out" || *fate == "summarised").count();
        assert_eq!((before.len(), before[7].as_str()), (8, "excluded"));
        assert_eq!(sent + left, 7, "{next}");
        assert!(left >= 2 && sent >= 3, "{next}");
        let tokens = |name: &str| next[name].as_u64().unwrap();
        assert!(tokens("system") >= 3 && tokens("system") == tokens("context"), "{next}");
        let used = tokens("system") + tokens("messages") + tokens("summary");
        assert!(used <= tokens("most") && used > 700, "{next}");
        say(&ann, &id, "And now?").await;
        let asked = told(&server);
        let history = asked.iter().filter(|(role, _)| role != "system").count();
        assert_eq!(history, sent + 1, "what was told is what came: {next}");
    }

    async fn a_text_too_long_for_the_window_is_refused_clearly_and_nothing_is_asked(engine: Engine) {
        let server = Server::start_with(engine, "echo", &SMALL).await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let answer = tell(&ann, &id, &json!({ "content": "word ".repeat(3_000) })).await;
        assert_eq!(answer["next"]["fits"], false, "said before anything is sent");
        let page = ann.page(&format!("/chat/{id}/context")).await;
        assert!(page.text(".notice").contains("too long for this model"), "{}", page.source);
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "Hello").await;
        let mut reply = Reply::default();
        events.read_to_final(&mut reply).await;
        let open = ann.open(&id).await;
        assert_eq!(open["failure"]["error"]["code"], "context_overflow", "{open}");
        assert_eq!(open["messages"].as_array().unwrap().len(), 1, "the message, and no half of a reply");
        assert!(server.upstream.requests().is_empty());
        tell(&ann, &id, &json!({ "content": "Short" })).await;
        say(&ann, &id, "Again").await;
        assert_eq!(told(&server)[0].1, "Short");
    }
}
