//! The engine on a memory, with a scripted model and time that is turned by hand.

mod instances;
mod lifecycle;
mod memory;
mod model;
mod policy;
mod store;
mod world;
