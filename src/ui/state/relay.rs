//! How the tabs of one browser share one stream: what they say to each other, and who is carried how.
//!
//! HTTP/1.1 gives a browser six connections to a server, and a stream takes one for as long as it lasts. So one tab leads:
//! it holds the stream and passes every line on as it came. The others follow: they announce where they stand, and move
//! on by the lines that they hear. Must not enter: channels, locks and streams themselves (`browser::sse`).

mod desk;
mod note;

pub use desk::{Desk, Verdict};
pub use note::{Note, Want};

/// A tab among those of this browser: a random number.
pub type Tab = u32;
