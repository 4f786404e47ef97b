//! Everything that is tested against the running product, in one binary: one link step.

mod accounts;
mod audit;
mod bad_input;
mod chaos;
mod chat;
mod conversations;
mod crash;
mod doors;
mod factors;
mod faults;
mod harness;
mod house;
mod letters;
mod model;
mod openapi;
mod pages;
mod personas;
mod preferences;
mod providers;
mod pwa;
mod security;
mod start_up;
mod store;
mod stream;
mod vault;
mod waits;
