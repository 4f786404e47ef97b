//! The same in the words of other front ends: POST alone, and the id in the body.

use axum::{Json as Body, extract::State};
use parlance_core::domain::{
    ConversationId, FieldCode, ModelConfig, ModelConfigId, ModelDraft, ModelKind,
};
use parlance_server::service::{Error, conversations::Create};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::web::{
    api::{chat::params, refusals::Refusals},
    error::Fault,
    extract::{Client, Json, JsonIfAny, Signed},
    state::Edge,
};

/// The configurations that a person can choose from.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct Configs {
    success: bool,
    model_configs: Vec<ModelConfig>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct Config {
    success: bool,
    model_config: ModelConfig,
}

/// Whether another one may be made.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct CanCreate {
    success: bool,
    can_create: bool,
}

/// Done.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct Gone {
    success: bool,
}

/// A conversation that was made.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct Begun {
    success: bool,
    conversation_id: ConversationId,
}

/// How many there are, as the caller counts; the server counts for itself.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct CountBody {
    /// Not read.
    #[serde(alias = "current_count", alias = "model_config_count", alias = "num")]
    #[allow(dead_code, reason = "described and taken, without effect")]
    count: Option<Value>,
}

/// A configuration in a body.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct ConfigBody {
    /// To update one: which.
    id: Option<ModelConfigId>,
    name: Option<String>,
    kind: Option<ModelKind>,
    /// Empty: the provider's own.
    #[serde(alias = "base_url", alias = "model_url")]
    url: Option<String>,
    #[serde(alias = "model_name")]
    model: Option<String>,
    /// Empty: none.
    #[serde(alias = "model_api_key", alias = "key")]
    #[schema(write_only)]
    api_key: Option<String>,
    /// Parameters; what is none of ours goes to the provider as it is.
    #[serde(alias = "parameters", alias = "model_params")]
    params: Option<Map<String, Value>>,
}

/// Configurations to be deleted.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct IdsBody {
    /// At most 100.
    #[schema(required = true)]
    ids: Option<Vec<ModelConfigId>>,
}

/// A conversation to be made.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web::api) struct ChoiceBody {
    /// Absent: what the server was set up with.
    #[serde(alias = "modelConfigId")]
    model_config_id: Option<ModelConfigId>,
}

const NAMES: &[(&str, &str)] = &[("base_url", "url")];

impl ConfigBody {
    /// What is left out stays as it is in `old`.
    fn over(self, old: ModelDraft) -> Result<ModelDraft, Fault> {
        Ok(ModelDraft {
            name: self.name.unwrap_or(old.name),
            kind: self.kind.unwrap_or(old.kind),
            base_url: self.url.or(old.base_url),
            model: self.model.unwrap_or(old.model),
            api_key: self.api_key,
            parameters: match self.params {
                Some(given) => params(given)?,
                None => old.parameters,
            },
            context_tokens: old.context_tokens,
            price_in: old.price_in,
            price_out: old.price_out,
        })
    }
}

impl Config {
    /// What came of it, in the words of these front ends.
    fn answer(outcome: Result<ModelConfig, Error>) -> Result<Body<Self>, Fault> {
        let model_config = outcome.map_err(|error| Fault::from(error).renamed(NAMES))?;
        Ok(Body(Self {
            success: true,
            model_config,
        }))
    }
}

/// Lists the model configurations
#[utoipa::path(
    get, path = "/model_config", tag = "models", security(("session" = [])),
    responses((status = 200, description = "As `GET /models`", body = Configs), Refusals)
)]
pub(in crate::web::api) async fn list_model_configs(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
) -> Result<Body<Configs>, Fault> {
    let catalogue = edge.app.models.list(&viewer).await?;
    Ok(Body(Configs {
        success: true,
        model_configs: catalogue.items,
    }))
}

/// Tells whether another configuration may be made
#[utoipa::path(
    post, path = "/model_config/can_create", tag = "models", security(("session" = [])),
    request_body(content = Option<CountBody>),
    responses((status = 200, description = "By the limit of the person's group", body = CanCreate), Refusals)
)]
pub(in crate::web::api) async fn can_create_model_config(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    JsonIfAny(_): JsonIfAny<CountBody>,
) -> Result<Body<CanCreate>, Fault> {
    let quota = edge.app.models.quota(&viewer).await?;
    Ok(Body(CanCreate {
        success: true,
        can_create: quota.can_create,
    }))
}

/// Makes a configuration of one's own
#[utoipa::path(
    post, path = "/model_config/create", tag = "models", security(("session" = [])),
    request_body = ConfigBody,
    responses(
        (status = 200, description = "The configuration", body = Config),
        (status = 403, description = "`model_limit`: the group allows no further; `endpoint_blocked`"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn create_model_config(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<ConfigBody>,
) -> Result<Body<Config>, Fault> {
    let draft = body.over(ModelDraft::default())?;
    let made = edge.app.models.create(&viewer, draft, false, &client);
    Config::answer(made.await)
}

/// Changes a configuration
///
/// What is left out stays.
#[utoipa::path(
    post, path = "/model_config/update", tag = "models", security(("session" = [])),
    request_body = ConfigBody,
    responses(
        (status = 200, description = "The configuration", body = Config),
        (status = 403, description = "It is everybody's, and this is no admin; `endpoint_blocked`"),
        (status = 409, description = "Somebody changes it at this moment"),
        (status = 422, description = "Some fields need a change; `api_key` is required for another server"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn update_model_config(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<ConfigBody>,
) -> Result<Body<Config>, Fault> {
    let id = body
        .id
        .ok_or_else(|| Fault::field("id", FieldCode::Required))?;
    let old = edge.app.models.get(&viewer, id).await?;
    let draft = body.over(ModelDraft {
        name: old.name,
        kind: old.kind,
        base_url: old.base_url,
        model: old.model,
        api_key: None,
        parameters: old.parameters,
        context_tokens: old.context_tokens,
        price_in: old.prices.price_in,
        price_out: old.prices.price_out,
    })?;
    // What was left out is as it was read.
    let seen = Some(old.updated_at);
    let changed = edge.app.models.update(&viewer, id, draft, seen, &client);
    Config::answer(changed.await)
}

/// Deletes configurations, all of them or none
#[utoipa::path(
    post, path = "/model_config/delete", tag = "models", security(("session" = [])),
    request_body = IdsBody,
    responses(
        (status = 200, description = "They are gone", body = Gone),
        (status = 403, description = "One is everybody's, and this is no admin"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn delete_model_configs(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Client(client): Client,
    Json(body): Json<IdsBody>,
) -> Result<Body<Gone>, Fault> {
    let ids = body
        .ids
        .ok_or_else(|| Fault::field("ids", FieldCode::Required))?;
    edge.app.models.delete(&viewer, &ids, &client).await?;
    Ok(Body(Gone { success: true }))
}

/// Makes a conversation that asks this model
#[utoipa::path(
    post, path = "/conversation/create", tag = "chat", security(("session" = [])),
    request_body(content = Option<ChoiceBody>),
    responses(
        (status = 200, description = "Its id", body = Begun),
        (status = 422, description = "There is no such model configuration for this person"),
        Refusals,
    )
)]
pub(in crate::web::api) async fn create_conversation_with(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    JsonIfAny(body): JsonIfAny<ChoiceBody>,
) -> Result<Body<Begun>, Fault> {
    let create = Create {
        model_config_id: body.model_config_id,
        ..Create::default()
    };
    let conversation = edge.app.conversations.create(&viewer, create).await?;
    Ok(Body(Begun {
        success: true,
        conversation_id: conversation.id,
    }))
}
