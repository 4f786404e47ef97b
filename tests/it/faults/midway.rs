//! The reply breaks off in the middle: what had come is kept, whole and in order, and the reply is `interrupted`.

use super::{World, meet};
use crate::harness::{
    Engine, Server,
    events::{Reply, assert_whole, tokens},
    on_both,
};

/// Never asked for again: text that a screen has had must not come twice.
async fn kept(engine: Engine, fault: &str, count: usize, codes: &[&str]) {
    let told = meet(engine, fault).await;
    assert_eq!(told.status, "interrupted", "{fault}: {}", told.end);
    assert!(
        codes.is_empty() || codes.contains(&told.code.as_str()),
        "{fault}: {}",
        told.end
    );
    assert!(!told.code.is_empty(), "{fault}: {}", told.end);
    assert_whole(&told.text);
    assert_eq!(tokens(&told.text).len(), count, "{fault}");
    assert_eq!(
        told.visits.len(),
        1,
        "{fault}: asked again after text was shown"
    );
}

on_both! {
    async fn a_reset_keeps_the_text(engine: Engine) {
        kept(engine, "fault-reset@7", 7, &["upstream_reset"]).await;
    }

    async fn an_end_without_a_mark_keeps_the_text(engine: Engine) {
        kept(engine, "fault-eof@7", 7, &["upstream_truncated"]).await;
    }

    async fn an_error_in_the_stream_keeps_the_text(engine: Engine) {
        kept(engine, "fault-error-in-stream@7", 7, &[]).await;
    }

    async fn silence_keeps_the_text_and_is_told(engine: Engine) {
        let told = meet(engine, "fault-stall@7").await;
        assert_eq!((told.status.as_str(), told.code.as_str()), ("interrupted", "upstream_stalled"));
        assert_eq!(tokens(&told.text).len(), 7);
        assert!(told.fares.iter().any(|fare| fare["status"] == "stalled"), "{:?}", told.fares);
    }

    async fn signs_of_life_without_text_are_not_endless(engine: Engine) {
        let world = World::begin(engine, &[("PARLANCE_GENERATION_MS", "2500")]).await;
        let told = world.say("fault-stall-comments@7").await;
        assert_eq!(told.status, "interrupted", "{}", told.end);
        assert_eq!(tokens(&told.text).len(), 7);
        world.goes_on().await;
    }

    async fn a_line_beyond_all_bounds_keeps_the_text(engine: Engine) {
        kept(engine, "fault-huge-delta@7", 7, &["upstream_invalid"]).await;
    }

    async fn a_reply_beyond_the_cap_is_cut_there(engine: Engine) {
        let server = Server::start(engine, "words-200000").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        let end = ann.follow(&id, None).await.read_to_final(&mut reply).await;
        assert_eq!((end["status"].as_str(), end["message"]["error"]["code"].as_str()), (Some("interrupted"), Some("output_limit")));
        assert!(reply.text.len() <= 2 * 1024 * 1024);
        assert_whole(reply.text.rsplit_once(' ').expect("words").0);
    }

    async fn a_reply_cut_by_the_model_itself_says_so(engine: Engine) {
        let told = meet(engine, "words-9+fault-length").await;
        assert_eq!(told.status, "completed");
        assert_eq!(told.end["message"]["finish_reason"], "length");
    }
}
