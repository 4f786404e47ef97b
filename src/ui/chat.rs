//! The conversation page and the page that begins one.
//!
//! Must not enter: Web APIs (they are in `browser`), how a stream is kept (`browser::sse`), rules of the product.

mod acts;
mod announcer;
mod body;
mod compare;
mod composer;
mod connection;
mod conversation;
mod copying;
mod details;
mod drafts;
mod drop;
mod earlier;
mod edit;
mod ending;
mod find;
mod greeting;
mod integrity;
mod live_reply;
mod model;
mod opening;
mod outbox;
mod personas;
mod place;
mod queue;
mod reasoning;
mod saying;
mod send;
mod speaker;
mod thread;
mod tools;
mod turn;
mod window;

#[cfg(feature = "ssr")]
pub(crate) use composer::initial;
pub use conversation::ConversationPage;
pub use greeting::NewConversation;
pub use tools::{TOOLS, Tools};
