//! The routes of the provider and of its witness stand. Behaviour lives in `spec`, `script`, `player` and `refusal`.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    ledger::{Ledger, Seen, Stats, Visit},
    player::Player,
    refusal, script,
    socket::Line,
    spec::{Kind, Spec},
    wire::{self, Ask, Envelope, Framing},
};

/// What `/v1/models` lists. Every other name of the crate's table works too.
const LISTED: &[&str] = &[
    "words-200@50",
    "think-20+words-100@100",
    "markdown",
    "echo",
    "history",
    "fault-429",
    "fault-reset@20@50",
];

/// The model that acts as the last user message says.
const AS_SAID: &str = "as-said";
/// What it is when no message names a model: whoever asks on the side (for a title, say) is answered too.
const UNSAID: &str = "words-3";

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) ledger: Arc<Ledger>,
    /// Closes when the provider shuts down.
    pub(crate) alive: watch::Receiver<()>,
}

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/stats", get(stats))
        .route("/requests", get(requests))
        .route("/visits", get(visits))
        .route("/reset", post(reset))
        // Long conversations must arrive: their size is what a test may be about.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

async fn chat(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let given = body["model"].as_str().unwrap_or_default();
    let model = if given == AS_SAID {
        wire::said(&body).unwrap_or_else(|| UNSAID.to_owned())
    } else {
        given.to_owned()
    };
    let (turn, visit) = app.ledger.record(&model, authorization, &body);
    let refuse = |response| {
        app.ledger.refuse(visit);
        response
    };
    let ask: Ask = match serde_json::from_value(body) {
        Ok(ask) => ask,
        Err(error) => return refuse(refusal::bad_request(&error.to_string())),
    };
    if ask.messages.is_empty() {
        return refuse(refusal::bad_request("'messages' must not be empty."));
    }
    let Some(spec) = Spec::parse(&model) else {
        return refuse(refusal::no_such_model(&model));
    };
    let refused = spec
        .fault
        .and_then(|fault| refusal::of(fault, turn, authorization));
    if let Some(response) = refused {
        return refuse(response);
    }
    let kind = spec.fault.map(|fault| fault.kind);
    let envelope = Envelope::new(&ask);
    let player = Player {
        steps: script::steps(&spec, &ask, &envelope),
        envelope,
        rate: spec.rate,
        ticket: app.ledger.open(visit),
        line,
        alive: app.alive,
    };
    match kind {
        Some(Kind::ResetEarly) => player.reset(),
        Some(Kind::ResetFirst)
            if spec
                .fault
                .is_some_and(|fault| refusal::at_first(fault, turn)) =>
        {
            player.reset()
        }
        Some(Kind::StallBefore) => player.hang().await,
        _ if ask.stream => player.stream(Framing(kind)),
        _ => player.gather().await,
    }
}

async fn models() -> Json<Value> {
    let listed = LISTED.iter().map(|id| {
        json!({ "id": id, "object": "model", "created": 1_700_000_000, "owned_by": "parlance" })
    });
    Json(json!({ "object": "list", "data": listed.collect::<Vec<_>>() }))
}

async fn stats(State(app): State<App>) -> Json<Stats> {
    Json(app.ledger.stats())
}

async fn requests(State(app): State<App>) -> Json<Vec<Seen>> {
    Json(app.ledger.requests())
}

async fn visits(State(app): State<App>) -> Json<Vec<Visit>> {
    Json(app.ledger.visits())
}

async fn reset(State(app): State<App>) -> StatusCode {
    app.ledger.reset();
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_only_models_it_has() {
        for name in LISTED {
            assert!(Spec::parse(name).is_some(), "{name}");
        }
    }
}
