//! Messages that are sent many times, at once, or by people who leave: each is there once and is answered once
//! (D16, D17, D18).

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    dice::Dice,
    figure, scale,
    talk::{MODEL, Talk, stored},
};
use crate::harness::{Engine, Events, Server, on_both};

on_both! {
    async fn the_reply_is_completed_whenever_its_person_leaves(engine: Engine) {
        let (tries, mut dice) = (scale(12, 100), Dice::of("leaving"));
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        let mut unheard = 0;
        for round in 0..tries {
            let (text, id) = ("words-20@100 please", format!("c{round}"));
            let path = format!("/api/conversations/{}/messages", talk.id);
            let body = json!({ "content": text, "client_message_id": id });
            let post = talk.person.post(&path).json(&body);
            match round % 3 {
                // Before the answer comes.
                0 => {
                    let gone = timeout(dice.millis(0..=4), post.send()).await;
                    unheard += u64::from(gone.is_err());
                }
                // In the middle of the stream that is the answer.
                1 => {
                    let response = post.header("Accept", "text/event-stream").send().await.expect("answers");
                    let mut events = Events::of(response);
                    let _ = timeout(dice.millis(0..=250), async { while events.next().await.is_some() {} }).await;
                }
                // After the answer, while following.
                _ => {
                    assert_eq!(post.send().await.expect("answers").status(), 202);
                    let mut events = talk.person.follow(&talk.id, None).await;
                    let _ = timeout(dice.millis(0..=250), async { while events.next().await.is_some() {} }).await;
                }
            }
            // Said again: the same message, or, where the first never arrived, the only one.
            let turn = talk.try_say(text, &id).await.expect("taken in");
            let open = talk.settled().await;
            let reply = stored(&open, &turn).expect("stored");
            assert_eq!(reply["status"], "completed", "round {round}: {reply}");
            assert_eq!(crate::harness::events::tokens(reply["content"].as_str().expect("text")).len(), 20);
            let mine = open["messages"].as_array().expect("messages").iter().filter(|said| said["id"] == turn.message);
            assert_eq!(mine.count(), 1);
        }
        assert_eq!(server.upstream.stats().models["words-20@100"], tries as u64);
        figure("D16", engine, format!("{tries} of {tries} replies completed after their client left ({unheard} before any answer)"));
    }

    async fn one_message_sent_fifty_times_at_once_is_one(engine: Engine) {
        let rounds = scale(2, 20);
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        for round in 0..rounds {
            let model = format!("words-{}", 5 + round);
            let turns = join_all((0..50).map(|_| {
                let (talk, model) = (&talk, &model);
                async move { talk.try_say(model, &format!("same-{round}")).await.expect("taken in") }
            }))
            .await;
            assert!(turns.iter().all(|turn| turn.message == turns[0].message && turn.generation == turns[0].generation));
            let open = talk.settled().await;
            assert_eq!(open["messages"].as_array().expect("messages").len(), 2 * (round + 1));
            assert_eq!(stored(&open, &turns[0]).expect("stored")["status"], "completed");
            assert_eq!(server.upstream.stats().models[&model], 1, "asked once");
        }
        figure("D17", engine, format!("{rounds} × the same message 50 times at once: one message, one generation each"));
    }

    async fn of_twenty_messages_at_once_the_conversation_stays_one_line(engine: Engine) {
        let rounds = scale(2, 20);
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        let mut answered = 0;
        for round in 0..rounds {
            let sends = (0..20).map(|number| {
                let talk = &talk;
                async move { talk.person.send(&talk.id, "words-40@200", &format!("{round}-{number}")).await }
            });
            let (mut accepted, mut refused) = (0, 0);
            for response in join_all(sends).await {
                match response.status().as_u16() {
                    202 => accepted += 1,
                    409 => {
                        let problem: Value = response.json().await.expect("JSON");
                        assert_eq!(problem["code"], "generation_active");
                        refused += 1;
                    }
                    other => panic!("{other}: {}", response.text().await.unwrap_or_default()),
                }
            }
            assert_eq!((accepted, refused), (1, 19));
            answered += 1;
            let open = talk.settled().await;
            let messages = open["messages"].as_array().expect("messages");
            assert_eq!(messages.len(), (2 * answered).min(100));
            for pair in messages.windows(2) {
                assert_eq!(pair[1]["parent_id"], pair[0]["id"], "one line");
            }
        }
        figure("D18", engine, format!("{rounds} × 20 different messages at once: 1 taken in, 19 × 409, one line"));
    }
}
