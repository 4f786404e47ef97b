//! Model configurations: which models are asked, where, and how.

pub(super) mod facade;

use axum::{Json as Body, extract::State, http::StatusCode};
use parlance_core::domain::{
    Catalogue, ConnectionTest, ModelConfig, ModelConfigId, ModelDraft, ModelQuota, Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Client, Id, Json, Signed, reshape},
    state::Edge,
};

/// Whose the new configuration is.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Label {
    /// For everybody, which is the admins' to decide.
    shared: bool,
}

/// A configuration to be made.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body, which is read in two steps")]
pub(super) struct ModelBody {
    #[schema(inline)]
    #[serde(flatten)]
    label: Label,
    #[serde(flatten)]
    draft: ModelDraft,
}

/// What a change is meant for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Aim {
    /// As it was read: 409 if somebody has changed the configuration since. Absent: the last one wins.
    updated_at: Option<Timestamp>,
}

/// A configuration as it shall be.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body, which is read in two steps")]
pub(super) struct ModelChangeBody {
    #[schema(inline)]
    #[serde(flatten)]
    aim: Aim,
    #[serde(flatten)]
    draft: ModelDraft,
}

/// The stored configuration that is being changed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Of {
    /// Its key is used if none is given and the address leads to the same server.
    id: Option<ModelConfigId>,
}

/// A configuration to be tried.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body, which is read in two steps")]
pub(super) struct TryBody {
    #[schema(inline)]
    #[serde(flatten)]
    of: Of,
    #[serde(flatten)]
    draft: ModelDraft,
}

/// Lists what can be chosen
///
/// What the server was set up with (its id is all zeros), everybody's, the person's own. Of everybody's only admins see
/// address and key. Of a key only the end is ever shown.
#[utoipa::path(
    get, path = "/models", tag = "models", security(("session" = [])),
    responses((status = 200, description = "All of them, and how many the person may have", body = Catalogue), Refusals)
)]
pub(super) async fn list_models(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Catalogue>, Fault> {
    Ok(Body(edge.app.models.list(&viewer).await?))
}

/// Tells whether another one may be made
#[utoipa::path(
    post, path = "/models/can_create", tag = "models", security(("session" = [])),
    responses((status = 200, description = "How many there are, and may be", body = ModelQuota), Refusals)
)]
pub(super) async fn can_create_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<ModelQuota>, Fault> {
    Ok(Body(edge.app.models.quota(&viewer).await?))
}

/// Makes a model configuration
#[utoipa::path(
    post, path = "/models", tag = "models", security(("session" = [])), request_body = ModelBody,
    responses(
        (status = 201, description = "The configuration", body = ModelConfig),
        (status = 403, description = "`model_limit`: the group allows no further; `endpoint_blocked`; \
            only an admin makes some for everybody"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn create_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<(StatusCode, Body<ModelConfig>), Fault> {
    // In two steps: flattened into one, unknown members would be passed over.
    let label: Label = reshape(body.remove_entry("shared").into_iter().collect())?;
    let draft = reshape(body)?;
    let models = &edge.app.models;
    let made = models.create(&viewer, draft, label.shared, &client);
    Ok((StatusCode::CREATED, Body(made.await?)))
}

/// Reads a model configuration
#[utoipa::path(
    get, path = "/models/{id}", tag = "models", security(("session" = [])),
    params(("id" = ModelConfigId, Path, description = "The configuration")),
    responses((status = 200, description = "The configuration", body = ModelConfig), Refusals)
)]
pub(super) async fn get_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ModelConfigId>,
) -> Result<Body<ModelConfig>, Fault> {
    Ok(Body(edge.app.models.get(&viewer, id).await?))
}

/// Writes a model configuration anew
///
/// All of it: what is left out is as if it had never been set. Only a key that is left out stays, and only as long as the
/// address leads to the same server; an empty one is removed.
#[utoipa::path(
    put, path = "/models/{id}", tag = "models", security(("session" = [])), request_body = ModelChangeBody,
    params(("id" = ModelConfigId, Path, description = "The configuration")),
    responses(
        (status = 200, description = "The configuration", body = ModelConfig),
        (status = 403, description = "It is everybody's, and this is no admin; `endpoint_blocked`"),
        (status = 409, description = "Somebody has changed it since `updated_at`, or does so at this moment"),
        (status = 422, description = "Some fields need a change; `api_key` is required for another server"),
        Refusals,
    )
)]
pub(super) async fn update_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Id(id): Id<ModelConfigId>,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Body<ModelConfig>, Fault> {
    let aim: Aim = reshape(body.remove_entry("updated_at").into_iter().collect())?;
    let draft = reshape(body)?;
    let models = &edge.app.models;
    let changed = models.update(&viewer, id, draft, aim.updated_at, &client);
    Ok(Body(changed.await?))
}

/// Deletes a model configuration
///
/// Conversations that chose it ask nobody until another is chosen.
#[utoipa::path(
    delete, path = "/models/{id}", tag = "models", security(("session" = [])),
    params(("id" = ModelConfigId, Path, description = "The configuration")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "It is everybody's, and this is no admin"),
        Refusals,
    )
)]
pub(super) async fn delete_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Id(id): Id<ModelConfigId>,
) -> Result<StatusCode, Fault> {
    edge.app.models.delete(&viewer, &[id], &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the provider of a configuration for its models
///
/// What came of it is told as a code alone.
#[utoipa::path(
    post, path = "/models/{id}/test", tag = "models", security(("session" = [])),
    params(("id" = ModelConfigId, Path, description = "The configuration")),
    responses(
        (status = 200, description = "It answers", body = ConnectionTest),
        (status = 502, description = "`upstream_connect`, `upstream_auth`, …: it does not, or not so"),
        Refusals,
    )
)]
pub(super) async fn test_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<ModelConfigId>,
) -> Result<Body<ConnectionTest>, Fault> {
    Ok(Body(edge.app.models.test(&viewer, id).await?))
}

/// The same for a configuration that is not stored, or not yet so
#[utoipa::path(
    post, path = "/models/test", tag = "models", security(("session" = [])), request_body = TryBody,
    responses(
        (status = 200, description = "It answers", body = ConnectionTest),
        (status = 403, description = "`endpoint_blocked`: the address is not allowed; `model_limit`"),
        (status = 422, description = "Some fields need a change"),
        (status = 502, description = "`upstream_connect`, `upstream_auth`, …: it does not, or not so"),
        Refusals,
    )
)]
pub(super) async fn try_model(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Body<ConnectionTest>, Fault> {
    let of: Of = reshape(body.remove_entry("id").into_iter().collect())?;
    // Who wants to know what there is has nothing to call it by yet.
    body.entry("name").or_insert_with(|| "-".into());
    let draft = reshape(body)?;
    Ok(Body(edge.app.models.try_out(&viewer, draft, of.id).await?))
}
