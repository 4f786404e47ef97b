//! Who may be asked to reply, and what they consist of.

use axum::{
    Json as Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Character, Persona, PersonaId};
use parlance_server::service::personas::NewPersona;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Asked, Id, Json, Signed, reshape},
    state::Edge,
};

/// Which personas.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `true`: those that the person looks after, inactive ones too. Otherwise those that they may choose.
    #[serde(default)]
    kept: bool,
}

/// The personas of the signed-in person.
#[derive(Serialize, ToSchema)]
pub(super) struct Roles {
    success: bool,
    roles: Vec<Persona>,
}

/// Whose the new persona is, and how it is called in requests.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Label {
    /// At most 50 characters of `a-z`, `0-9`, `_`, `-`. Absent: its id.
    slug: Option<String>,
    /// For everybody, which is the admins' to decide.
    shared: bool,
}

/// A persona to be made.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body, which is read in two steps")]
pub(super) struct RoleBody {
    #[schema(inline)]
    #[serde(flatten)]
    label: Label,
    #[serde(flatten)]
    character: Character,
}

/// Lists the personas, in their order
#[utoipa::path(
    get, path = "/roles", tag = "personas", security(("session" = [])), params(Which),
    responses((status = 200, description = "All of them", body = Roles), Refusals)
)]
pub(super) async fn list_roles(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Asked(which): Asked<Which>,
) -> Result<Body<Roles>, Fault> {
    let personas = &edge.app.personas;
    let roles = match which.kept {
        true => personas.kept(&viewer).await?,
        false => personas.list(&viewer).await?,
    };
    Ok(Body(Roles {
        success: true,
        roles,
    }))
}

/// Makes a persona
///
/// Takes what `GET /roles/{id}/export` gives.
#[utoipa::path(
    post, path = "/roles", tag = "personas", security(("session" = [])), request_body = RoleBody,
    responses(
        (status = 201, description = "The persona", body = Persona),
        (status = 403, description = "Only an admin makes personas for everybody"),
        (status = 409, description = "The slug is taken, or there are too many"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn create_role(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<(StatusCode, Body<Persona>), Fault> {
    // In two steps: flattened into one, unknown members would be passed over.
    let label = ["slug", "shared"].map(|name| body.remove_entry(name));
    let label: Label = reshape(label.into_iter().flatten().collect())?;
    let new = NewPersona {
        slug: label.slug,
        shared: label.shared,
        character: reshape(body)?,
    };
    let persona = edge.app.personas.create(&viewer, new).await?;
    Ok((StatusCode::CREATED, Body(persona)))
}

/// Reads a persona
#[utoipa::path(
    get, path = "/roles/{id}", tag = "personas", security(("session" = [])),
    params(("id" = PersonaId, Path, description = "The persona")),
    responses((status = 200, description = "The persona", body = Persona), Refusals)
)]
pub(super) async fn get_role(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<PersonaId>,
) -> Result<Body<Persona>, Fault> {
    Ok(Body(edge.app.personas.get(&viewer, id).await?))
}

/// Gives a persona another character
///
/// All of it: what is left out is as if it had never been set.
#[utoipa::path(
    put, path = "/roles/{id}", tag = "personas", security(("session" = [])), request_body = Character,
    params(("id" = PersonaId, Path, description = "The persona")),
    responses(
        (status = 200, description = "The persona", body = Persona),
        (status = 403, description = "It is everybody's, and this is no admin"),
        (status = 422, description = "Some fields need a change"),
        Refusals,
    )
)]
pub(super) async fn change_role(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<PersonaId>,
    Json(character): Json<Character>,
) -> Result<Body<Persona>, Fault> {
    let personas = &edge.app.personas;
    Ok(Body(personas.change(&viewer, id, character).await?))
}

/// Deletes a persona
///
/// What it said stays, under its name.
#[utoipa::path(
    delete, path = "/roles/{id}", tag = "personas", security(("session" = [])),
    params(("id" = PersonaId, Path, description = "The persona")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "It is everybody's, and this is no admin"),
        Refusals,
    )
)]
pub(super) async fn delete_role(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<PersonaId>,
) -> Result<StatusCode, Fault> {
    edge.app.personas.delete(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a persona as a file
///
/// Without id and owner: `POST /roles` makes another one of it, here or elsewhere.
#[utoipa::path(
    get, path = "/roles/{id}/export", tag = "personas", security(("session" = [])),
    params(("id" = PersonaId, Path, description = "The persona")),
    responses((status = 200, description = "The file", body = Character), Refusals)
)]
pub(super) async fn export_role(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Id(id): Id<PersonaId>,
) -> Result<Response, Fault> {
    const NAME: HeaderValue = HeaderValue::from_static("attachment; filename=\"persona.json\"");
    let persona = edge.app.personas.get(&viewer, id).await?;
    let mut response = Body(persona.character).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, NAME);
    Ok(response)
}
