//! Browsers that want to be told of replies that ended.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::refusals::Refusals;
use crate::web::{
    error::Fault,
    extract::{Json, Signed},
    state::Edge,
};

/// A push subscription as `PushSubscription.toJSON()` writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionBody {
    /// Address at the browser's push service.
    endpoint: String,
    /// Milliseconds since 1970; has no effect: a service that ended a subscription says so itself.
    #[serde(rename = "expirationTime")]
    #[expect(dead_code, reason = "browsers send it")]
    expiration_time: Option<f64>,
    keys: SubscriptionKeys,
}

/// The browser's keys, base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionKeys {
    p256dh: String,
    auth: String,
}

/// Names a subscription.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointBody {
    endpoint: String,
}

/// Tells a browser of replies that end while nobody looks
///
/// As long as this session lasts. 404 where the server has no key for it (`PARLANCE_VAPID_KEY`).
#[utoipa::path(
    post, path = "/push/subscriptions", tag = "auth", security(("session" = [])),
    request_body = SubscriptionBody,
    responses(
        (status = 204, description = "It will be told"),
        (status = 403, description = "The endpoint is a known push service's at an address that is not called"),
        (status = 422, description = "The endpoint is no known push service's, or a key has another form"),
        Refusals,
    )
)]
pub(super) async fn subscribe(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(body): Json<SubscriptionBody>,
) -> Result<StatusCode, Fault> {
    let SubscriptionBody { endpoint, keys, .. } = body;
    let pushes = &edge.app.pushes;
    pushes
        .subscribe(&viewer, &endpoint, &keys.p256dh, &keys.auth)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells a browser no more
#[utoipa::path(
    post, path = "/push/subscriptions/end", tag = "auth", security(("session" = [])),
    request_body = EndpointBody,
    responses((status = 204, description = "It will not be told"), Refusals)
)]
pub(super) async fn unsubscribe(
    State(edge): State<Edge>,
    Signed(viewer): Signed,
    Json(body): Json<EndpointBody>,
) -> Result<StatusCode, Fault> {
    edge.app.pushes.unsubscribe(&viewer, &body.endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}
