//! What `port::store` and `port::journal` promise, asked of every engine: SQLite always, PostgreSQL when
//! `PARLANCE_TEST_POSTGRES_URL` names a server whose user may create databases.

mod accounts;
mod conversations;
mod drafts;
mod finish;
mod journal;
mod opening;
mod personas;
mod turns;
mod world;
