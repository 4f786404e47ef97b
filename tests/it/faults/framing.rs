//! Odd but lawful streams, and unlawful bytes in sound ones: the reply is read whole.

use parlance_upstream::POLYGLOT;

use super::{Told, meet};
use crate::harness::{
    Engine,
    events::{assert_whole, tokens},
    on_both,
};

async fn completed(engine: Engine, fault: &str) -> Told {
    let told = meet(engine, fault).await;
    assert_eq!(told.status, "completed", "{fault}: {}", told.end);
    assert_eq!(told.visits.len(), 1);
    told
}

async fn whole(engine: Engine, fault: &str, count: usize) {
    let told = completed(engine, fault).await;
    assert_whole(&told.text);
    assert_eq!(tokens(&told.text).len(), count, "{fault}");
}

on_both! {
    async fn characters_cut_in_two_are_joined(engine: Engine) {
        assert_eq!(completed(engine, "fault-split-utf8").await.text, POLYGLOT);
    }

    async fn events_that_come_byte_by_byte_are_joined(engine: Engine) {
        assert_eq!(completed(engine, "polyglot+fault-split-sse").await.text, POLYGLOT);
    }

    async fn lines_may_end_in_carriage_returns(engine: Engine) {
        whole(engine, "words-20+fault-crlf", 20).await;
    }

    async fn comments_are_no_text(engine: Engine) {
        whole(engine, "words-20+fault-comments", 20).await;
    }

    async fn the_space_after_the_colon_may_be_missing(engine: Engine) {
        whole(engine, "words-20+fault-no-space", 20).await;
    }

    async fn empty_deltas_are_no_text(engine: Engine) {
        whole(engine, "words-20+fault-empty-deltas", 20).await;
    }

    async fn a_chunk_that_is_no_json_is_passed_over(engine: Engine) {
        whole(engine, "words-20+fault-bad-chunk@5", 20).await;
    }

    async fn a_finish_reason_alone_is_an_end(engine: Engine) {
        whole(engine, "words-20+fault-done-missing", 20).await;
    }

    async fn a_second_finish_changes_nothing(engine: Engine) {
        whole(engine, "words-20+fault-duplicate-finish", 20).await;
    }

    async fn what_follows_the_end_is_not_text(engine: Engine) {
        whole(engine, "words-20+fault-after-done", 20).await;
    }

    async fn a_very_slow_sender_is_waited_for(engine: Engine) {
        whole(engine, "fault-slow-loris", 3).await;
    }

    async fn ten_thousand_tokens_a_second_are_kept_up_with(engine: Engine) {
        whole(engine, "words-10000@10000", 10_000).await;
    }

    async fn a_megabyte_in_one_piece_is_text(engine: Engine) {
        let told = completed(engine, "words-9+fault-big-delta@5").await;
        let words = told.text.replace(&"x".repeat(1_000_000), "");
        assert_eq!(told.text.len() - words.len(), 1_000_000);
        assert_whole(&words);
    }

    async fn bytes_that_are_no_text_are_replaced(engine: Engine) {
        let told = completed(engine, "words-9+fault-invalid-utf8@5").await;
        let words: Vec<_> = told.text.split_whitespace().filter(|word| word.starts_with('w')).collect();
        assert_whole(&words.join(" "));
        assert_eq!(words.len(), 9);
        assert!(told.text.contains('\u{fffd}'), "{}", told.text);
    }

    async fn a_nul_harms_no_database(engine: Engine) {
        let told = completed(engine, "words-9+fault-nul@5").await;
        let words: Vec<_> = told.text.split_whitespace().filter(|word| word.starts_with('w')).collect();
        assert_whole(&words.join(" "));
        assert_eq!(words.len(), 9);
        assert!(told.text.contains("nul") && !told.text.contains('\0'), "{:?}", told.text);
    }
}
