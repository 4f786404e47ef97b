//! Reading stretches, and how much of a conversation its page begins with.

use parlance_core::domain::{ConversationId, Message, MessageId, MessagePage, OpenConversation};
use parlance_server::{
    App,
    service::{Viewer, messages::Surroundings},
};

use crate::{
    rpc::{
        conversations::page::{Eyes, turns},
        problem::RpcError,
        window::Place,
    },
    state::window::{Side, Stretch},
};

/// Messages that a step to one side brings.
const STEP: u32 = 20;
/// Messages on each side of one that was asked for.
const AROUND: (u32, u32) = (8, 10);
/// What a page begins with: what fills a screen comes with the first HTML, the rest when it is wanted.
const FIRST: Room = Room {
    messages: 8,
    bytes: 6 * 1024,
};
/// What a page shows of the end when it begins elsewhere: enough to go on from.
const BEHIND: Room = Room {
    messages: 4,
    bytes: 2 * 1024,
};
/// A page of an earlier stretch.
const PAST: Room = Room {
    messages: STEP as usize,
    bytes: 24 * 1024,
};

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

/// What a page shows that does not begin with the end of the path.
pub(in crate::rpc) enum Elsewhere {
    /// It does.
    Nowhere,
    /// The stretch before a message, in the place of the end.
    Before(MessageId, MessagePage),
    /// A message with those around it. One that is not there is no reason to show nothing.
    Around(MessageId, Option<Surroundings>),
}

/// Reads what is to be shown of `place`.
pub(in crate::rpc) async fn elsewhere(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    place: Option<Place>,
) -> Result<Elsewhere, RpcError> {
    Ok(match place {
        None => Elsewhere::Nowhere,
        Some(Place::Before(before)) => {
            let read = app.messages.earlier(viewer, id, before, Some(STEP));
            Elsewhere::Before(before, read.await?)
        }
        Some(Place::Around(message)) => {
            let (before, after) = AROUND;
            let read = app.messages.around(viewer, id, message, before, after);
            Elsewhere::Around(message, read.await.ok())
        }
    })
}

impl Elsewhere {
    /// Leaves of `open` what such a page needs of it; which page it is, and the stretch that is beside the end.
    ///
    /// # Errors
    /// `internal` when the renderer dies.
    pub(in crate::rpc) async fn show(
        self,
        open: &mut OpenConversation,
        eyes: &Eyes,
    ) -> Result<(Option<MessageId>, Option<Stretch>), RpcError> {
        match self {
            Self::Nowhere => {
                FIRST.cut(&mut open.messages, &mut open.earlier);
                Ok((None, None))
            }
            Self::Before(before, read) => {
                (open.messages, open.branches) = (read.items, read.branches);
                open.earlier = read.earlier;
                PAST.cut(&mut open.messages, &mut open.earlier);
                (open.active, open.failure) = (None, None);
                Ok((Some(before), None))
            }
            Self::Around(message, read) => {
                BEHIND.cut(&mut open.messages, &mut open.earlier);
                match read {
                    Some(read) => Ok((None, Some(stretch(message, read, eyes).await?))),
                    None => Ok((None, None)),
                }
            }
        }
    }
}

/// A message with those around it.
pub(super) async fn around(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    message: MessageId,
    eyes: impl Future<Output = Result<Eyes, RpcError>>,
) -> Result<Stretch, RpcError> {
    let (before, after) = AROUND;
    let read = app.messages.around(viewer, id, message, before, after);
    let (read, eyes) = futures::join!(read, eyes);
    stretch(message, read?, &eyes?).await
}

async fn stretch(message: MessageId, read: Surroundings, eyes: &Eyes) -> Result<Stretch, RpcError> {
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
    eyes: impl Future<Output = Result<Eyes, RpcError>>,
) -> Result<Stretch, RpcError> {
    if side == Side::Above {
        let read = app.messages.earlier(viewer, id, message, Some(STEP));
        let (read, eyes) = futures::join!(read, eyes);
        let read = read?;
        return Ok(Stretch {
            turns: turns(read.items, read.branches, &eyes?).await?,
            earlier: read.earlier,
            later: true,
            ..Stretch::default()
        });
    }
    let read = app.messages.around(viewer, id, message, 0, STEP);
    let (read, eyes) = futures::join!(read, eyes);
    let read = read?;
    let mut items = read.page.items;
    items.retain(|item| item.id != message);
    Ok(Stretch {
        turns: turns(items, read.page.branches, &eyes?).await?,
        earlier: true,
        later: read.later,
        message: None,
        astray: !read.on_path,
    })
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{Role, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn messages(bytes: &[usize]) -> Vec<Message> {
        let message = |bytes: &usize| {
            let (conversation, id) = (ConversationId(Uuid::nil()), MessageId(Uuid::nil()));
            let content = "x".repeat(*bytes);
            Message::said(conversation, id, Role::User, content, Timestamp(0))
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
        assert_eq!(left(&[10; 8]), (8, false));
        assert_eq!(left(&[10; 9]), (8, true));
        assert_eq!(left(&[10, 5_000, 1_000, 200]), (2, true));
        assert_eq!(left(&[100, 5_000, 1_000, 100]), (3, true));
        assert_eq!(left(&[200_000, 200_000, 200_000]), (2, true));
    }
}
