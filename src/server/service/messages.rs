//! Sending a message, which begins a reply.

use std::sync::Arc;

use parlance_core::domain::{
    Accepted, ConversationId, Cursor, FieldCode, GenerationId, MessageId, ProblemCode, limits,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{Error, Viewer, personas};
use crate::{
    engine::Engine,
    port::{
        clock::Clock,
        store::{Begin, Begun, Store, StoreError},
    },
};

/// A message to be taken in.
#[derive(Clone, Debug)]
pub struct Send {
    pub conversation_id: ConversationId,
    /// Make the conversation if there is none with this id yet.
    pub create: bool,
    pub content: String,
    /// `[A-Za-z0-9_-]{1,64}`; the same one again changes nothing.
    pub client_message_id: String,
    /// `None`: the head of the path.
    pub parent_id: Option<MessageId>,
    /// Slug or id; `None`: that of the conversation.
    pub persona: Option<String>,
}

/// A message that was taken in.
#[derive(Clone, Debug)]
pub struct Sent {
    pub accepted: Accepted,
    /// An earlier call with the same client id had stored it.
    pub repeated: bool,
    /// Cursor of a stream that brings the whole turn: the message, the reply from its beginning, the end.
    pub whole_turn: String,
}

/// The verbs of messages.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
}

impl Messages {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, engine: Engine) -> Self {
        Self {
            store,
            clock,
            engine,
        }
    }

    /// Stores the message and begins the reply, which goes on whether or not anybody looks.
    ///
    /// # Errors
    /// `Invalid` (`content`, `client_message_id`, `persona_id`), `NotFound`, `GenerationActive`,
    /// `Refused(Conflict | Draining)`.
    pub async fn send(&self, viewer: &Viewer, send: Send) -> Result<Sent, Error> {
        check(&send)?;
        if self.engine.is_draining() {
            return Err(Error::Refused(ProblemCode::Draining));
        }
        let persona_id = personas::named(
            self.store.as_ref(),
            viewer,
            send.persona.as_deref(),
            "persona_id",
        )
        .await?;
        let begin = Begin {
            user_id: viewer.user.id,
            conversation_id: send.conversation_id,
            create: send.create,
            title: first_title(&send.content),
            message_id: MessageId(self.clock.new_id()),
            reply_message_id: MessageId(self.clock.new_id()),
            generation_id: GenerationId(self.clock.new_id()),
            client_message_id: send.client_message_id,
            parent_id: send.parent_id,
            content: send.content,
            persona_id,
            owner_instance: self.engine.instance(),
            owner_boot: self.engine.boot(),
            now: self.clock.now(),
        };
        let (generation, rev, repeated) = match self.begin(begin).await? {
            Begun::Started { generation, rev } => (generation, rev, false),
            Begun::Repeated { generation, rev } => (generation, rev, true),
        };
        Ok(Sent {
            accepted: Accepted {
                conversation_id: generation.conversation_id,
                message_id: generation.user_message_id,
                reply_message_id: generation.reply_message_id,
                generation_id: generation.id,
                cursor: Cursor::on(rev, generation.id, 0).to_string(),
            },
            repeated,
            whole_turn: Cursor::idle(rev.saturating_sub(1)).to_string(),
        })
    }

    /// In a task of its own: a client that hangs up drops its request, and between the commit and the start that
    /// would leave a generation which nobody runs and which keeps its conversation busy for ever.
    async fn begin(&self, begin: Begin) -> Result<Begun, Error> {
        let (store, engine) = (self.store.clone(), self.engine.clone());
        let task = tokio::spawn(async move {
            let begun = store.begin_turn(begin).await?;
            let (Begun::Started { generation, .. } | Begun::Repeated { generation, .. }) = &begun;
            engine.start(generation.clone());
            Ok::<_, StoreError>(begun)
        });
        let begun = task
            .await
            .map_err(|error| Error::Internal(format!("beginning a turn: {error}")))?;
        Ok(begun?)
    }
}

fn check(send: &Send) -> Result<(), Error> {
    if send.content.trim().is_empty() {
        return Err(Error::field("content", FieldCode::Required));
    }
    if send.content.len() > limits::MESSAGE_BYTES {
        return Err(Error::field("content", FieldCode::TooLarge));
    }
    // PostgreSQL cannot store it, and no keyboard types it.
    if send.content.contains('\0') {
        return Err(Error::field("content", FieldCode::Malformed));
    }
    let id = &send.client_message_id;
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match id.len() {
        0 => Err(Error::field("client_message_id", FieldCode::Required)),
        1..=limits::CLIENT_MESSAGE_ID_CHARS if plain => Ok(()),
        _ => Err(Error::field("client_message_id", FieldCode::Malformed)),
    }
}

/// Until a title is generated: the beginning of what was asked, on one line. One grapheme may be many characters, and
/// the store counts those.
fn first_title(content: &str) -> String {
    let line = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = 0;
    line.graphemes(true)
        .take(limits::TITLE_GRAPHEMES)
        .take_while(|grapheme| {
            chars += grapheme.chars().count();
            chars <= limits::TITLE_CHARS
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cut_between_graphemes() {
        assert_eq!(first_title(&"张".repeat(50)), "张".repeat(40));
        // Seven characters each: 29 of them would be too long for a title.
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}";
        assert_eq!(first_title(&family.repeat(50)), family.repeat(28));
        assert_eq!(first_title(&format!("a{}", "\u{301}".repeat(300))), "");
        assert_eq!(first_title("  two\n lines "), "two lines");
    }
}
