//! The conversation page and the page that begins one.
//!
//! Must not enter: Web APIs (they are in `browser`), how a stream is kept (`browser::sse`), rules of the product.

mod acts;
mod announcer;
mod body;
mod composer;
mod connection;
mod conversation;
mod earlier;
mod edit;
mod greeting;
mod integrity;
mod live_reply;
mod personas;
mod send;
mod thread;
mod turn;

pub use conversation::ConversationPage;
pub use greeting::NewConversation;
