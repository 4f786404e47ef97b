//! Every time-out of the product, so that tests may run at a tenth of them.

use std::time::Duration;

use super::Taker;

/// Durations; each key is given in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// TCP and TLS to the provider.
    pub upstream_connect: Duration,
    /// From the request to the first text; longer for models that think.
    pub upstream_first_byte: Duration,
    /// Without text for so long, viewers are told that the model is silent.
    pub upstream_stall_notice: Duration,
    /// Silence within a reply that ends it.
    pub upstream_gap: Duration,
    /// A whole reply.
    pub generation: Duration,
    /// Before the first repetition, at most; each further may take twice as long.
    pub retry_base: Duration,
    /// A provider that wants to be left alone for longer than this is not asked again.
    pub retry_after_longest: Duration,
    /// How long a provider that keeps failing is left alone.
    pub breaker_open: Duration,
    /// Between two signs of life on a stream.
    pub stream_heartbeat: Duration,
    /// A stream is renewed after this, give or take a fifth.
    pub stream_rotate: Duration,
    /// Without a commit for so long the replies that wait are given up.
    pub journal_patience: Duration,
    /// What replies get to finish when the process is asked to end.
    pub drain: Duration,
    /// How long an ended reply stays in memory.
    pub linger: Duration,
    /// Between two heartbeats of an instance, and two looks at the others.
    pub instance_beat: Duration,
    /// An instance that was not heard of for so long is dead.
    pub instance_ttl: Duration,
    /// A reply that took at least so long is told of by push when it ends unseen.
    pub push_after: Duration,
    /// Between two looks at what another instance writes, when no hint comes.
    pub poll: Duration,
}

impl Times {
    pub(super) fn take(take: &mut Taker) -> Self {
        Self {
            upstream_connect: take.time("PARLANCE_UPSTREAM_CONNECT_MS", 10_000),
            upstream_first_byte: take.time("PARLANCE_UPSTREAM_FIRST_BYTE_MS", 60_000),
            upstream_stall_notice: take.time("PARLANCE_UPSTREAM_STALL_NOTICE_MS", 10_000),
            upstream_gap: take.time("PARLANCE_UPSTREAM_GAP_MS", 45_000),
            generation: take.time("PARLANCE_GENERATION_MS", 900_000),
            retry_base: take.time("PARLANCE_RETRY_BASE_MS", 500),
            retry_after_longest: take.time("PARLANCE_RETRY_AFTER_LONGEST_MS", 60_000),
            breaker_open: take.time("PARLANCE_BREAKER_OPEN_MS", 30_000),
            stream_heartbeat: take.time("PARLANCE_STREAM_HEARTBEAT_MS", 10_000),
            stream_rotate: take.time("PARLANCE_STREAM_ROTATE_MS", 600_000),
            journal_patience: take.time("PARLANCE_JOURNAL_PATIENCE_MS", 45_000),
            drain: take.time("PARLANCE_DRAIN_MS", 25_000),
            linger: take.time("PARLANCE_LINGER_MS", 60_000),
            instance_beat: take.time("PARLANCE_INSTANCE_BEAT_MS", 2_000),
            instance_ttl: take.time("PARLANCE_INSTANCE_TTL_MS", 10_000),
            push_after: take.time("PARLANCE_PUSH_AFTER_MS", 20_000),
            poll: take.time("PARLANCE_POLL_MS", 500),
        }
    }
}
