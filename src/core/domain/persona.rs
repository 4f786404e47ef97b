//! A persona: who the model is asked to be.

use serde::{Deserialize, Serialize};

use super::PersonaId;

/// A persona that may be chosen for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Persona {
    pub id: PersonaId,
    /// Stable short name, such as `tech_expert`; accepted wherever the id is.
    pub slug: String,
    pub name: String,
    pub description: String,
    pub system_prompt: String,
    pub avatar_url: Option<String>,
    /// Place in lists, ascending.
    pub sort_order: i32,
}
