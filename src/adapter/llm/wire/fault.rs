//! What a provider's refusal means in the product's words (streaming design, A.8). Providers agree on
//! the statuses by and large; in the body each has its own dialect, so words decide only where the
//! status leaves it open.

use std::{error::Error, time::Duration};

use http::{HeaderMap, header};
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::LlmError;
use serde_json::Value;

use super::mask::Mask;

/// A status other than 2xx, with as much of the body as was read.
pub(crate) fn refused(status: u16, headers: &HeaderMap, body: &[u8], mask: &Mask) -> LlmError {
    let value = serde_json::from_slice::<Value>(body);
    // Google puts errors of a stream into a list.
    let value = value.as_ref().map(|value| value.get(0).unwrap_or(value));
    let said = match value {
        Ok(value) => Said::of(value),
        Err(_) => Said {
            message: String::from_utf8_lossy(body).into_owned(),
            ..Said::default()
        },
    };
    let hint = match status {
        404 if said.word.is_empty() => " (is the base URL right, with or without its /v1?)",
        300..400 => " (redirects are not followed)",
        _ => "",
    };
    let detail = mask.detail(&format!(
        "HTTP {status}{hint}: {} {}",
        said.word, said.message
    ));
    LlmError {
        code: said.code(Some(status)),
        retry_after: retry_after(headers).or(said.delay),
        detail,
    }
}

/// What a chunk or a completion says under `error`, if it says anything.
pub(crate) fn told(error: &Value, mask: &Mask) -> Option<LlmError> {
    if error.is_null() || error.as_str() == Some("") {
        return None;
    }
    let said = Said::in_error(error);
    let detail = format!("error in the answer: {} {}", said.word, said.message);
    Some(LlmError::new(said.code(said.status), mask.detail(&detail)))
}

/// A success whose body is no answer.
pub(crate) fn no_answer(body: &[u8], mask: &Mask) -> LlmError {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    told(&value["error"], mask).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        let detail = format!("HTTP 200 with something that is no answer: {text}");
        LlmError::new(ProblemCode::UpstreamInvalid, mask.detail(&detail))
    })
}

/// No response head came.
pub(crate) fn unsent(error: &reqwest::Error, mask: &Mask) -> LlmError {
    let detail = chain(error);
    let code = if error.is_connect() {
        ProblemCode::UpstreamConnect
    } else if detail.contains("invalid HTTP") || detail.contains("head is too large") {
        ProblemCode::UpstreamInvalid
    } else {
        ProblemCode::UpstreamReset
    };
    LlmError::new(code, mask.detail(&detail))
}

/// An error and its causes on one line. The address is left out: it may hold a password.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut text = match error.url() {
        Some(url) => error.to_string().replace(url.as_str(), "the provider"),
        None => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The longest wait that is believed.
const DAY: Duration = Duration::from_secs(86_400);

/// The provider's advice on when to come back (RFC 9110, 10.2.3), a day at the most.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: header::HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Some(Duration::try_from_secs_f64(seconds).ok()?.min(DAY));
    }
    let then = httpdate::parse_http_date(value).ok()?;
    // Counted from the provider's own clock: ours may be wrong, and is not read here.
    let sent = httpdate::parse_http_date(text(header::DATE)?).ok()?;
    Some(then.duration_since(sent).unwrap_or_default().min(DAY))
}

/// A duration as Google's JSON has it: `8.5s`.
fn seconds(text: &str) -> Option<Duration> {
    let number = text.strip_suffix('s')?.parse().ok()?;
    Some(Duration::try_from_secs_f64(number).ok()?.min(DAY))
}

#[derive(Debug, Default)]
struct Said {
    message: String,
    /// `code`, `type` and `status`, and the reasons in the details.
    word: String,
    /// A status in place of a code, as OpenRouter, vLLM and Google have it.
    status: Option<u16>,
    /// When to come back, where the body says it (`google.rpc.RetryInfo`).
    delay: Option<Duration>,
}

