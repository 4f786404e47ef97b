//! The socket of one session: messages in, `ai_response` frames out.
//!
//! It reads its conversation from the moment it was opened, or from a cursor, so it also shows replies that began
//! elsewhere. Must not enter: another way to reply than the engine's.

use std::time::Instant;

use parlance_core::domain::{ActiveGeneration, ConversationId, Event, ProblemCode, Timestamp};
use parlance_server::service::{
    self, Viewer,
    generations::{Follow, Following},
};

use super::{
    Close, Guest,
    feeds::{Feeds, Heard},
    frame::{Frames, word},
    line::{Gone, Line, Next},
    told::{Resume, Stop, Told, UserMessage},
};
use crate::web::{
    error::Fault,
    rate,
    state::Edge,
    turn::{self, Taken},
};

/// Later than any change: opening a conversation with it reads no messages.
const NO_MESSAGES: u64 = i64::MAX as u64;

struct Session {
    edge: Edge,
    viewer: Viewer,
    conversation: ConversationId,
    line: Line,
    feeds: Feeds,
    frames: Frames,
    clock: Clock,
}

/// The server's time, as the stream told it and as it has gone on since.
struct Clock {
    told: Timestamp,
    at: Instant,
}

/// Why a session ends.
enum End {
    Gone,
    Close(Close),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<service::Error> for End {
    fn from(error: service::Error) -> Self {
        Self::Close(error.into())
    }
}

/// Serves one socket to its end.
pub(super) async fn run(guest: Guest, conversation: ConversationId, after: Option<String>) {
    let Guest {
        edge,
        viewer,
        line,
        _place,
    } = guest;
    let personas = edge.app.personas.choices(&viewer).await;
    let open = edge
        .app
        .conversations
        .open(&viewer, conversation, Some(NO_MESSAGES))
        .await;
    let (personas, open) = match (personas, open) {
        (Ok(personas), Ok(open)) => (personas, open),
        (Err(error), _) | (_, Err(error)) => return line.close(error.into()).await,
    };
    let mut session = Session {
        frames: Frames::new(personas, open.conversation.persona_id),
        edge,
        viewer,
        conversation,
        line,
        feeds: Feeds::default(),
        clock: Clock {
            told: open.conversation.updated_at,
            at: Instant::now(),
        },
    };
    // Without a cursor: what is being written, and from there on.
    let fresh = after.is_none();
    let cursor = after.unwrap_or(open.cursor);
    match session.serve(open.active.as_ref(), fresh, cursor).await {
        End::Gone => {}
        End::Close(close) => session.line.close(close).await,
    }
}

impl Session {
    async fn serve(
        &mut self,
        active: Option<&ActiveGeneration>,
        fresh: bool,
        cursor: String,
    ) -> End {
        match self.attend(active, fresh, cursor).await {
            Ok(close) => End::Close(close),
            Err(end) => end,
        }
    }

    async fn attend(
        &mut self,
        active: Option<&ActiveGeneration>,
        fresh: bool,
        cursor: String,
    ) -> Result<Close, End> {
        let mut events = self.follow(Some(cursor.clone())).await?;
        // The greeting first: it tells the time.
        if let Some(hello) = futures::StreamExt::next(&mut events).await {
            if let Event::Hello(hello) = &hello.event {
                self.clock = Clock {
                    told: Timestamp(hello.server_time.saturating_mul(1_000)),
                    at: Instant::now(),
                };
            }
            self.tell(&hello).await?;
        }
        if let Some(active) = active {
            self.frames.stand(active);
            if fresh {
                let frame = self.frames.standing(active, &cursor, self.clock.now());
                self.line.say(frame).await?;
            }
        }
        self.feeds.put(Some(self.conversation), events);
        loop {
            match self.line.next(&mut self.feeds).await? {
                Next::Said(text) => self.hear(&text).await?,
                Next::Refused(close) => return Ok(close),
                Next::Event(Heard { sent: None, .. }) => return Ok(Close::Internal),
                Next::Event(Heard {
                    sent: Some(sent), ..
                }) => {
                    self.tell(&sent).await?;
                    if let Event::Bye(bye) = sent.event {
                        return Ok(bye.reason.into());
                    }
                }
            }
        }
    }

    async fn follow(&mut self, cursor: Option<String>) -> Result<Following, service::Error> {
        let follow = Follow {
            cursor,
            once: false,
            pace_ms: None,
        };
        let following = self
            .edge
            .app
            .generations
            .follow(&self.viewer, self.conversation, follow)
            .await?;
        following
            .map(turn::in_first_lane)
            .ok_or_else(|| service::Error::Internal("an endless stream has ended".to_owned()))
    }

    async fn tell(&mut self, sent: &parlance_server::engine::follow::Sent) -> Result<(), Gone> {
        match self.frames.frame(sent, self.clock.now()) {
            Some(frame) => self.line.say(frame).await,
            None => Ok(()),
        }
    }

    /// Does what the peer says. What is refused is answered and no reason to hang up.
    async fn hear(&mut self, text: &str) -> Result<(), Gone> {
        let answer = match Told::read(text, false) {
            Ok(Told::Message(message)) => self.send(message).await,
            Ok(Told::Resume(resume)) => self.resume(resume).await,
            Ok(Told::Stop(stop)) => self.stop(stop).await,
            Ok(Told::Ping) => Ok(Some(word("pong", serde_json::json!({})))),
            Err(fault) => Err(fault),
        };
        self.line.answer(answer).await
    }

    async fn send(&mut self, said: UserMessage) -> Result<Option<String>, Fault> {
        let names = [("content", "message"), ("persona_id", "role_id")];
        let asked = said.role_id.clone();
        let send = turn::message(
            self.conversation,
            said.message,
            said.client_message_id,
            said.role_id,
        );
        rate::send(&self.edge, &self.viewer).await?;
        let sent = self
            .edge
            .app
            .messages
            .send(&self.viewer, send)
            .await
            .map_err(|error| Fault::from(error).renamed(&names))?;
        if let Some(persona) = asked {
            self.frames.ask(sent.accepted.reply_message_id, &persona);
        }
        if sent.repeated {
            // Its turn may lie before what this socket reads: tell it again from its beginning.
            let events = self.follow(Some(sent.whole_turn.clone())).await?;
            self.feeds.put(Some(self.conversation), events);
        }
        Ok(Some(word("accepted", Taken::from(sent))))
    }

    async fn resume(&mut self, resume: Resume) -> Result<Option<String>, Fault> {
        let events = self.follow(resume.cursor).await?;
        self.feeds.put(Some(self.conversation), events);
        Ok(None)
    }

    async fn stop(&mut self, stop: Stop) -> Result<Option<String>, Fault> {
        stopped(&self.edge, &self.viewer, Some(self.conversation), stop).await
    }
}

/// Ends the reply that is named, or the one that is being written in a conversation.
pub(super) async fn stopped(
    edge: &Edge,
    viewer: &Viewer,
    conversation: Option<ConversationId>,
    stop: Stop,
) -> Result<Option<String>, Fault> {
    let generations = &edge.app.generations;
    let stopped = match (stop.generation_id, conversation) {
        (Some(generation), _) => Some(generations.stop(viewer, generation).await?),
        (None, Some(conversation)) => {
            let all = generations.stop_all(viewer, conversation).await?;
            all.into_iter().next()
        }
        (None, None) => None,
    };
    let stopped = stopped.ok_or_else(|| Fault::new(ProblemCode::NotFound))?;
    Ok(Some(word("stopped", stopped)))
}

impl Clock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.at.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp(self.told.0.saturating_add(passed))
    }
}
