//! Patience with providers: repeating, waiting, giving up.

use std::time::Duration;

use parlance_core::domain::{Event, GenerationStatus, MessageEvent, ProblemCode, event::Fare};
use tokio::time::Instant;

use super::{
    model::{Act, Answer, Script, refusal},
    world::{Person, World},
};

const SECOND: Duration = Duration::from_secs(1);

fn words() -> Answer {
    Answer::Acts(vec![Act::Say("one "), Act::Say("two"), Act::End])
}

/// Sends to a model like this and waits for the end.
async fn reply(script: &std::sync::Arc<Script>) -> (MessageEvent, Vec<Event>) {
    let world = World::new();
    // One stream for the whole reply.
    let rotate = [("PARLANCE_STREAM_ROTATE_MS", "86400000")];
    let engine = world.engine(script.clone(), &rotate).await;
    let person = Person::new(&world);
    person.send(&world, &engine).unwrap();
    let mut screen = person.watch(&engine).await;
    let end = screen.finish().await;
    (end, screen.seen)
}

fn status_of(end: &MessageEvent) -> (GenerationStatus, Option<ProblemCode>) {
    match end {
        MessageEvent::Final { status, error, .. } => {
            (*status, error.as_ref().map(|error| error.code))
        }
        other => panic!("{other:?}"),
    }
}

fn fares(seen: &[Event]) -> Vec<Fare> {
    let fare = |event: &Event| match event {
        Event::Status(status) => Some(status.status),
        _ => None,
    };
    seen.iter().filter_map(fare).collect()
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_before_any_text_is_asked_again_twice_at_most() {
    let busy = || refusal(ProblemCode::Upstream5xx, None);
    let script = Script::of([busy(), busy(), words()]);
    let (end, seen) = reply(&script).await;
    assert_eq!(status_of(&end), (GenerationStatus::Completed, None));
    assert_eq!(script.asked(), 3);
    assert!(fares(&seen).contains(&Fare::Retrying), "{seen:?}");

    let script = Script::of([busy(), busy(), busy(), words()]);
    let (end, _) = reply(&script).await;
    assert_eq!(
        status_of(&end),
        (GenerationStatus::Failed, Some(ProblemCode::Upstream5xx))
    );
    assert_eq!(script.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_was_shown_is_never_asked_for_again() {
    let script = Script::of([
        Answer::Acts(vec![
            Act::Say("one "),
            Act::Wait(SECOND),
            Act::Break(ProblemCode::UpstreamReset),
        ]),
        words(),
    ]);
    let (end, _) = reply(&script).await;
    assert_eq!(
        status_of(&end),
        (
            GenerationStatus::Interrupted,
            Some(ProblemCode::UpstreamReset)
        )
    );
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_or_request_is_not_repeated() {
    for code in [
        ProblemCode::UpstreamAuth,
        ProblemCode::UpstreamBadRequest,
        ProblemCode::ModelNotFound,
        ProblemCode::ContextOverflow,
    ] {
        let script = Script::of([refusal(code, None), words()]);
        let (end, _) = reply(&script).await;
        assert_eq!(status_of(&end), (GenerationStatus::Failed, Some(code)));
        assert_eq!(script.asked(), 1, "{code:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_says_when_to_come_back_and_is_believed_within_reason() {
    let limited = |seconds| refusal(ProblemCode::UpstreamRateLimited, Some(seconds * SECOND));
    let script = Script::of([limited(7), words()]);
    let (end, _) = reply(&script).await;
    assert_eq!(status_of(&end).0, GenerationStatus::Completed);
    let pause = script.pauses()[0];
    assert!(pause >= 7 * SECOND && pause < 8 * SECOND, "{pause:?}");

    let script = Script::of([limited(600), words()]);
    let (end, _) = reply(&script).await;
    let MessageEvent::Final {
        error: Some(error), ..
    } = end
    else {
        panic!("{end:?}");
    };
    assert_eq!(error.code, ProblemCode::UpstreamRateLimited);
    assert_eq!(error.retry_after_ms, Some(600_000));
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_keeps_failing_is_left_alone_for_a_while() {
    let world = World::new();
    let script = Script::of([refusal(ProblemCode::UpstreamConnect, None)]);
    let engine = world.engine(script.clone(), &[]).await;
    let person = Person::new(&world);
    let send = async || {
        let person = person.elsewhere(&world);
        person.send(&world, &engine).unwrap();
        person.watch(&engine).await.finish().await
    };
    for _ in 0..2 {
        send().await;
    }
    let before = script.asked();
    let end = send().await;
    assert_eq!(script.asked(), before, "the breaker is open");
    let MessageEvent::Final {
        error: Some(error), ..
    } = end
    else {
        panic!("{end:?}");
    };
    assert!(
        error.retry_after_ms.is_some_and(|wait| wait > 0),
        "{error:?}"
    );
    tokio::time::sleep(31 * SECOND).await;
    send().await;
    assert_eq!(script.asked(), before + 1, "one call tries again");
}

#[tokio::test(start_paused = true)]
async fn a_silent_model_is_told_of_and_text_ends_the_notice() {
    let script = Script::saying([
        Act::Say("one "),
        Act::Wait(12 * SECOND),
        Act::Say("two"),
        Act::Wait(SECOND),
        Act::End,
    ]);
    let (end, seen) = reply(&script).await;
    assert_eq!(status_of(&end).0, GenerationStatus::Completed);
    let fares = fares(&seen);
    let stalled = fares.iter().position(|fare| *fare == Fare::Stalled);
    let after = stalled.map(|place| &fares[place + 1..]);
    assert!(
        after.is_some_and(|after| after.contains(&Fare::Streaming)),
        "{fares:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_reply_takes_longer_than_a_quarter_of_an_hour() {
    let script = Script::saying([Act::Say("one "), Act::Hang]);
    let began = Instant::now();
    let (end, _) = reply(&script).await;
    assert_eq!(
        status_of(&end),
        (
            GenerationStatus::Interrupted,
            Some(ProblemCode::OutputLimit)
        )
    );
    let took = began.elapsed();
    assert!(took >= 900 * SECOND && took < 902 * SECOND, "{took:?}");
}
