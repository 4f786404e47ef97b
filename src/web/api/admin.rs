//! Other people's accounts, for those who run the installation. Everybody else gets 403.

use axum::{
    Json as Body,
    extract::{Path, State},
};
use parlance_core::domain::{Group, GroupLimits, ProblemCode, Timestamp, User, UserId};
use parlance_server::service::people::{PersonChange, PersonRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{devices::Ended, refusals::Refusals};
use crate::web::{
    error::Fault,
    extract::{Asked, ByAdmin, Client, Id, Json, id_of, whole_number},
    state::Edge,
};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// `next` of the page before.
    #[param(value_type = Option<UserId>)]
    after: Option<String>,
    /// 1 to 100, 50 without.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
}

/// An account as an admin sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct Person {
    #[serde(flatten)]
    user: User,
    is_active: bool,
    last_login_at: Option<Timestamp>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            user: row.user,
            is_active: row.is_active,
            last_login_at: row.last_login_at,
        }
    }
}

/// A page of all accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct People {
    /// In the order of their making.
    items: Vec<Person>,
    /// What the next page begins after; null on the last.
    next: Option<UserId>,
}

/// What shall change.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonBody {
    group: Option<Group>,
    /// `false` shuts the person out.
    is_active: Option<bool>,
}

/// Lists all accounts
#[utoipa::path(
    get, path = "/admin/users", tag = "admin", security(("session" = [])), params(PeopleQuery),
    responses(
        (status = 200, description = "A page", body = People),
        (status = 403, description = "For admins"),
        Refusals,
    )
)]
pub(super) async fn list_people(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
    Client(client): Client,
    Asked(query): Asked<PeopleQuery>,
) -> Result<Body<People>, Fault> {
    let after = id_of("after", query.after.as_deref())?;
    let limit = whole_number("limit", query.limit.as_deref())?;
    let people = &edge.app.people;
    let page = people.list(&viewer, after, limit, &client).await?;
    Ok(Body(People {
        items: page.items.into_iter().map(Person::from).collect(),
        next: page.next,
    }))
}

/// Changes the group of a person, shuts them out or lets them in
///
/// Their sessions end, and their streams close within a second.
#[utoipa::path(
    patch, path = "/admin/users/{id}", tag = "admin", security(("session" = [])), request_body = PersonBody,
    params(("id" = UserId, Path, description = "The person")),
    responses(
        (status = 200, description = "The account", body = Person),
        (status = 403, description = "For admins"),
        (status = 409, description = "Oneself: somebody else must do it"),
        (status = 422, description = "Nothing to change was named"),
        Refusals,
    )
)]
pub(super) async fn change_person(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
    Client(client): Client,
    Id(id): Id<UserId>,
    Json(body): Json<PersonBody>,
) -> Result<Body<Person>, Fault> {
    let change = PersonChange {
        group: body.group,
        is_active: body.is_active,
    };
    let people = &edge.app.people;
    let changed = people.change(&viewer, id, change, &client).await?;
    Ok(Body(changed.into()))
}

/// Signs a person out everywhere
///
/// Their API keys end too.
#[utoipa::path(
    delete, path = "/admin/users/{id}/sessions", tag = "admin", security(("session" = [])),
    params(("id" = UserId, Path, description = "The person")),
    responses(
        (status = 200, description = "They are signed out", body = Ended),
        (status = 403, description = "For admins"),
        Refusals,
    )
)]
pub(super) async fn end_sessions(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
    Client(client): Client,
    Id(id): Id<UserId>,
) -> Result<Body<Ended>, Fault> {
    let people = &edge.app.people;
    let ended = people.end_sessions(&viewer, id, &client).await?;
    Ok(Body(Ended { ended }))
}

/// All groups.
#[derive(Serialize, ToSchema)]
pub(super) struct Groups {
    /// The one with the least rights first.
    items: Vec<GroupLimits>,
}

/// What a group may use; null is without limit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsBody {
    /// Model configurations that one person may keep.
    model_configs: Option<u32>,
    /// Whether they may name endpoints of their own.
    own_endpoints: bool,
    /// Requests of one person in a minute; null: as the settings say for everybody.
    requests_per_minute: Option<u32>,
    /// Tokens of one person in a day.
    tokens_per_day: Option<u64>,
}

/// Lists what each group may use
#[utoipa::path(
    get, path = "/admin/groups", tag = "admin", security(("session" = [])),
    responses(
        (status = 200, description = "The groups", body = Groups),
        (status = 403, description = "For admins"),
        Refusals,
    )
)]
pub(super) async fn list_groups(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
) -> Result<Body<Groups>, Fault> {
    let items = edge.app.people.groups(&viewer).await?;
    Ok(Body(Groups { items }))
}

/// Changes what a group may use
#[utoipa::path(
    put, path = "/admin/groups/{group}", tag = "admin", security(("session" = [])), request_body = LimitsBody,
    params(("group" = Group, Path, description = "The group")),
    responses(
        (status = 200, description = "The group", body = GroupLimits),
        (status = 403, description = "For admins"),
        (status = 422, description = "A limit is beyond reason"),
        Refusals,
    )
)]
pub(super) async fn set_group_limits(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
    Client(client): Client,
    Path(group): Path<String>,
    Json(body): Json<LimitsBody>,
) -> Result<Body<GroupLimits>, Fault> {
    let group = Group::from_word(&group).ok_or_else(|| Fault::new(ProblemCode::NotFound))?;
    let limits = GroupLimits {
        group,
        model_configs: body.model_configs,
        own_endpoints: body.own_endpoints,
        requests_per_minute: body.requests_per_minute,
        tokens_per_day: body.tokens_per_day,
    };
    let people = &edge.app.people;
    Ok(Body(people.set_limits(&viewer, limits, &client).await?))
}
