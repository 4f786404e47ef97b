//! How often may be asked, by whom and for what; how often may be guessed; how long a body may take.

use std::time::Duration;

use super::Taker;

/// Limits against too much at once. The defaults are far above what people do.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of one client address (an IPv6 /64 counts as one).
    pub address: PerMinute,
    /// Of one person, all their devices and keys together.
    pub user: PerMinute,
    pub tries: Tries,
    /// From the first byte of a request's body to the last.
    pub body: Duration,
}

/// Requests in a minute, by what they are for. All of them may come at once.
#[derive(Clone, Copy, Debug)]
pub struct PerMinute {
    /// Whatever costs a password hash or a letter: registering, signing in, resetting.
    pub entrance: u32,
    /// Whatever makes a model write.
    pub sends: u32,
    /// Every other change.
    pub writes: u32,
    pub reads: u32,
    /// Streams and sockets that are opened.
    pub streams: u32,
}

/// Wrong passwords and codes in a minute.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// At one account from one subnet; after them each further one waits longer.
    pub account: u32,
    /// From one address.
    pub address: u32,
    /// From one subnet (IPv4 /24, IPv6 /48).
    pub subnet: u32,
}

impl Rates {
    pub(super) fn take(take: &mut Taker) -> Self {
        // Many people may share an address: an office, a school, a proxy that nobody listed.
        let address = PerMinute {
            entrance: count(take, "PARLANCE_RATE_ADDRESS_ENTRANCE", 60),
            sends: count(take, "PARLANCE_RATE_ADDRESS_SENDS", 1_200),
            writes: count(take, "PARLANCE_RATE_ADDRESS_WRITES", 3_000),
            reads: count(take, "PARLANCE_RATE_ADDRESS_READS", 12_000),
            // After a deploy everybody behind it comes back within seconds, each with a stream or two.
            streams: count(take, "PARLANCE_RATE_ADDRESS_STREAMS", 6_000),
        };
        let user = PerMinute {
            entrance: count(take, "PARLANCE_RATE_USER_ENTRANCE", 30),
            sends: count(take, "PARLANCE_RATE_USER_SENDS", 120),
            writes: count(take, "PARLANCE_RATE_USER_WRITES", 600),
            reads: count(take, "PARLANCE_RATE_USER_READS", 1_800),
            streams: count(take, "PARLANCE_RATE_USER_STREAMS", 300),
        };
        let tries = Tries {
            account: count(take, "PARLANCE_TRIES_ACCOUNT", 5),
            address: count(take, "PARLANCE_TRIES_ADDRESS", 20),
            subnet: count(take, "PARLANCE_TRIES_SUBNET", 100),
        };
        Self {
            address,
            user,
            tries,
            body: take.time("PARLANCE_BODY_MS", 30_000),
        }
    }
}

fn count(take: &mut Taker, key: &str, default: u32) -> u32 {
    u32::try_from(take.count(key, default as usize)).unwrap_or(default)
}
