//! A message that is answered in several lanes at once.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use futures::StreamExt;
use parlance_core::domain::{
    Event, GenerationStatus, Lane, MessageEvent, Part, Position, ProblemCode,
};
use tokio::time::timeout;

use super::{
    model::{Act, Answer, Script},
    world::{Person, World},
};

const SECOND: Duration = Duration::from_secs(1);

/// What a reader holds of each lane, by the rules of the protocol.
#[derive(Default)]
struct Held {
    texts: BTreeMap<Lane, (String, u64, String)>,
    ends: BTreeMap<Lane, GenerationStatus>,
}

impl Held {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Message(MessageEvent::Snapshot {
                g,
                lane,
                seq,
                parts,
                ..
            }) => {
                let text = parts.iter().find(|part| part.kind == Part::Text);
                let text = text.map(|part| part.text.clone()).unwrap_or_default();
                self.texts.insert(*lane, (g.clone(), *seq, text));
            }
            Event::Message(MessageEvent::Delta {
                g,
                lane,
                prev,
                seq,
                text,
                ..
            }) => {
                let held = self.texts.get_mut(lane).expect("a snapshot before");
                assert_eq!((&held.0, held.1), (g, *prev), "lane {lane}");
                held.1 = *seq;
                held.2.push_str(text);
            }
            Event::Message(MessageEvent::Final { lane, status, .. }) => {
                assert!(
                    self.ends.insert(*lane, *status).is_none(),
                    "one end of lane {lane}"
                );
            }
            _ => {}
        }
    }
}

fn words(words: [&'static str; 3], pause: Duration, end: Act) -> Answer {
    let mut acts = Vec::new();
    for word in words {
        acts.extend([Act::Say(word), Act::Wait(pause)]);
    }
    acts.push(end);
    Answer::Acts(acts)
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_after_every_event_misses_nothing_wherever_it_is_written() {
    for (elsewhere, cut) in [(false, false), (true, false), (true, true)] {
        let world = World::new();
        world.wire.cut.store(cut, Ordering::Relaxed);
        let script = Script::of([
            words(["a1 ", "a2 ", "a3 "], 3 * SECOND, Act::End),
            words(["b1 ", "b2 ", "b3 "], 2 * SECOND, Act::End),
            words(
                ["c1 ", "c2 ", "c3 "],
                SECOND,
                Act::Break(ProblemCode::UpstreamReset),
            ),
        ]);
        let writer = world.engine(script, &[]).await;
        let reader = match elsewhere {
            true => world.engine(Script::saying([]), &[]).await,
            false => writer.clone(),
        };
        let person = Person::new(&world);
        let rows = person.compare(&world, &writer, 3).unwrap();
        let mut held = Held::default();
        let mut position: Option<Position> = None;
        while held.ends.len() < 3 {
            let mut events = person.follow(&reader, position).await;
            loop {
                let sent = timeout(3_600 * SECOND, events.next()).await;
                let sent = sent.expect("in time").expect("more");
                held.apply(&sent.event);
                if sent.id.is_some() && sent.id != position {
                    position = sent.id;
                    break;
                }
            }
        }
        for row in rows {
            let stored = world.memory.message_of(row.reply_message_id).unwrap();
            assert_eq!(held.texts[&row.lane].2, stored.content, "lane {}", row.lane);
            let ended = world.memory.generation_row(row.id).status;
            assert_eq!(held.ends[&row.lane], ended);
        }
        let broken = held
            .ends
            .values()
            .filter(|end| **end == GenerationStatus::Interrupted);
        assert_eq!(broken.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn one_lane_is_stopped_from_anywhere_and_the_others_go_on() {
    let world = World::new();
    let script = Script::of([words(["1 ", "2 ", "3 "], 5 * SECOND, Act::End)]);
    let writer = world.engine(script, &[]).await;
    let other = world.engine(Script::saying([]), &[]).await;
    let person = Person::new(&world);
    let rows = person.compare(&world, &writer, 2).unwrap();
    tokio::time::sleep(SECOND).await;
    person.stop(&other, &rows[0]).await;
    assert!(person.send(&world, &writer).is_none(), "it is busy");
    let mut events = person.follow(&other, None).await;
    let mut held = Held::default();
    while held.ends.len() < 2 {
        let sent = timeout(3_600 * SECOND, events.next()).await;
        held.apply(&sent.expect("in time").expect("more").event);
    }
    let expected = [GenerationStatus::Stopped, GenerationStatus::Completed];
    assert_eq!(held.ends.into_values().collect::<Vec<_>>(), expected);
    assert!(person.send(&world, &writer).is_some());
}

#[tokio::test(start_paused = true)]
async fn lanes_of_a_process_that_died_are_ended_and_none_is_taken_up_again() {
    let world = World::new();
    let script = Script::saying([Act::Say("half "), Act::Hang]);
    let writer = world
        .engine(script, &[("PARLANCE_INSTANCE_BEAT_MS", "86400000")])
        .await;
    let person = Person::new(&world);
    let rows = person.compare(&world, &writer, 2).unwrap();
    tokio::time::sleep(SECOND).await;
    let settings = [("PARLANCE_AUTO_CONTINUE", "on")];
    let _other = world.engine(Script::saying([Act::End]), &settings).await;
    tokio::time::sleep(60 * SECOND).await;
    for row in rows {
        let stored = world.memory.message_of(row.reply_message_id).unwrap();
        assert_eq!(stored.content, "half ");
    }
    assert_eq!(world.memory.tables().generations.len(), 2);
}