impl Said {
    fn of(body: &Value) -> Self {
        let error = body.get("error").filter(|error| !error.is_null());
        Self::in_error(error.unwrap_or(body))
    }

    fn in_error(error: &Value) -> Self {
        let text = |name: &str| match &error[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        // `{"error":"text"}` is Ollama's, `{"detail":…}` FastAPI's.
        let message = match error.as_str() {
            Some(text) => text.to_owned(),
            None => ["message", "detail"]
                .into_iter()
                .map(text)
                .find(|text| !text.is_empty())
                .unwrap_or_default(),
        };
        let status = ["code", "status"].iter().find_map(|name| {
            let number = error[name]
                .as_u64()
                .or_else(|| error[name].as_str()?.parse().ok())?;
            u16::try_from(number)
                .ok()
                .filter(|status| (400..600).contains(status))
        });
        let details = error["details"].as_array();
        let detail = |name: &'static str| {
            let details = details.into_iter().flatten();
            details.filter_map(move |detail| detail[name].as_str())
        };
        let words = ["code", "type", "status"].map(text);
        let words = words.iter().map(String::as_str).chain(detail("reason"));
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        Self {
            message,
            word: words.join(" "),
            status,
            delay: detail("retryDelay").find_map(seconds),
        }
    }

    fn code(&self, status: Option<u16>) -> ProblemCode {
        match (self.meaning(status), status) {
            (Some(code), _) => code,
            (None, Some(401..=403)) => ProblemCode::UpstreamAuth,
            (None, Some(404)) => ProblemCode::ModelNotFound,
            (None, Some(408 | 425 | 429)) => ProblemCode::UpstreamRateLimited,
            (None, Some(413)) => ProblemCode::ContextOverflow,
            (None, Some(400..500)) => ProblemCode::UpstreamBadRequest,
            (None, Some(500..)) => ProblemCode::Upstream5xx,
            (None, Some(_)) => ProblemCode::UpstreamInvalid,
            (None, None) => self.kind(),
        }
    }

    /// What the words say beyond the status.
    fn meaning(&self, status: Option<u16>) -> Option<ProblemCode> {
        if !matches!(status, None | Some(400 | 403 | 404 | 413 | 422)) {
            return None;
        }
        let (word, message) = (self.word.to_lowercase(), self.message.to_lowercase());
        let either = |needles: &[&str]| {
            needles
                .iter()
                .any(|needle| word.contains(needle) || message.contains(needle))
        };
        if either(&[
            "context_length",
            "context length",
            "context window",
            "context size",
            "exceed_context",
            "prompt is too long",
            "exceed context limit",
            "exceeds the maximum number of tokens",
            "request_too_large",
        ]) {
            Some(ProblemCode::ContextOverflow)
        } else if [
            "content_filter",
            "content_policy",
            "data_inspection",
            "responsibleai",
            "moderation",
        ]
        .iter()
        .any(|needle| word.contains(needle))
            || message.contains("content filtering policy")
        {
            Some(ProblemCode::ContentFiltered)
        } else if word.contains("api_key_invalid") {
            // Google's status for it is 400.
            Some(ProblemCode::UpstreamAuth)
        } else if word.contains("model_not")
            || message.contains("model")
                && ["not found", "not exist"]
                    .iter()
                    .any(|no| message.contains(no))
        {
            Some(ProblemCode::ModelNotFound)
        } else {
            None
        }
    }

    /// What kind of error it is when there is no status to tell.
    fn kind(&self) -> ProblemCode {
        let word = self.word.to_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| word.contains(needle));
        if has(&["rate_limit", "too_many", "quota"]) {
            ProblemCode::UpstreamRateLimited
        } else if has(&["authentication", "api_key", "permission", "billing"]) {
            ProblemCode::UpstreamAuth
        } else if has(&["invalid_request", "bad_request"]) {
            ProblemCode::UpstreamBadRequest
        } else if has(&["not_found"]) {
            ProblemCode::ModelNotFound
        } else {
            ProblemCode::Upstream5xx
        }
    }
}

#[cfg(test)]
mod tests;
