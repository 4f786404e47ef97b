//! The models behind `parlance_server::port::Llm`: any provider that speaks OpenAI's chat format, and
//! the built-in demo.
//!
//! An adapter asks once and reports what came of it. Retries, budgets and storing belong to the
//! engine and must not enter here.

pub mod demo;
pub mod openai;

pub use demo::Demo;
pub use openai::{OpenAi, OpenAiConfig, Prefix, SetupError, Timeouts};
