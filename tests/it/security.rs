//! What must hold against other sites, other people and text that wants to be more than text: the rows of the security
//! checklist, each test named by its row.
//!
//! `authentication` and `hashing` E1, `sessions` and `csrf` E2, `authorization` and `owner` E3, `rendering`, `headers`,
//! `markup` and `sanitiser` E5, `abuse` and `log` E7 and what the log makes of it, `privacy` E8; `egress`, `sealing`
//! and `canary` are E4's 36 to 43, 45 and 46.

mod abuse;
mod authentication;
mod authorization;
mod canary;
mod csrf;
mod egress;
mod hashing;
mod headers;
mod log;
mod markup;
mod owner;
mod privacy;
mod rendering;
mod routes;
mod sanitiser;
mod sealing;
mod sessions;
