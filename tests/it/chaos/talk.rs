//! A person in a conversation: says something, as a browser would that repeats itself when no answer comes, and
//! looks the result up.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::{
    dice::Dice,
    history::{self, History, Said, Step},
    reader::{Manners, Reader},
    screen::Screen,
};
use crate::harness::{Browser, Server};

/// Longer than any answer that is going to come.
const ANSWER: Duration = Duration::from_secs(20);

/// The provider acts as the first word of the last message says (see `parlance_upstream`).
pub const MODEL: &str = "as-said";

/// One conversation of one person.
pub struct Talk {
    pub person: Browser,
    pub id: String,
}

/// A message that was taken in.
#[derive(Clone, Debug)]
pub struct Turn {
    pub message: String,
    pub reply: String,
    pub generation: String,
    /// The generation as it is called on the wire.
    pub g: String,
    pub cursor: String,
}

impl Turn {
    pub fn of(answer: &Value) -> Self {
        let word = |name: &str| answer[name].as_str().expect(name).to_owned();
        let cursor = word("cursor");
        Self {
            message: word("message_id"),
            reply: word("reply_message_id"),
            generation: word("generation_id"),
            g: cursor.split(':').nth(1).expect("a cursor").to_owned(),
            cursor,
        }
    }
}

impl Talk {
    /// A new person with a new conversation.
    pub async fn begin(server: &Server, name: &str) -> Self {
        let person = server.member(name).await;
        let id = person.conversation().await;
        Self { person, id }
    }

    /// The same, at another address of the server.
    pub fn at(&self, base: &str) -> Self {
        Self {
            person: self.person.at(base),
            id: self.id.clone(),
        }
    }

    /// Says it once; `None` when no answer came, or none that settles it.
    pub async fn try_say(&self, text: &str, client_id: &str) -> Option<Turn> {
        let path = format!("/api/conversations/{}/messages", self.id);
        let body = serde_json::json!({ "content": text, "client_message_id": client_id });
        let asking = async {
            let response = self.person.post(&path).json(&body).send().await.ok()?;
            matches!(response.status().as_u16(), 200 | 202)
                .then_some(response)?
                .json()
                .await
                .ok()
        };
        let answer: Option<Value> = timeout(ANSWER, asking).await.ok()?;
        answer.as_ref().map(Turn::of)
    }

    /// # Panics
    /// When it is not taken in.
    pub async fn say(&self, text: &str) -> Turn {
        let id = uuid::Uuid::now_v7().to_string();
        self.try_say(text, &id).await.expect("taken in")
    }

    pub async fn open(&self) -> Value {
        self.person.open(&self.id).await
    }

    /// The conversation once nothing is being written in it.
    ///
    /// # Panics
    /// When that takes longer than a minute.
    pub async fn settled(&self) -> Value {
        for _ in 0..3000 {
            let open = self.open().await;
            if open["active"].is_null() {
                return open;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("a reply does not end");
    }

    /// Another of this person's windows on it, at an address of its own.
    pub fn reader(&self, name: &str, base: &str, manners: Manners, dice: Dice) -> Reader {
        let browser = self.person.at(base);
        Reader::start(name, browser, &self.id, Screen::default(), manners, dice)
    }

    /// Judges what its readers saw against what is stored. Gives the conversation.
    pub async fn judge(&self, readers: &[Reader]) -> Value {
        self.judge_all(&readers.iter().collect::<Vec<_>>()).await
    }

    /// The same, of readers that are held elsewhere.
    pub async fn judge_all(&self, readers: &[&Reader]) -> Value {
        let open = self.settled().await;
        for reader in readers {
            reader.note(Step::Opened {
                messages: Said::all(&open),
            });
        }
        let histories: Vec<History> = readers.iter().map(|reader| reader.take_history()).collect();
        history::assert_sound(&histories, &open);
        open
    }
}

/// The message of a reply in an opened conversation, if it is there; it can be there only once.
pub fn stored<'a>(open: &'a Value, turn: &Turn) -> Option<&'a Value> {
    let messages = open["messages"].as_array().expect("messages");
    let mut found = messages
        .iter()
        .filter(|message| message["id"] == turn.reply);
    let first = found.next();
    assert!(found.next().is_none(), "stored twice");
    first
}
