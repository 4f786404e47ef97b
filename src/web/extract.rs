//! Taking a request apart, with every failure in the product's error format.
//!
//! Must not enter: rules about values; a body that has the right shape goes on to the service.

mod json;

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path, Query, rejection::QueryRejection},
    http::request::Parts,
};
use parlance_core::domain::{FieldCode, ProblemCode};
use parlance_server::service::{self, Viewer};
use serde::de::DeserializeOwned;

use super::{csrf, error::Fault, request::Own, state::Edge};

pub(super) use json::{Json, JsonIfAny, object, reshape};

/// The person, or 401.
pub(super) struct Signed(pub Viewer);

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        viewer(parts)
            .map(Self)
            .ok_or_else(|| Fault::new(ProblemCode::Unauthenticated))
    }
}

/// An admin in person, or 401 for nobody and 403 for anybody else, whatever else is wrong with the request. Who was
/// refused stands in the audit log.
pub(super) struct ByAdmin(pub Viewer);

impl FromRequestParts<Edge> for ByAdmin {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Fault> {
        let Signed(viewer) = Signed::from_request_parts(parts, edge).await?;
        edge.app.audit.admin(&viewer).await?;
        Ok(Self(viewer))
    }
}

/// The person, if there is one.
pub(super) struct MaybeSigned(pub Option<Viewer>);

impl<S: Sync> FromRequestParts<S> for MaybeSigned {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(viewer(parts)))
    }
}

/// What the session middleware found out.
pub(super) fn viewer(parts: &Parts) -> Option<Viewer> {
    parts.extensions.get::<Option<Viewer>>().cloned().flatten()
}

/// Where the request comes from.
pub(super) struct Client(pub service::Client);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(
            parts
                .extensions
                .get::<service::Client>()
                .cloned()
                .unwrap_or_default(),
        ))
    }
}

/// Where this server is reached, as browsers write it in `Origin`.
pub(super) struct Ours(pub String);

impl FromRequestParts<Edge> for Ours {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Self::Rejection> {
        let own = parts.extensions.get::<Own>();
        Ok(Self(csrf::own_origin(edge, own)))
    }
}

/// The one id in the path. What is no id names nothing: 404, as for an unknown one.
pub(super) struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.and_then(|Path(text)| text.parse().ok())
            .map(Self)
            .ok_or_else(|| Fault::new(ProblemCode::NotFound))
    }
}

/// The query string.
pub(super) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        Query::<T>::from_request_parts(parts, state)
            .await
            .map(|Query(value)| Self(value))
            .map_err(|rejection: QueryRejection| {
                Fault::new(ProblemCode::BadRequest).detail(format!(
                    "The query string could not be read: {}",
                    rejection.body_text()
                ))
            })
    }
}

/// A query parameter that is a whole number from 0; an empty one counts as absent.
pub(super) fn whole_number<T: FromStr>(
    field: &str,
    text: Option<&str>,
) -> Result<Option<T>, Fault> {
    parsed(field, text)
}

/// A query parameter that is an id; an empty one counts as absent.
pub(super) fn id_of<T: FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, Fault> {
    parsed(field, text)
}

fn parsed<T: FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, Fault> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|_| Fault::field(field, FieldCode::Malformed))
        })
        .transpose()
}
