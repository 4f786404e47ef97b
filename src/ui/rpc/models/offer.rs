//! What the control of a page offers: read beside the page itself, so that the control stands in the first HTML. Server
//! only.

use leptos::prelude::*;
use parlance_core::domain::{Conversation, ConversationId, ModelConfig, ModelConfigId};
use parlance_server::{App, service::Viewer};

use crate::rpc::{problem::RpcError, session};

/// The models to choose from, and which one is chosen.
#[derive(Clone)]
pub struct Offer {
    /// `None`: on the page where one begins.
    pub conversation: Option<ConversationId>,
    /// May be gone.
    pub chosen: ModelConfigId,
    /// Asked side by side with it; they may be gone, too.
    pub beside: Vec<ModelConfigId>,
    pub items: Vec<ModelConfig>,
}

/// Where a page finds the offer that was read with it.
#[derive(Clone, Copy)]
struct Place(StoredValue<Option<Offer>>);

/// Makes the place for all that is read and shown below. Call it while the page is being built.
pub fn provide_place() {
    provide_context(Place(StoredValue::new(None)));
}

/// Reads what there is to choose from if a page is being made. Without it the page has no control, and is a good page
/// otherwise; what went wrong stands in the log.
pub async fn items(app: &App, viewer: &Viewer) -> Option<Vec<ModelConfig>> {
    use_context::<Place>()?;
    let items = app.models.choices(viewer).await;
    items.map_err(RpcError::from).ok()
}

/// Keeps these for the page of this conversation, or of a new one.
pub fn note(choice: Option<Choice>, items: Option<Vec<ModelConfig>>) {
    if let (Some(Place(place)), Some(items)) = (use_context::<Place>(), items) {
        place.try_set_value(Some(Offer::new(choice, items)));
    }
}

/// The offer that was read with this page.
#[must_use]
pub fn noted() -> Option<Offer> {
    use_context::<Place>().and_then(|Place(place)| place.try_get_value().flatten())
}

/// The offer of this conversation, or of a new one.
///
/// # Errors
/// `unauthenticated`; storage.
pub async fn of(conversation: Option<&Conversation>) -> Result<Offer, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let items = app.models.choices(&viewer).await?;
    Ok(Offer::new(conversation.map(choice), items))
}

/// A conversation, and what it has chosen.
pub type Choice = (ConversationId, Option<ModelConfigId>, Vec<ModelConfigId>);

/// What a conversation has chosen.
#[must_use]
pub fn choice(conversation: &Conversation) -> Choice {
    (
        conversation.id,
        conversation.model_config_id,
        conversation.compare_with.clone(),
    )
}

impl Offer {
    fn new(choice: Option<Choice>, items: Vec<ModelConfig>) -> Self {
        let (id, chosen, beside) = match choice {
            Some((id, chosen, beside)) => (Some(id), chosen, beside),
            None => Default::default(),
        };
        Self {
            conversation: id,
            chosen: chosen.unwrap_or(ModelConfigId::INSTALLATION),
            beside,
            items,
        }
    }
}
