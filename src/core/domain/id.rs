//! Identifiers: UUIDv7 (RFC 9562 §5.7) in a newtype each, so that one cannot stand for another.
//!
//! Minting needs time and randomness and is therefore a port (`server::port::clock`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A person with an account.
    UserId
);
id!(
    /// One signed-in browser or API client.
    SessionId
);
id!(
    /// A key with which programs act for a person.
    ApiKeyId
);
id!(
    /// A conversation.
    ConversationId
);
id!(
    /// A message; a reply's id is reserved when its generation begins.
    MessageId
);
id!(
    /// One run of a model. Public: knowing it gives no right to it.
    GenerationId
);
id!(
    /// A persona.
    PersonaId
);
id!(
    /// A model configuration.
    ModelConfigId
);
id!(
    /// A named context.
    ContextId
);
