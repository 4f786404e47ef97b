//! The models behind `parlance_server::port::Llm`: providers of four kinds that are asked over HTTP, and the built-in
//! demo. What the four have in common is `wire`; `workshop` makes those that people configure.
//!
//! An adapter asks once and reports what came of it. Retries, budgets and storing belong to the
//! engine and must not enter here.

pub mod agent;
pub mod anthropic;
pub mod demo;
pub mod gemini;
pub mod openai;
#[cfg(test)]
mod tests;
mod wire;
mod workshop;

pub use agent::Agent;
pub use anthropic::Anthropic;
pub use demo::Demo;
pub use gemini::Gemini;
pub use openai::{OpenAi, OpenAiConfig, Prefix};
pub use wire::{Guard, RemoteConfig, SetupError, Timeouts};
pub use workshop::Workshop;
