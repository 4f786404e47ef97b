//! What must hold against other sites, other people and text that wants to be more than text.

mod csrf;
mod headers;
mod log;
mod markup;
mod owner;
