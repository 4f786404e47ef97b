//! What `port::store`, `port::journal` and `port::bus` promise, asked of every engine: SQLite always, PostgreSQL when
//! `PARLANCE_TEST_POSTGRES_URL` names a server whose user may create databases.

mod accounts;
mod audit;
mod bin;
mod bus;
mod contexts;
mod conversations;
mod drafts;
mod factors;
mod finish;
mod instances;
mod journal;
mod lanes;
mod lists;
mod models;
mod moments;
mod opening;
mod personas;
mod preferences;
mod reading;
mod tree;
mod turns;
mod vault;
mod waiting;
mod world;
