//! Several instances on one store.

use std::{sync::atomic::Ordering, time::Duration};

use parlance_core::domain::{
    ByeReason, Event, GenerationStatus, MessageEvent, ProblemCode, event::Fare,
};
use tokio::time::Instant;

use super::{
    model::{Act, Answer, Script},
    world::{Person, World},
};

const SECOND: Duration = Duration::from_secs(1);

fn slow_words() -> Vec<Act> {
    let mut acts = Vec::new();
    for word in ["one ", "two ", "three ", "four ", "five "] {
        acts.extend([Act::Say(word), Act::Wait(2 * SECOND)]);
    }
    acts.push(Act::End);
    acts
}

async fn text_of(end: MessageEvent) -> (GenerationStatus, String) {
    match end {
        MessageEvent::Final {
            status, message, ..
        } => (
            status,
            message.map(|message| message.content).unwrap_or_default(),
        ),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_viewer_on_another_instance_reads_along_with_and_without_hints() {
    for cut in [false, true] {
        let world = World::new();
        world.wire.cut.store(cut, Ordering::Relaxed);
        let writer = world.engine(Script::saying(slow_words()), &[]).await;
        let reader = world.engine(Script::saying(slow_words()), &[]).await;
        let person = Person::new(&world);
        person.send(&world, &writer).unwrap();
        tokio::time::sleep(SECOND).await;
        let mut screen = person.watch(&reader).await;
        assert!(screen.next(SECOND).await.is_some());
        let mut late = Vec::new();
        for word in ["one ", "one two ", "one two three "] {
            let began = Instant::now();
            while screen.text != word {
                screen.next(5 * SECOND).await.expect("the next word");
            }
            late.push(began.elapsed());
        }
        // Each word comes two seconds after the last; without hints half a second later at most.
        assert!(
            late.iter()
                .all(|late| *late <= Duration::from_millis(2_600)),
            "{late:?}"
        );
        let (status, text) = text_of(screen.finish().await).await;
        assert_eq!(status, GenerationStatus::Completed);
        assert_eq!(text, "one two three four five ");
        let shown = screen.shown.lock().unwrap();
        assert!(
            shown.iter().all(|shown| text.starts_with(&**shown)),
            "{shown:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_line_and_a_silent_provider_are_seen_on_every_instance() {
    let world = World::new();
    let silent = vec![
        Act::Wait(15 * SECOND),
        Act::Say("x"),
        Act::Wait(SECOND),
        Act::End,
    ];
    let script = Script::of([Answer::Acts(silent.clone()), Answer::Acts(silent)]);
    let writer = world
        .engine(script, &[("PARLANCE_UPSTREAM_PERMITS", "1")])
        .await;
    let reader = world.engine(Script::saying([]), &[]).await;
    let person = Person::new(&world);
    person.send(&world, &writer).unwrap();
    let waiting = person.elsewhere(&world);
    waiting.send(&world, &writer).unwrap();
    // Joins late, after the place in the line was told for the first time.
    tokio::time::sleep(SECOND).await;
    let mut screen = waiting.watch(&reader).await;
    screen.finish().await;
    let told: Vec<_> = screen
        .seen
        .iter()
        .filter_map(|event| match event {
            Event::Status(status) => Some((status.status, status.position)),
            _ => None,
        })
        .collect();
    let expected = [
        (Fare::Queued, Some(1)),
        (Fare::Starting, None),
        (Fare::Stalled, None),
        (Fare::Streaming, None),
        (Fare::Saving, None),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn any_instance_stops_a_reply_and_nothing_follows() {
    for cut in [false, true] {
        let world = World::new();
        world.wire.cut.store(cut, Ordering::Relaxed);
        let script = Script::saying(slow_words());
        let writer = world.engine(script.clone(), &[]).await;
        let other = world.engine(Script::saying(slow_words()), &[]).await;
        let person = Person::new(&world);
        let row = person.send(&world, &writer).unwrap();
        tokio::time::sleep(3 * SECOND).await;
        let stopped = person.stop(&other, &row).await;
        assert_eq!(stopped.status, GenerationStatus::Stopped);
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(
            script.running.load(Ordering::SeqCst),
            0,
            "the provider's stream is dropped"
        );
        let message = world.memory.message_of(row.reply_message_id).unwrap();
        assert_eq!(message.content, "one two ");
        assert_eq!(world.memory.generation_row(row.id).last_seq, stopped.seq);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_taken_for_dead_after_the_store_was_away_for_all() {
    let world = World::new();
    let mut words = Vec::new();
    for _ in 0..20 {
        words.extend([Act::Say("word "), Act::Wait(2 * SECOND)]);
    }
    words.push(Act::End);
    let writer = world.engine(Script::saying(words), &[]).await;
    tokio::time::sleep(SECOND).await;
    // Beats and looks a second after the writer.
    let other = world.engine(Script::saying([]), &[]).await;
    let person = Person::new(&world);
    person.send(&world, &writer).unwrap();
    let mut screen = person.watch(&other).await;
    tokio::time::sleep(SECOND / 2).await;
    world.memory.is_away.store(true, Ordering::Relaxed);
    tokio::time::sleep(15 * SECOND).await;
    // The other looks first.
    world.memory.is_away.store(false, Ordering::Relaxed);
    let (status, _) = text_of(screen.finish().await).await;
    assert_eq!(status, GenerationStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_writer_fell_silent_is_ended_by_another_instance() {
    let world = World::new();
    let script = Script::saying([Act::Say("half "), Act::Hang]);
    let writer = world
        .engine(script, &[("PARLANCE_INSTANCE_BEAT_MS", "86400000")])
        .await;
    let person = Person::new(&world);
    let row = person.send(&world, &writer).unwrap();
    tokio::time::sleep(SECOND).await;
    let other = world.engine(Script::saying(slow_words()), &[]).await;
    let mut screen = person.watch(&other).await;
    let began = Instant::now();
    let (status, text) = text_of(screen.finish().await).await;
    assert_eq!((status, &*text), (GenerationStatus::Interrupted, "half "));
    assert!(began.elapsed() <= 13 * SECOND, "{:?}", began.elapsed());
    let error = world.memory.generation_row(row.id).error.unwrap();
    assert_eq!(error.code, ProblemCode::OwnerLost);
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_wakes_up_too_late_is_fenced_and_lets_go() {
    let world = World::new();
    let script = Script::saying([
        Act::Say("one "),
        Act::Wait(30 * SECOND),
        Act::Say("two "),
        Act::Wait(30 * SECOND),
        Act::Say("three"),
        Act::End,
    ]);
    let settings = [("PARLANCE_INSTANCE_BEAT_MS", "86400000")];
    let zombie = world.engine(script.clone(), &settings).await;
    let person = Person::new(&world);
    let row = person.send(&world, &zombie).unwrap();
    tokio::time::sleep(SECOND).await;
    world.wire.cut.store(true, Ordering::Relaxed);
    let other = world.engine(Script::saying(slow_words()), &[]).await;
    tokio::time::sleep(20 * SECOND).await;
    let sealed = world.memory.generation_row(row.id);
    assert_eq!(sealed.status, GenerationStatus::Interrupted);
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(script.running.load(Ordering::SeqCst), 0);
    assert_eq!(
        world
            .memory
            .message_of(row.reply_message_id)
            .unwrap()
            .content,
        "one "
    );
    let mut screen = person.watch(&other).await;
    let (_, text) = text_of(screen.finish().await).await;
    assert_eq!(text, "one ");
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_taken_up_again_by_itself_where_that_is_wanted() {
    let world = World::new();
    let wanted = [("PARLANCE_AUTO_CONTINUE", "on")];
    let silent = [("PARLANCE_INSTANCE_BEAT_MS", "86400000")];
    let writer = world
        .engine(Script::saying([Act::Say("one two "), Act::Hang]), &silent)
        .await;
    let person = Person::new(&world);
    person.send(&world, &writer).unwrap();
    tokio::time::sleep(SECOND).await;
    let script = Script::saying([Act::Say("three four"), Act::End]);
    let other = world.engine(script, &wanted).await;
    let mut screen = person.watch(&other).await;
    let (first, _) = text_of(screen.finish().await).await;
    assert_eq!(first, GenerationStatus::Interrupted);
    let (status, text) = text_of(screen.finish().await).await;
    assert_eq!(
        (status, &*text),
        (GenerationStatus::Completed, "one two three four")
    );
    let shown = screen.shown.lock().unwrap();
    let began = shown.iter().position(|shown| !shown.is_empty()).unwrap();
    assert!(
        shown[began..]
            .windows(2)
            .all(|pair| pair[1].starts_with(&*pair[0])),
        "no seam: {shown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_the_line_of_an_instance_that_ends_is_begun_by_another() {
    let world = World::new();
    let busy = Script::saying([Act::Say("x"), Act::Wait(5 * SECOND), Act::End]);
    let leaving = world.engine(busy, &[("PARLANCE_USER_PERMITS", "1")]).await;
    let other = world
        .engine(Script::saying([Act::Say("taken over"), Act::End]), &[])
        .await;
    let person = Person::new(&world);
    person.send(&world, &leaving).unwrap();
    let second = person.elsewhere(&world);
    let row = second.send(&world, &leaving).unwrap();
    assert_eq!(row.status, GenerationStatus::Queued);
    tokio::time::sleep(SECOND).await;
    leaving.drain();
    leaving.settle().await;
    tokio::time::sleep(15 * SECOND).await;
    let (status, text) = text_of(second.watch(&other).await.finish().await).await;
    assert_eq!(
        (status, &*text),
        (GenerationStatus::Completed, "taken over")
    );
}

#[tokio::test(start_paused = true)]
async fn who_watches_a_turn_that_is_taken_over_reads_it_as_it_is_written() {
    let world = World::new();
    let busy = Script::saying([Act::Say("x"), Act::Wait(5 * SECOND), Act::End]);
    let leaving = world.engine(busy, &[("PARLANCE_USER_PERMITS", "1")]).await;
    let mut words: Vec<Act> = Vec::new();
    for word in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        words.extend([Act::Say(word), Act::Wait(SECOND / 10)]);
    }
    words.push(Act::End);
    let other = world.engine(Script::saying(words), &[]).await;
    let person = Person::new(&world);
    person.send(&world, &leaving).unwrap();
    let second = person.elsewhere(&world);
    second.send(&world, &leaving).unwrap();
    let mut screen = second.watch(&other).await;
    let is_queued =
        |event: &Event| matches!(event, Event::Status(told) if told.status == Fare::Queued);
    screen.until(is_queued).await;
    leaving.drain();
    tokio::join!(leaving.settle(), screen.finish());
    let mut shown = screen.shown.lock().unwrap().clone();
    shown.dedup();
    // Each word by itself, not in the lumps of a reader from afar.
    let lengths: Vec<_> = shown.iter().map(String::len).collect();
    assert_eq!(lengths, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let is_streaming =
        |event: &Event| matches!(event, Event::Status(told) if told.status == Fare::Streaming);
    assert!(screen.seen.iter().any(is_streaming));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_elsewhere_loses_its_streams_here_even_without_a_hint() {
    for cut in [false, true] {
        let world = World::new();
        world.wire.cut.store(cut, Ordering::Relaxed);
        let script = Script::of([Answer::Acts(vec![Act::Say("x"), Act::Hang])]);
        let (here, there) = (
            world.engine(script.clone(), &[]).await,
            world.engine(script, &[]).await,
        );
        let person = Person::new(&world);
        person.send(&world, &here).unwrap();
        let mut screen = person.watch(&here).await;
        world.memory.tables().ended_sessions.insert(person.session);
        there.revoke(person.session);
        let began = Instant::now();
        let bye = screen.until(|event| matches!(event, Event::Bye(_))).await;
        assert!(matches!(bye, Event::Bye(bye) if bye.reason == ByeReason::Revoked));
        let most = if cut { 3 * SECOND } else { SECOND };
        assert!(began.elapsed() <= most, "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_a_shutdown_cuts_off_is_taken_up_by_another_instance() {
    let world = World::new();
    let wanted = [("PARLANCE_AUTO_CONTINUE", "on")];
    let leaving = world
        .engine(Script::saying([Act::Say("one two "), Act::Hang]), &wanted)
        .await;
    let script = Script::saying([Act::Say("three four"), Act::End]);
    let other = world.engine(script.clone(), &wanted).await;
    let person = Person::new(&world);
    person.send(&world, &leaving).unwrap();
    tokio::time::sleep(SECOND).await;
    leaving.drain();
    leaving.settle().await;
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(script.asked(), 1);
    let (status, text) = text_of(person.watch(&other).await.finish().await).await;
    assert_eq!(
        (status, &*text),
        (GenerationStatus::Completed, "one two three four")
    );
}
