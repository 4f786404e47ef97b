//! The life of a generation on one instance.

use std::{sync::atomic::Ordering, time::Duration};

use parlance_core::domain::{
    ByeReason, Event, GenerationStatus, MessageEvent, MessageStatus, ProblemCode, event::Fare,
};

use super::{
    model::{Act, Answer, Script},
    world::{Person, World},
};
use crate::port::store::Ask;

const SECOND: Duration = Duration::from_secs(1);

fn final_of(end: MessageEvent) -> (GenerationStatus, Option<ProblemCode>, String) {
    match end {
        MessageEvent::Final {
            status,
            error,
            message,
            ..
        } => (
            status,
            error.map(|error| error.code),
            message.map(|message| message.content).unwrap_or_default(),
        ),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_that_the_journal_does_not_hold() {
    let world = World::new();
    let script = Script::saying([
        Act::Say("one "),
        Act::Wait(3 * SECOND),
        Act::Say("two"),
        Act::Hang,
    ]);
    let engine = world.engine(script, &[]).await;
    let person = Person::new(&world);
    let row = person.send(&world, &engine).unwrap();
    let mut screen = person.watch(&engine).await;
    while screen.text != "one " {
        screen.next(SECOND).await.expect("the first word");
    }
    world.memory.journal_fails.store(true, Ordering::Relaxed);
    tokio::time::sleep(5 * SECOND).await;
    while screen.next(Duration::from_millis(1)).await.is_some() {}
    assert_eq!(screen.text, "one ", "two waits for the journal");
    world.memory.journal_fails.store(false, Ordering::Relaxed);
    while screen.text != "one two" {
        screen.next(5 * SECOND).await.expect("the second word");
    }
    let shown: String = world
        .memory
        .frames_of(row.no)
        .into_iter()
        .map(|frame| frame.text)
        .collect();
    assert_eq!(shown, "one two");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_stays_away_ends_the_reply_with_what_it_holds() {
    let world = World::new();
    let script = Script::saying([
        Act::Say("one "),
        Act::Wait(SECOND),
        Act::Say("two"),
        Act::End,
    ]);
    let engine = world.engine(script, &[]).await;
    let person = Person::new(&world);
    person.send(&world, &engine).unwrap();
    let mut screen = person.watch(&engine).await;
    while screen.text.is_empty() {
        screen.next(SECOND).await.expect("the first word");
    }
    world.memory.journal_fails.store(true, Ordering::Relaxed);
    let (status, code, text) = final_of(screen.finish().await);
    assert_eq!(status, GenerationStatus::Interrupted);
    assert_eq!(code, Some(ProblemCode::JournalFailed));
    assert_eq!(text, "one ");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_breaks_off_is_tried_again() {
    let world = World::new();
    let script = Script::saying([Act::Say("one"), Act::End]);
    let engine = world.engine(script, &[]).await;
    let person = Person::new(&world);
    world.memory.ends_panic.store(true, Ordering::Relaxed);
    person.send(&world, &engine).unwrap();
    let mut screen = person.watch(&engine).await;
    while screen.text.is_empty() {
        screen.next(SECOND).await.expect("the first word");
    }
    tokio::time::sleep(SECOND).await;
    world.memory.ends_panic.store(false, Ordering::Relaxed);
    let (status, _, text) = final_of(screen.finish().await);
    assert_eq!((status, &*text), (GenerationStatus::Completed, "one"));
}

#[tokio::test(start_paused = true)]
async fn continuing_keeps_the_text_and_joins_it_without_a_seam() {
    let world = World::new();
    let script = Script::of([
        Answer::Acts(vec![Act::Say("The quick brown fox "), Act::Hang]),
        // A model that was not listening repeats itself.
        Answer::Acts(vec![
            Act::Say("brown fox "),
            Act::Say("jumps over the dog."),
            Act::End,
        ]),
    ]);
    let engine = world.engine(script.clone(), &[]).await;
    let person = Person::new(&world);
    let row = person.send(&world, &engine).unwrap();
    tokio::time::sleep(SECOND).await;
    let stopped = person.stop(&engine, &row).await;
    assert_eq!(stopped.status, GenerationStatus::Stopped);
    let kept = stopped.message_id.unwrap();
    let further = person.ask(&world, &engine, Ask::Further(kept)).unwrap();
    let mut screen = person.watch(&engine).await;
    let (status, _, text) = final_of(screen.finish().await);
    assert_eq!(status, GenerationStatus::Completed);
    assert_eq!(text, "The quick brown fox jumps over the dog.");
    let shown = screen.shown.lock().unwrap();
    assert!(
        shown.iter().all(|shown| text.starts_with(&**shown)),
        "{shown:?}"
    );
    let message = world.memory.message_of(further.reply_message_id).unwrap();
    assert_eq!(message.continues_message_id, Some(kept));
    let old = world.memory.message_of(kept).unwrap();
    assert_eq!(
        (old.status, &*old.content),
        (MessageStatus::Stopped, "The quick brown fox ")
    );
}

#[tokio::test(start_paused = true)]
async fn a_continuation_without_a_word_stores_nothing_and_leaves_the_old_reply() {
    let world = World::new();
    let script = Script::of([
        Answer::Acts(vec![
            Act::Say("half "),
            Act::Break(ProblemCode::UpstreamReset),
        ]),
        Answer::Refusal(crate::port::llm::LlmError::new(
            ProblemCode::UpstreamAuth,
            "",
        )),
    ]);
    let engine = world.engine(script, &[]).await;
    let person = Person::new(&world);
    let row = person.send(&world, &engine).unwrap();
    person.watch(&engine).await.finish().await;
    let further = person
        .ask(&world, &engine, Ask::Further(row.reply_message_id))
        .unwrap();
    let (status, code, _) = final_of(person.watch(&engine).await.finish().await);
    assert_eq!(
        (status, code),
        (GenerationStatus::Failed, Some(ProblemCode::UpstreamAuth))
    );
    assert!(world.memory.message_of(further.reply_message_id).is_none());
    let head = world.memory.tables().conversations[&person.conversation].2;
    assert_eq!(head, Some(row.reply_message_id));
}

#[tokio::test(start_paused = true)]
async fn permits_are_kept_and_the_line_is_visible() {
    let world = World::new();
    let script = Script::saying([Act::Say("x"), Act::Wait(SECOND), Act::End]);
    let limits = [
        ("PARLANCE_UPSTREAM_PERMITS", "10"),
        ("PARLANCE_USER_PERMITS", "2"),
    ];
    let engine = world.engine(script.clone(), &limits).await;
    let hog = Person::new(&world);
    let rows: Vec<_> = (0..20)
        .map(|_| {
            let here = hog.elsewhere(&world);
            (here, here.send(&world, &engine).unwrap())
        })
        .collect();
    let other = Person::new(&world);
    other.send(&world, &engine).unwrap();
    let (status, _, _) = final_of(other.watch(&engine).await.finish().await);
    assert_eq!(
        status,
        GenerationStatus::Completed,
        "one hog holds nobody up"
    );
    assert!(script.asked() <= 6, "{}", script.asked());
    let last = rows[19].0;
    let mut screen = last.watch(&engine).await;
    let queued = |event: &Event| matches!(event, Event::Status(s) if s.status == Fare::Queued && s.position.is_some());
    screen.until(queued).await;
    let (status, _, _) = final_of(screen.finish().await);
    assert_eq!(status, GenerationStatus::Completed);
    assert!(
        script.peak.load(Ordering::SeqCst) <= 3,
        "two of the hog's and one"
    );
}

#[tokio::test(start_paused = true)]
async fn stopping_in_the_line_cancels_and_the_line_moves_up() {
    let world = World::new();
    let script = Script::saying([Act::Say("x"), Act::Wait(SECOND), Act::End]);
    let engine = world
        .engine(script.clone(), &[("PARLANCE_USER_PERMITS", "1")])
        .await;
    let person = Person::new(&world);
    person.send(&world, &engine).unwrap();
    let (second, third) = (person.elsewhere(&world), person.elsewhere(&world));
    let waiting = second.send(&world, &engine).unwrap();
    third.send(&world, &engine).unwrap();
    let stopped = second.stop(&engine, &waiting).await;
    assert_eq!(stopped.status, GenerationStatus::Cancelled);
    let (status, _, _) = final_of(third.watch(&engine).await.finish().await);
    assert_eq!(status, GenerationStatus::Completed);
    assert_eq!(script.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn permits_come_back_after_every_kind_of_end() {
    let full = std::env::var("PARLANCE_CHAOS").is_ok_and(|form| form == "full");
    let rounds = if full { 10_000 } else { 600 };
    let world = World::new();
    let endings = [
        Answer::Acts(vec![Act::Say("x"), Act::Panic]),
        Answer::Acts(vec![Act::Panic]),
        Answer::Acts(vec![Act::Say("x"), Act::End]),
        Answer::Acts(vec![Act::Say("x"), Act::Break(ProblemCode::UpstreamReset)]),
        Answer::Acts(vec![Act::Hang]),
        Answer::Refusal(crate::port::llm::LlmError::new(
            ProblemCode::UpstreamAuth,
            "",
        )),
    ];
    let answers: Vec<_> = (0..=rounds)
        .map(|round| endings[round % endings.len()].clone())
        .collect();
    let script = Script::of(answers);
    let limits = [
        ("PARLANCE_UPSTREAM_PERMITS", "10"),
        ("PARLANCE_USER_PERMITS", "10"),
        ("PARLANCE_LINGER_MS", "1"),
    ];
    let engine = world.engine(script.clone(), &limits).await;
    let hook = std::panic::take_hook();
    // The panics are part of the script.
    std::panic::set_hook(Box::new(|_| ()));
    let person = Person::new(&world);
    for _ in 0..rounds / 10 {
        let round: Vec<_> = (0..10)
            .map(|_| {
                let here = person.elsewhere(&world);
                (here, here.send(&world, &engine).expect("a free permit"))
            })
            .collect();
        tokio::time::sleep(SECOND).await;
        for (here, row) in round {
            here.stop(&engine, &row).await;
        }
    }
    std::panic::set_hook(hook);
    tokio::time::sleep(SECOND).await;
    assert_eq!(engine.inner.admission.running(), 0);
    assert_eq!(engine.inner.admission.waiting(), 0);
    assert_eq!(script.running.load(Ordering::SeqCst), 0);
    assert!(engine.inner.logs().is_empty(), "ended replies leave memory");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_says_goodbye_lets_replies_end_and_keeps_the_rest() {
    let world = World::new();
    let script = Script::of([
        Answer::Acts(vec![
            Act::Say("short "),
            Act::Wait(10 * SECOND),
            Act::Say("end"),
            Act::End,
        ]),
        Answer::Acts(vec![Act::Say("long "), Act::Hang]),
    ]);
    let engine = world.engine(script, &[]).await;
    let (short, long) = (Person::new(&world), Person::new(&world));
    let first = short.send(&world, &engine).unwrap();
    tokio::time::sleep(SECOND).await;
    let second = long.send(&world, &engine).unwrap();
    let mut screen = short.watch(&engine).await;
    tokio::time::sleep(SECOND).await;
    engine.drain();
    let bye = screen.until(|event| matches!(event, Event::Bye(_))).await;
    assert!(matches!(bye, Event::Bye(bye) if bye.reason == ByeReason::Drain));
    assert!(
        short.elsewhere(&world).send(&world, &engine).is_none(),
        "nothing new"
    );
    engine.settle().await;
    assert_eq!(
        world
            .memory
            .message_of(first.reply_message_id)
            .unwrap()
            .content,
        "short end"
    );
    let cut = world.memory.generation_row(second.id);
    assert_eq!(cut.status, GenerationStatus::Interrupted);
    assert_eq!(
        world
            .memory
            .message_of(second.reply_message_id)
            .unwrap()
            .content,
        "long "
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_takes_its_streams_with_it() {
    let world = World::new();
    let script = Script::saying([Act::Say("x"), Act::Hang]);
    let engine = world.engine(script, &[]).await;
    let person = Person::new(&world);
    person.send(&world, &engine).unwrap();
    let mut screen = person.watch(&engine).await;
    engine.revoke(person.session);
    let bye = screen.until(|event| matches!(event, Event::Bye(_))).await;
    assert!(matches!(bye, Event::Bye(bye) if bye.reason == ByeReason::Revoked));
    assert!(screen.next(SECOND).await.is_none());
}
