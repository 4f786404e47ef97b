//! A real server process, a real provider behind it, and clients that speak HTTP to it.

pub mod browser;
pub mod database;
pub mod events;
pub mod intruder;
pub mod page;
pub mod problem;
pub mod server;
pub mod smtp;
pub mod totp;

pub use browser::Browser;
pub use database::{Database, Engine};
pub use events::Events;
pub use page::{Form, Page};
pub use problem::{fields, header, problem, refused};
pub use server::Server;

/// Writes a test once and runs it on SQLite and on PostgreSQL. The body gets the engine.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)*) => { $(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($engine: Engine) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                body($crate::harness::Engine::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if $crate::harness::Engine::postgres_is_there() {
                    body($crate::harness::Engine::Postgres).await;
                }
            }
        }
    )* };
}
pub(crate) use on_both;
