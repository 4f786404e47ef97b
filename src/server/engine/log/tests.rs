//! The log by itself.

use super::*;
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationKind, GenerationStatus, MessageId, UserId,
};
use uuid::Uuid;

pub(in crate::engine) fn row() -> GenerationRow {
    let id = Uuid::nil();
    GenerationRow {
        id: GenerationId(id),
        no: 1,
        conversation_id: ConversationId(id),
        user_id: UserId(id),
        user_message_id: MessageId(id),
        reply_message_id: MessageId(id),
        persona_id: None,
        model_config_id: None,
        parameters: parlance_core::domain::Parameters::default(),
        kind: GenerationKind::New,
        continues_message_id: None,
        kept_frames: 0,
        lane: 0,
        owner_boot: id,
        status: GenerationStatus::Starting,
        error: None,
        last_seq: 0,
        ended_rev: 0,
        created_at: Timestamp(0),
    }
}

fn push(log: &Log, part: Part, text: &str) -> Pushed {
    log.push(part, text, || Timestamp(1))
}

#[test]
fn nothing_is_visible_before_it_is_committed() {
    let log = Log::new(row());
    push(&log, Part::Reasoning, "hm ");
    push(&log, Part::Text, "a");
    push(&log, Part::Text, "b");
    let frames = log.cut();
    assert_eq!(
        frames
            .iter()
            .map(|f| (f.seq, f.text.as_str()))
            .collect::<Vec<_>>(),
        [(1, "hm "), (2, "ab")]
    );
    assert!(log.runs_after(0).unwrap().is_empty());
    log.commit(&frames);
    let runs = log.runs_after(0).unwrap();
    assert_eq!((runs.len(), runs[1].prev, runs[1].seq), (2, 1, 2));
    assert_eq!(log.runs_after(1).unwrap()[0].text, "ab");
    assert!(log.runs_after(3).is_none());
    assert_eq!(log.text_so_far().1, 2);
}

#[test]
fn the_first_ending_wins_and_is_carried_out_once_everything_before_it_is_committed() {
    let log = Log::new(row());
    push(&log, Part::Text, "a");
    assert!(log.close(Ending::Stopped));
    assert!(!log.close(Ending::Completed {
        finish_reason: "stop".into()
    }));
    assert_eq!(push(&log, Part::Text, "late"), Pushed::Closed);
    assert_eq!(log.take_finish(), None);
    let frames = log.cut();
    log.commit(&frames);
    assert_eq!(log.take_finish(), Some(Ending::Stopped));
    assert_eq!(log.take_finish(), None);
}

#[test]
fn what_waits_behind_lost_frames_is_lost_too_and_nothing_is_complete_without_it() {
    let log = Log::new(row());
    push(&log, Part::Text, "lost");
    log.cut();
    push(&log, Part::Text, "behind");
    log.close(Ending::Completed {
        finish_reason: "stop".into(),
    });
    let broken = Ending::broken(parlance_core::domain::ProblemCode::JournalFailed);
    log.give_up(broken.clone());
    assert!(log.cut().is_empty());
    assert_eq!(log.take_finish(), Some(broken));
    assert_eq!(log.text_so_far().1, 0);
}

#[test]
fn a_reply_has_a_longest_length() {
    let log = Log::new(row());
    assert_eq!(
        push(&log, Part::Text, &"x".repeat(limits::REPLY_BYTES)),
        Pushed::Full
    );
    assert_eq!(push(&log, Part::Text, "x"), Pushed::TooLong);
}
