//! `port::bus` where one process alone opens the data. With a database that several processes share, the
//! database carries the hints, which is why buses live in this room: see `postgres/bus`.

use futures::{StreamExt, stream::BoxStream};
use parlance_server::port::bus::{Bus, Hint};

/// There is nobody to give hints to, and nobody who gives any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Bus for Alone {
    fn publish(&self, _hints: &[Hint]) {}

    fn hints(&self) -> BoxStream<'static, Hint> {
        futures::stream::pending().boxed()
    }
}
