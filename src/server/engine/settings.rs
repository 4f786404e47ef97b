//! Who the engine is, and how much, how long and how often it may.

use uuid::Uuid;

use super::admission::Limits;
use crate::config::{Automatic, Config, Times};

/// What the composition root decides for the engine.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The installation: the same over restarts.
    pub instance: Uuid,
    /// Whether other processes may work on the same store.
    pub shared: bool,
    pub(super) limits: Limits,
    pub(super) auto_continue: bool,
    pub(super) titles: bool,
    pub(super) summaries: bool,
    pub(super) times: Times,
}

impl Settings {
    /// Takes from the configuration what concerns the engine.
    #[must_use]
    pub fn new(config: &Config, instance: Uuid, shared: bool) -> Self {
        Self {
            instance,
            shared,
            limits: Limits {
                global: config.upstream_permits,
                per_provider: config.provider_permits,
                per_user: config.user_permits,
                queue: config.queue,
                queue_per_user: config.queue_per_user,
            },
            auto_continue: config.auto_continue == Automatic::On,
            titles: config.titles == Automatic::On,
            summaries: config.summaries == Automatic::On,
            times: config.times,
        }
    }
}
