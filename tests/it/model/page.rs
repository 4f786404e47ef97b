//! The domain's larger records, filled in where the model has something to say and left plain elsewhere, and the page
//! that a browser opens with.

use parlance_core::domain::event::ConversationEvent;
use parlance_core::domain::{
    ConversationId, ConversationStatus, Cursor, Event, GenerationFailure, GenerationId,
    GenerationStatus, Message, MessageEvent, MessageId, MessageStatus, Part, PartText, Problem,
    Role, ShortId, Timestamp,
};
use parlance_ui::state::page::{ComposerSeed, OpenPage, OpenReply, Topic, Turn};
use uuid::Uuid;

pub use parlance_core::domain::GenerationKind;

use super::{
    instance::Instance,
    rules::Rules,
    store::{Row, Store, Strands},
};

fn message(id: MessageId, parent_id: Option<MessageId>, role: Role, content: String) -> Message {
    Message {
        parent_id,
        ..Message::said(ConversationId(Uuid::nil()), id, role, content, Timestamp(0))
    }
}

/// A person's message.
pub fn asked(id: MessageId, parent_id: Option<MessageId>, content: String) -> Message {
    message(id, parent_id, Role::User, content)
}

/// The reply that a generation ends with.
pub fn replied(row: &Row, status: MessageStatus, strands: &Strands) -> Message {
    let parent = Some(row.user_message_id);
    let reasoning = Some(&strands.reasoning).filter(|text| !text.is_empty());
    Message {
        continues_message_id: row.continues_message_id,
        reasoning: reasoning.cloned(),
        status,
        error: row.error.map(Problem::new),
        ..message(
            row.reply_message_id,
            parent,
            Role::Assistant,
            strands.text.clone(),
        )
    }
}

fn parts(strands: &Strands) -> Vec<PartText> {
    [
        (Part::Reasoning, &strands.reasoning),
        (Part::Text, &strands.text),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(kind, text)| PartText {
        kind,
        text: text.clone(),
    })
    .collect()
}

fn status(row: &Row, seq: u64) -> GenerationStatus {
    if seq > 0 {
        GenerationStatus::Streaming
    } else {
        row.status
    }
}

/// The whole text so far.
pub fn snapshot(row: &Row, strands: &Strands, seq: u64) -> Event {
    Event::Message(MessageEvent::Snapshot {
        generation_id: row.id,
        g: ShortId::from(row.id).to_string(),
        message_id: row.reply_message_id,
        user_message_id: row.user_message_id,
        seq,
        lane: 0,
        status: status(row, seq),
        kind: row.kind,
        continues_message_id: row.continues_message_id,
        parts: parts(strands),
    })
}

/// Something of the conversation itself changed.
pub fn news(rev: u64, head: Option<MessageId>, generation_id: Option<GenerationId>) -> Event {
    Event::Conversation(ConversationEvent {
        id: ConversationId(Uuid::nil()),
        rev,
        title: String::new(),
        head,
        status: ConversationStatus::Active,
        generation_id,
        compared: None,
        updated_at: Timestamp(0),
    })
}

/// The messages of the path, each with those in its place.
fn turns(store: &Store) -> Vec<Turn> {
    let mut turns = Vec::new();
    for message in store.path() {
        let mut turn = Turn::from(message.clone());
        let others = store.messages.iter().map(|(_, other)| other);
        let place =
            |other: &&Message| other.parent_id == message.parent_id && other.role == message.role;
        turn.siblings = others.filter(place).map(|other| other.id).collect();
        if turn.siblings.len() == 1 {
            turn.siblings.clear();
        }
        turns.push(turn);
    }
    turns
}

/// The text that a continuation begins with.
pub fn kept(store: &Store, row: &Row) -> Strands {
    row.continues_message_id
        .and_then(|id| store.stored(id))
        .map_or_else(Strands::default, |message| Strands {
            text: message.content.clone(),
            reasoning: message.reasoning.clone().unwrap_or_default(),
        })
}

/// What opening the conversation at `instance` shows: the rows of one read, and of the reply under way the text that
/// the cursor covers.
pub fn open(store: &Store, instance: &mut Instance, rules: Rules) -> OpenPage {
    let newest = store.newest();
    let mut page = OpenPage {
        conversation: Topic {
            id: ConversationId(Uuid::nil()),
            title: String::new(),
        },
        persona: None,
        made_at: 0,
        turns: turns(store),
        earlier: false,
        past: None,
        window: None,
        finds: None,
        active: None,
        failure: None,
        compared: String::new(),
        cursor: newest
            .map_or(Cursor::idle(store.rev), |row| {
                Cursor::on(store.rev, row.id, row.last_seq)
            })
            .to_string(),
        composer: ComposerSeed::default(),
    };
    match newest {
        Some(row) if !row.status.is_terminal() => {
            instance.refresh(store, row);
            let frames = instance.log(row.no, rules).unwrap_or_default();
            let seq = frames.len() as u64;
            let mut strands = Strands::of(frames.iter());
            let cursor = if seq < row.kept_frames {
                // The text is the kept one, which is not in the log yet: the stream begins with all of it.
                strands = kept(store, row);
                Cursor::idle(store.rev)
            } else {
                Cursor::on(store.rev, row.id, seq)
            };
            page.cursor = cursor.to_string();
            page.active = Some(OpenReply {
                generation_id: row.id,
                message_id: row.reply_message_id,
                user_message_id: row.user_message_id,
                status: status(row, seq),
                kind: row.kind,
                parts: parts(&strands),
                html: None,
            });
        }
        Some(row) if Some(row.user_message_id) == store.head => {
            page.failure = Some(GenerationFailure {
                generation_id: row.id,
                user_message_id: row.user_message_id,
                status: row.status,
                error: row.error.map(Problem::new),
            });
        }
        _ => {}
    }
    page
}
