//! What the sidebar does only once it is asked to: fetched after the page has come to life (`crate::tools`).

use leptos::prelude::*;
use parlance_core::domain::ConversationId;

use super::{acts::Acts, layout, row};

/// The tools of the sidebar.
pub struct Tools {
    /// Keeps the marks of what is read.
    pub(super) read: fn(Acts),
    pub(super) delete: fn(Acts, ConversationId),
    /// The field for another title.
    pub(super) renaming: fn(ConversationId, Acts) -> AnyView,
}

/// All of them.
pub const TOOLS: Tools = Tools {
    read: layout::read_along,
    delete: Acts::delete,
    renaming: row::renaming,
};
