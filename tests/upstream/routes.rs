//! The routes of the provider and of its witness stand. Behaviour lives in `spec`, `script`, `player` and `refusal`.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    dialect::{Dialect, Voice},
    ledger::{Envelope, Ledger, Seen, Stats, Visit},
    player::Player,
    refusal, script,
    socket::Line,
    spec::{Kind, Spec},
    wire::{self, Framing},
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
pub(crate) const AS_SAID: &str = "as-said";
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
        .route("/anthropic/v1/messages", post(messages))
        .route("/anthropic/v1/models", get(anthropic_models))
        .route("/gemini/v1beta/models", get(gemini_models))
        .route("/gemini/v1beta/models/{call}", post(generate))
        .route("/agent", post(ask))
        .route("/stats", get(stats))
        .route("/requests", get(requests))
        .route("/visits", get(visits))
        .route("/reset", post(reset))
        // Long conversations must arrive: their size is what a test may be about.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// OpenAI's door.
async fn chat(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(app, line, (Dialect::OpenAi, None), (&uri, &headers), &body).await
}

/// Anthropic's.
async fn messages(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(
        app,
        line,
        (Dialect::Anthropic, None),
        (&uri, &headers),
        &body,
    )
    .await
}

/// Google's: model and method stand in one segment of the path.
async fn generate(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(call): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match call.rsplit_once(':') {
        Some((model, "streamGenerateContent")) if uri.query() == Some("alt=sse") => {
            let model = (Dialect::Gemini, Some(model));
            answer(app, line, model, (&uri, &headers), &body).await
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// An agent's.
async fn ask(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(app, line, (Dialect::Agent, None), (&uri, &headers), &body).await
}

async fn answer(
    app: App,
    line: Line,
    (dialect, model): (Dialect, Option<&str>),
    (uri, headers): (&Uri, &HeaderMap),
    body: &[u8],
) -> Response {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let key = headers.get(dialect.key_header()).map(text);
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let asked = dialect.ask(model, headers, body.clone());
    let model = match &asked {
        Ok(ask) if ask.model == AS_SAID => {
            wire::said(&ask.messages).unwrap_or_else(|| UNSAID.to_owned())
        }
        Ok(ask) => ask.model.clone(),
        Err(_) => body["model"].as_str().unwrap_or_default().to_owned(),
    };
    let envelope = Envelope {
        path: uri.to_string(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
    };
    let (turn, visit) = app.ledger.record(&model, envelope, &body);
    let refuse = |response| {
        app.ledger.refuse(visit);
        response
    };
    let ask = match asked {
        Ok(ask) => ask,
        Err(refusal) => return refuse(refusal::send(dialect, refusal)),
    };
    let Some(spec) = Spec::parse(&model) else {
        return refuse(refusal::send(dialect, dialect.no_such_model(&model)));
    };
    let refused = spec
        .fault
        .and_then(|fault| refusal::of(dialect, fault, turn, key.as_deref()));
    if let Some(response) = refused {
        return refuse(response);
    }
    let kind = spec.fault.map(|fault| fault.kind);
    let voice = dialect.voice(&ask);
    let player = Player {
        steps: script::steps(&spec, &ask, &voice),
        voice: voice.clone(),
        rate: spec.rate,
        ticket: app.ledger.open(visit),
        line,
        alive: app.alive,
    };
    match (kind, voice) {
        (Some(Kind::ResetEarly), _) => player.reset(),
        (Some(Kind::ResetFirst), _)
            if spec
                .fault
                .is_some_and(|fault| refusal::at_first(fault, turn)) =>
        {
            player.reset()
        }
        (Some(Kind::StallBefore), _) => player.hang().await,
        (_, Voice::OpenAi(envelope)) if !ask.stream => player.gather(envelope).await,
        _ => player.stream(Framing(kind)),
    }
}

async fn models() -> Json<Value> {
    let listed = LISTED.iter().map(|id| {
        json!({ "id": id, "object": "model", "created": 1_700_000_000, "owned_by": "parlance" })
    });
    Json(json!({ "object": "list", "data": listed.collect::<Vec<_>>() }))
}

async fn anthropic_models() -> Json<Value> {
    let listed = LISTED.iter().map(|id| {
        json!({ "type": "model", "id": id, "display_name": id, "created_at": "2026-02-19T00:00:00Z" })
    });
    let listed: Vec<_> = listed.collect();
    let (first, last) = (LISTED.first(), LISTED.last());
    Json(json!({ "data": listed, "has_more": false, "first_id": first, "last_id": last }))
}

async fn gemini_models() -> Json<Value> {
    let model = |id: &str, method: &str| {
        json!({
            "name": format!("models/{id}"), "version": "001", "displayName": id, "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536, "supportedGenerationMethods": [method, "countTokens"],
        })
    };
    let able = LISTED.iter().map(|id| model(id, "generateContent"));
    let listed = [model("an-embedding", "embedContent")]
        .into_iter()
        .chain(able);
    Json(json!({ "models": listed.collect::<Vec<_>>() }))
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
