//! Reading stretches, and how much of a conversation its page begins with.

use parlance_core::domain::{ConversationId, Message, MessageId, OpenConversation};
use parlance_server::{App, service::Viewer};

use crate::{
    rpc::{
        conversations::page::{Eyes, turns},
        problem::RpcError,
    },
    state::window::{Side, Stretch},
};

/// Messages that a step to one side brings.
const STEP: u32 = 20;
/// Messages on each side of one that was asked for.
const AROUND: (u32, u32) = (8, 10);
/// What a page begins with: what fills a screen comes with the first HTML, the rest when it is wanted.
const FIRST: Room = Room {
    messages: 10,
    bytes: 6 * 1024,
};
/// What a page shows of the end when it begins elsewhere: enough to go on from.
const BEHIND: Room = Room {
    messages: 4,
    bytes: 2 * 1024,
};
/// Bytes of a page of an earlier stretch.
const PAST_BYTES: usize = 24 * 1024;

/// How much of a stretch is taken.
#[derive(Clone, Copy)]
struct Room {
    messages: usize,
    /// Of text. Each travels as text, as HTML and as HTML in the data for the scripts.
    bytes: usize,
}

impl Room {
    /// How many of the messages, from the last on, find room. The last two always do: a question and its reply.
    fn take(self, messages: &[Message]) -> usize {
        let mut bytes = 0;
        let mut count = 0;
        let fits = |message: &&Message| {
            bytes += message.content.len() + message.reasoning.as_ref().map_or(0, String::len);
            count += 1;
            count <= 2 || (count <= self.messages && bytes <= self.bytes)
        };
        messages.iter().rev().take_while(fits).count()
    }

    fn cut(self, messages: &mut Vec<Message>, earlier: &mut bool) {
        let out = messages.len() - self.take(messages);
        *earlier |= out > 0;
        messages.drain(..out);
    }
}

/// Leaves what a page begins with.
pub(in crate::rpc) fn cut_to_first(open: &mut OpenConversation) {
    FIRST.cut(&mut open.messages, &mut open.earlier);
}

/// Leaves what a page needs of the end when it begins elsewhere.
pub(in crate::rpc) fn cut_to_end(open: &mut OpenConversation) {
    BEHIND.cut(&mut open.messages, &mut open.earlier);
}

/// Puts the stretch before a message in place of the end.
pub(in crate::rpc) async fn go_back(
    app: &App,
    viewer: &Viewer,
    open: &mut OpenConversation,
    before: MessageId,
) -> Result<(), RpcError> {
    let id = open.conversation.id;
    let read = app.messages.earlier(viewer, id, before, Some(STEP)).await?;
    (open.messages, open.branches) = (read.items, read.branches);
    open.earlier = read.earlier;
    let room = Room {
        messages: STEP as usize,
        bytes: PAST_BYTES,
    };
    room.cut(&mut open.messages, &mut open.earlier);
    (open.active, open.failure) = (None, None);
    Ok(())
}

/// A message with those around it.
pub(in crate::rpc) async fn around(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    message: MessageId,
    eyes: &Eyes,
) -> Result<Stretch, RpcError> {
    let (before, after) = AROUND;
    let read = app
        .messages
        .around(viewer, id, message, before, after)
        .await?;
    Ok(Stretch {
        turns: turns(read.page.items, read.page.branches, eyes).await?,
        earlier: read.page.earlier,
        later: read.later,
        message: Some(message),
        astray: !read.on_path,
    })
}

/// What comes before or after a message.
pub(super) async fn beside(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    message: MessageId,
    side: Side,
    eyes: &Eyes,
) -> Result<Stretch, RpcError> {
    if side == Side::Above {
        let read = app
            .messages
            .earlier(viewer, id, message, Some(STEP))
            .await?;
        return Ok(Stretch {
            turns: turns(read.items, read.branches, eyes).await?,
            earlier: read.earlier,
            later: true,
            ..Stretch::default()
        });
    }
    let read = app.messages.around(viewer, id, message, 0, STEP).await?;
    let mut items = read.page.items;
    items.retain(|item| item.id != message);
    Ok(Stretch {
        turns: turns(items, read.page.branches, eyes).await?,
        earlier: true,
        later: read.later,
        message: None,
        astray: !read.on_path,
    })
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{MessageStatus, Role, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn messages(bytes: &[usize]) -> Vec<Message> {
        let message = |bytes: &usize| Message {
            id: MessageId(Uuid::nil()),
            conversation_id: ConversationId(Uuid::nil()),
            parent_id: None,
            continues_message_id: None,
            role: Role::User,
            content: "x".repeat(*bytes),
            reasoning: None,
            status: MessageStatus::Completed,
            finish_reason: None,
            error: None,
            model: None,
            persona_id: None,
            usage: None,
            first_token_ms: None,
            response_ms: None,
            created_at: Timestamp(0),
        };
        bytes.iter().map(message).collect()
    }

    #[test]
    fn a_page_begins_with_what_fills_a_screen() {
        let left = |bytes: &[usize]| {
            let (mut messages, mut earlier) = (messages(bytes), false);
            FIRST.cut(&mut messages, &mut earlier);
            (messages.len(), earlier)
        };
        assert_eq!(left(&[]), (0, false));
        assert_eq!(left(&[10; 10]), (10, false));
        assert_eq!(left(&[10; 11]), (10, true));
        assert_eq!(left(&[10, 5_000, 1_000, 200]), (2, true));
        assert_eq!(left(&[100, 5_000, 1_000, 100]), (3, true));
        assert_eq!(left(&[200_000, 200_000, 200_000]), (2, true));
    }
}
