//! The socket of the API: a message for any conversation in, the events of its turn out.
//!
//! Events are those of the streams, each with its `conversation_id` and, where it moves the cursor, its `id`.

use parlance_core::domain::{ConversationId, Event, FieldCode, ProblemCode, limits};
use parlance_server::service::{
    Viewer,
    generations::{Follow, Following},
};

use super::{
    Close, Guest,
    feeds::{Feeds, Heard},
    frame::{line, word},
    line::{Gone, Line, Next},
    session::stopped,
    told::{Resume, Stop, Told},
};
use crate::web::{
    api::chat::{Ask, ConversationMessage},
    error::Fault,
    rate,
    state::Edge,
    turn::{self, Lanes, Taken},
};

struct Chat {
    edge: Edge,
    viewer: Viewer,
    line: Line,
    feeds: Feeds,
}

/// Serves one socket to its end.
pub(super) async fn run(guest: Guest) {
    let Guest {
        edge,
        viewer,
        line,
        _place,
    } = guest;
    // The account's own stream tells when to leave, also while no conversation is read.
    let account = edge
        .app
        .generations
        .follow_account(&viewer, Vec::new(), None)
        .await;
    let account = match account {
        Ok(events) => events,
        Err(error) => return line.close(error.into()).await,
    };
    let mut feeds = Feeds::default();
    feeds.put(None, account);
    let mut chat = Chat {
        edge,
        viewer,
        line,
        feeds,
    };
    if let Ok(close) = chat.attend().await {
        chat.line.close(close).await;
    }
}

impl Chat {
    async fn attend(&mut self) -> Result<Close, Gone> {
        loop {
            match self.line.next(&mut self.feeds).await? {
                Next::Said(text) => self.hear(&text).await?,
                Next::Refused(close) => return Ok(close),
                Next::Event(Heard { feed: None, sent }) => {
                    let Some(sent) = sent else {
                        return Ok(Close::Internal);
                    };
                    self.line.say(line(&sent, sent.about)).await?;
                    if let Event::Bye(bye) = sent.event {
                        return Ok(bye.reason.into());
                    }
                }
                Next::Event(Heard {
                    feed: Some(conversation),
                    sent,
                }) => {
                    if let Some(sent) = sent {
                        self.line.say(line(&sent, Some(conversation))).await?;
                    }
                }
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), Gone> {
        let answer = match Told::read(text, true) {
            Ok(Told::Message(message)) => self.send(message).await,
            Ok(Told::Resume(resume)) => self.resume(resume).await,
            Ok(Told::Stop(stop)) => self.stop(stop).await,
            Ok(Told::Ping) => Ok(Some(word("pong", serde_json::json!({})))),
            Err(fault) => Err(fault),
        };
        self.line.answer(answer).await
    }

    async fn send(&mut self, message: ConversationMessage) -> Result<Option<String>, Fault> {
        let Ask { send, names, .. } = message.into_ask()?;
        self.check_room(send.conversation_id)?;
        rate::send(&self.edge, &self.viewer).await?;
        let sent = self
            .edge
            .app
            .messages
            .send(&self.viewer, send)
            .await
            .map_err(|error| Fault::from(error).renamed(names))?;
        let conversation = sent.accepted.conversation_id;
        let events = turn::events(&self.edge, &self.viewer, &sent, None, Lanes::First).await?;
        let taken = word("accepted", Taken::from(sent));
        if let Some(events) = events {
            self.feeds.put(Some(conversation), events);
        }
        Ok(Some(taken))
    }

    async fn resume(&mut self, resume: Resume) -> Result<Option<String>, Fault> {
        let conversation = resume
            .conversation_id
            .ok_or_else(|| Fault::field("conversation_id", FieldCode::Required))?;
        self.check_room(conversation)?;
        let follow = Follow {
            cursor: resume.cursor,
            once: false,
            pace_ms: None,
        };
        let events: Option<Following> = self
            .edge
            .app
            .generations
            .follow(&self.viewer, conversation, follow)
            .await?;
        if let Some(events) = events {
            let events = turn::in_first_lane(events);
            self.feeds.put(Some(conversation), events);
        }
        Ok(None)
    }

    async fn stop(&mut self, stop: Stop) -> Result<Option<String>, Fault> {
        if stop.generation_id.is_none() && stop.conversation_id.is_none() {
            return Err(Fault::field("conversation_id", FieldCode::Required));
        }
        stopped(&self.edge, &self.viewer, stop.conversation_id, stop).await
    }

    fn check_room(&self, conversation: ConversationId) -> Result<(), Fault> {
        if self.feeds.others(conversation) >= limits::STREAM_CONVERSATIONS {
            return Err(Fault::new(ProblemCode::StreamLimit));
        }
        Ok(())
    }
}
