//! From the form of a model to what the product takes, and back to the form when it was refused. Server only.

use parlance_core::domain::{
    Conversation, ConversationId, FieldCode, ModelConfig, ModelConfigId, ModelDraft, Problem,
    ProblemCode,
};
use parlance_server::service::conversations::Update;

use super::{
    ModelSheet,
    kept::{self, Told},
};
use crate::rpc::{conversations::page::set_status, form, problem::RpcError, session};

/// Name under which a failure is told to scripts.
const FORM: &str = "model";

/// What the form means. A key that was typed before and is held for the same address stands in it afterwards.
///
/// # Errors
/// `validation`.
pub(super) async fn draft(
    id: Option<ModelConfigId>,
    sheet: &mut ModelSheet,
) -> Result<ModelDraft, RpcError> {
    if sheet.held.take().is_some() && sheet.api_key.trim().is_empty() && sheet.drop_key.is_none() {
        let kept = kept::read(id).await.map(|kept| kept.sheet);
        let held = kept.filter(|kept| !kept.api_key.is_empty() && same_place(kept, sheet));
        let Some(held) = held else {
            let problem = Problem::new(ProblemCode::Validation);
            return Err(problem.field("api_key", FieldCode::Required).into());
        };
        sheet.api_key = held.api_key;
    }
    sheet.draft()
}

/// Whether a key that was typed into the one form may be meant by the other.
fn same_place(one: &ModelSheet, other: &ModelSheet) -> bool {
    one.kind == other.kind && one.base_url.trim() == other.base_url.trim()
}

/// Ends a server function of the form: on failure the way leads back to it with all that was typed.
///
/// # Errors
/// The failure that came in.
pub(super) async fn settle(
    id: Option<ModelConfigId>,
    mut sheet: ModelSheet,
    testing: bool,
    outcome: Result<String, RpcError>,
) -> Result<String, RpcError> {
    let refused = match &outcome {
        Err(RpcError(problem)) if form::is_form_request() => {
            // Who is told so and saves again means it.
            if problem.code == ProblemCode::Conflict {
                sheet.seen.clear();
            }
            Told::refused(problem, testing)
        }
        _ => return form::settle(FORM, &kept::page(id), &[], outcome),
    };
    kept::keep(id, sheet, refused).await?;
    form::see_other(&kept::page(id));
    outcome
}

/// A conversation of the viewer's. The page of anything else is a 404.
///
/// # Errors
/// `not_found`.
pub async fn conversation(id: ConversationId) -> Result<Conversation, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    // No change at all answers what there is.
    let read = app.conversations.update(&viewer, id, Update::default());
    read.await.map_err(RpcError::from).inspect_err(set_status)
}

/// A model configuration that the viewer looks after. The page of anything else is a 404.
///
/// # Errors
/// `not_found`.
pub async fn editable(id: ModelConfigId) -> Result<ModelConfig, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let found = app.models.get(&viewer, id).await.map_err(RpcError::from);
    found
        .and_then(|config| {
            if config.editable {
                Ok(config)
            } else {
                nowhere()
            }
        })
        .inspect_err(set_status)
}

/// There is no such page.
///
/// # Errors
/// `not_found`, always.
pub fn nowhere<T>() -> Result<T, RpcError> {
    let nothing = RpcError::from(ProblemCode::NotFound);
    set_status(&nothing);
    Err(nothing)
}
