//! Lanes: the same message answered by several models at once, to keep one of the answers.

use serde::{Deserialize, Serialize};

use super::{ActiveGeneration, GenerationFailure, GenerationId, Message, MessageId, ModelConfigId};

/// Which of the replies to one message: [`FIRST`] in every turn, then one number for each model that is asked beside.
pub type Lane = u8;

/// The lane of every turn. It is left out on the wire.
pub const FIRST: Lane = 0;

/// Models that may be asked beside the first one.
pub const BESIDE: usize = 2;

/// Lanes that a turn can have.
pub const LANES: usize = BESIDE + 1;

/// The default lane is left out on the wire.
#[must_use]
pub fn is_first(lane: &Lane) -> bool {
    *lane == FIRST
}

/// How a model fares that was asked beside the first one, as long as the replies are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Beside {
    /// From 1.
    pub lane: Lane,
    /// Which model was asked; `None`: what the server was set up with.
    pub model_config_id: Option<ModelConfigId>,
    /// The stored reply, if there is one.
    pub message: Option<Message>,
    /// The reply being written, with the text that the conversation's `cursor` covers.
    pub active: Option<ActiveGeneration>,
    /// Why there is no reply.
    pub failure: Option<GenerationFailure>,
}

/// A model that a message was taken in for, beside the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedBeside {
    /// From 1.
    pub lane: Lane,
    pub generation_id: GenerationId,
    pub reply_message_id: MessageId,
    /// `None`: what the server was set up with.
    pub model_config_id: Option<ModelConfigId>,
}
