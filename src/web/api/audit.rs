//! The audit log, for those who run the installation.

use axum::{Json as Body, extract::State};
use parlance_core::domain::{Timestamp, UserId, digest::hex};
use parlance_server::service::audit::AuditEvent;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Asked, ByAdmin, Client, whole_number},
    state::Edge,
};

/// Which part of the log.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only entries before this number: `next_before` of the page before.
    #[param(value_type = Option<u64>)]
    before: Option<String>,
    /// Most entries, 1 to 100; more count as 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
}

/// Entries of the audit log, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditView {
    items: Vec<AuditEntry>,
    /// What to ask for the older ones with.
    next_before: Option<u64>,
}

/// What happened once.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEntry {
    /// Place in the chain, from 1.
    no: u64,
    at: Timestamp,
    kind: String,
    /// Who did it, where that is known.
    user_id: Option<UserId>,
    /// IP address.
    address: Option<String>,
    user_agent: Option<String>,
    /// What it was done to: a session, a key, an account, a model.
    subject: Option<Uuid>,
    /// An object of texts.
    #[schema(value_type = Object)]
    notes: serde_json::Value,
    /// SHA-256 over this entry and the hash of the one before, hexadecimal.
    hash: String,
}

impl From<AuditEvent> for AuditEntry {
    fn from(row: AuditEvent) -> Self {
        let event = row.event;
        Self {
            no: row.no,
            at: event.at,
            kind: event.kind,
            user_id: event.actor,
            address: event.address,
            user_agent: event.user_agent,
            subject: event.subject,
            notes: serde_json::from_str(&event.notes).unwrap_or_default(),
            hash: hex(&row.hash),
        }
    }
}

/// Reads the audit log
///
/// For admins. Reading it is an entry, too.
#[utoipa::path(
    get, path = "/admin/audit", tag = "admin", security(("session" = [])), params(AuditQuery),
    responses(
        (status = 200, description = "A page of it", body = AuditView),
        (status = 403, description = "For admins alone"),
        Refusals,
    )
)]
pub(super) async fn read_audit(
    State(edge): State<Edge>,
    ByAdmin(viewer): ByAdmin,
    Client(client): Client,
    Asked(query): Asked<AuditQuery>,
) -> Result<Body<AuditView>, Fault> {
    let before = whole_number("before", query.before.as_deref())?;
    let limit = whole_number("limit", query.limit.as_deref())?;
    let page = edge.app.audit.page(&viewer, before, limit, &client).await?;
    Ok(Body(AuditView {
        items: page.events.into_iter().map(AuditEntry::from).collect(),
        next_before: page.next_before,
    }))
}
