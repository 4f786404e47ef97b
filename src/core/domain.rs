//! What Parlance talks about. One file a noun; plain data with public fields.

pub mod api_key;
pub mod context;
pub mod conversation;
pub mod cursor;
pub mod device;
pub mod digest;
pub mod event;
pub mod factor;
pub mod generation;
pub mod group;
pub mod id;
pub mod lane;
pub mod limits;
pub mod message;
pub mod model;
pub mod persona;
pub mod preferences;
pub mod problem;
pub mod timestamp;
pub mod usage;
pub mod user;

pub use api_key::ApiKey;
pub use context::{ContextDraft, ConversationContext, Fate, NamedContext, Outlook, OutlookMessage};
pub use conversation::{
    Branch, Conversation, ConversationPage, ConversationSort, ConversationStatus, MessagePage,
    OpenConversation, WhenBusy,
};
pub use cursor::{Cursor, Position, ShortId};
pub use device::{Device, DeviceKind};
pub use event::{Bye, ByeReason, Event, Hello, MessageEvent, Resume, StatusEvent};
pub use factor::{Enrolment, FactorState};
pub use generation::{
    ActiveGeneration, GenerationFailure, GenerationKind, GenerationStatus, Part, PartText, Stopped,
};
pub use group::{Group, GroupLimits};
pub use id::{
    ApiKeyId, ContextId, ConversationId, GenerationId, MessageId, ModelConfigId, PersonaId,
    SessionId, UserId,
};
pub use lane::{AskedBeside, Beside, Lane};
pub use message::{Accepted, Message, MessageStatus, Role};
pub use model::{
    Catalogue, ConnectionTest, Effort, ModelConfig, ModelDraft, ModelKind, ModelPreset, ModelQuota,
    Parameters, Prices,
};
pub use persona::{AppPreset, Character, Choice, Persona, PresetMessage};
pub use preferences::{Preferences, PreferencesChange};
pub use problem::{FieldCode, FieldProblem, Problem, ProblemCode};
pub use timestamp::Timestamp;
pub use usage::Usage;
pub use user::User;
