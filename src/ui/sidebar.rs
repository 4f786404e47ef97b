//! The sidebar around every page of a signed-in person: their conversations, a new one, and the way out.
//!
//! Must not enter: what a conversation page shows (`chat`).

mod drawer;
mod layout;
mod list;
mod roster;

pub use drawer::{DrawerToggle, NewLink};
pub use layout::ChatLayout;
pub use roster::{RosterHandle, use_roster};
