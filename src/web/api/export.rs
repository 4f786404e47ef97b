//! Taking everything along.

use axum::{body::Body, extract::State, http::header, response::IntoResponse};
use parlance_server::service::Error;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Client, Signed},
    state::Edge,
};

const NAME: &str = "attachment; filename=\"parlance-export.json\"";

/// Brings everything that the account holds
///
/// Account, settings, the person's own personas, contexts and model configurations (of a key its end alone), and all
/// conversations with all their messages, as one JSON document for keeping; those in the bin have a `deleted_at`. It is sent
/// while it is read: where that fails, the connection breaks.
#[utoipa::path(
    get, path = "/account/export", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "The document", content_type = "application/json"),
        (status = 403, description = "`forbidden`: not for API keys"),
        (status = 429, description = "`rate_limited`: one at a time"),
        Refusals,
    )
)]
pub(super) async fn export_account(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
) -> Result<impl IntoResponse, Fault> {
    let export = match edge.app.exports.begin(&viewer, &client).await {
        Err(busy @ Error::Later(..)) => {
            return Err(Fault::from(busy).detail("Another export of this account is under way."));
        }
        begun => begun?,
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, NAME),
    ];
    Ok((headers, Body::from_stream(export)))
}
