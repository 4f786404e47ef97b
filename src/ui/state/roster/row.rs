//! One row of the list, on the wire and on the screen.

use parlance_core::domain::{ConversationId, event::ConversationEvent};
use serde::{Deserialize, Serialize};

/// What the list knows of a conversation; the rest is read when it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Row {
    pub id: ConversationId,
    /// Empty when it has none.
    pub title: String,
    pub rev: u64,
    /// When it was used last, microseconds since the Unix epoch.
    pub updated_at: i64,
    /// The heading that it stands under, in the viewer's language and time zone; empty for today.
    pub day: String,
    /// Something was said since the person saw it last.
    pub unread: bool,
    /// Whether a reply was being written when the page was read. Afterwards the events tell.
    pub running: bool,
}

/// A row as it travels, in the order of [`Row`]'s fields: fifty of them are in every page, so the names stay at home.
type Wire = (ConversationId, String, u64, i64, String, bool, bool);

impl From<Wire> for Row {
    fn from((id, title, rev, updated_at, day, unread, running): Wire) -> Self {
        Self {
            id,
            title,
            rev,
            updated_at,
            day,
            unread,
            running,
        }
    }
}

impl From<Row> for Wire {
    fn from(row: Row) -> Self {
        (
            row.id,
            row.title,
            row.rev,
            row.updated_at,
            row.day,
            row.unread,
            row.running,
        )
    }
}

impl From<&ConversationEvent> for Row {
    fn from(event: &ConversationEvent) -> Self {
        Self {
            id: event.id,
            title: event.title.clone(),
            rev: event.rev,
            updated_at: event.updated_at.0,
            day: String::new(),
            unread: event.head.is_some() && event.generation_id.is_none(),
            running: event.generation_id.is_some(),
        }
    }
}

/// A page of the list, last used first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterPage {
    pub rows: Vec<Row>,
    /// Opaque; `None` on the last page.
    pub next: Option<String>,
}

/// All that is shown of a row. What is equal need not be painted again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Face {
    pub title: String,
    /// The heading above it, when it is the first of its day; empty for today.
    pub day: Option<String>,
    pub running: bool,
    pub unread: bool,
}
