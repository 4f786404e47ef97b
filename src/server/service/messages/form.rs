//! What a message that comes in must be, and what is told of one that was taken in.

use parlance_core::domain::{
    Accepted, AskedBeside, ConversationId, Cursor, FieldCode, Position, limits,
};

use super::{Send, Sent};
use crate::{
    port::store::{Begun, GenerationRow},
    service::{Error, models},
};

pub(super) fn sent(conversation_id: ConversationId, begun: Begun) -> Sent {
    let (repeated, waiting) = match begun {
        Begun::Started { .. } => (false, false),
        Begun::Repeated { .. } => (true, false),
        Begun::Waiting { .. } => (false, true),
    };
    let (message_id, reply_message_id, generation_id, beside, cursor, rev) = match begun {
        Begun::Started {
            generation,
            beside,
            rev,
        }
        | Begun::Repeated {
            generation,
            beside,
            rev,
        } => {
            let mut cursor = Position::from(Cursor::on(rev, generation.id, 0));
            for row in &beside {
                cursor.set(row.lane, Some(Cursor::on(rev, row.id, 0)));
            }
            (
                generation.user_message_id,
                generation.reply_message_id,
                generation.id,
                beside.iter().map(asked).collect(),
                cursor,
                rev,
            )
        }
        Begun::Waiting {
            message_id,
            reply_message_id,
            generation_id,
            rev,
        } => (
            message_id,
            reply_message_id,
            generation_id,
            Vec::new(),
            Position::from(Cursor::idle(rev)),
            rev,
        ),
    };
    Sent {
        accepted: Accepted {
            conversation_id,
            message_id,
            reply_message_id,
            generation_id,
            beside,
            cursor: cursor.to_string(),
        },
        repeated,
        waiting,
        whole_turn: Cursor::idle(rev.saturating_sub(1)).to_string(),
    }
}

fn asked(row: &GenerationRow) -> AskedBeside {
    AskedBeside {
        lane: row.lane,
        generation_id: row.id,
        reply_message_id: row.reply_message_id,
        model_config_id: row.model_config_id,
    }
}

/// Everything that can be told without looking anything up.
pub(super) fn check(send: &Send) -> Result<(), Error> {
    models::check_parameters(&send.parameters)?;
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
