//! All the doors onto the one engine: each begins, resumes and stops the same reply, for its owner alone.

mod account;
mod branches;
mod chat;
mod chat_socket;
mod guard;
mod history;
mod reports;
mod send;
mod session_socket;
pub mod socket;

use reqwest::Response;
use serde_json::Value;

use crate::harness::{
    Browser, Events,
    events::{Applied, Reply},
};

/// Reads a response that is the stream of one reply, to its end: the reply, and its `final`.
async fn read_turn(response: Response) -> (Reply, Value) {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = Events::of(response);
    let mut reply = Reply::default();
    let last = events.read_to_final(&mut reply).await;
    while let Some(event) = events.next().await {
        assert_eq!(
            reply.apply(&event),
            Applied::Other,
            "nothing follows the end: {event:?}"
        );
    }
    (reply, last)
}

/// The answer's JSON, after a check of its status.
async fn answered(response: Response, status: u16) -> Value {
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Posts this body.
async fn post(browser: &Browser, path: &str, body: &Value) -> Response {
    browser.post(path).json(body).send().await.unwrap()
}

/// Reads this address.
async fn get(browser: &Browser, path: &str) -> Value {
    answered(browser.get(path).send().await.unwrap(), 200).await
}

/// Says something and waits for the reply; the ids of the turn.
async fn turn(browser: &Browser, conversation: &str, content: &str) -> Value {
    let mut accepted = browser.say(conversation, content).await;
    let cursor = accepted["cursor"].as_str().unwrap().to_owned();
    let mut events = browser.follow(conversation, Some(&cursor)).await;
    let last = events.read_to_final(&mut begun(&cursor)).await;
    accepted["final"] = last;
    accepted
}

/// A reply of which nothing was read yet, by the cursor that a taken message is answered with.
fn begun(cursor: &str) -> Reply {
    Reply {
        g: cursor.split(':').nth(1).expect("a cursor").to_owned(),
        ..Reply::default()
    }
}

/// An id of an answer, as text.
fn id<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().expect("an id")
}
