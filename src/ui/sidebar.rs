//! The sidebar around every page of a signed-in person: their conversations, a new one, and the way out.
//!
//! Must not enter: what a conversation page shows (`chat`), Web APIs (`browser::sidebar`).

mod acts;
mod drawer;
mod fold;
mod foot;
mod layout;
mod list;
mod roster;
mod row;
mod tools;

pub use drawer::{DrawerToggle, NewLink};
pub use layout::ChatLayout;
pub use roster::{RosterHandle, use_roster};
pub use tools::{TOOLS, Tools};
