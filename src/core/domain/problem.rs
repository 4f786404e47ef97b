//! An error in the product's words: problem details of RFC 9457 with a stable `code`.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// What went wrong, as a word that programs may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemCode {
    Unauthenticated,
    InvalidCredentials,
    UnknownEmail,
    WrongPassword,
    FactorRequired,
    FactorWrong,
    EmailUnverified,
    RefreshSuperseded,
    TokenInvalid,
    RegistrationClosed,
    Forbidden,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Validation,
    BadRequest,
    TooLarge,
    AddressTooLong,
    HeadersTooLarge,
    TooSlow,
    UnsupportedMediaType,
    GenerationActive,
    StreamLimit,
    QueueFull,
    RateLimited,
    TokenLimit,
    Draining,
    StorageUnavailable,
    Internal,
    UpstreamConnect,
    #[serde(rename = "upstream_5xx")]
    Upstream5xx,
    UpstreamFirstTokenTimeout,
    UpstreamRateLimited,
    UpstreamStalled,
    UpstreamReset,
    UpstreamTruncated,
    UpstreamEmpty,
    UpstreamInvalid,
    UpstreamAuth,
    UpstreamBadRequest,
    ModelNotFound,
    ContextOverflow,
    ContentFiltered,
    EndpointBlocked,
    /// The group allows no (further) model configuration.
    ModelLimit,
    /// The chosen model configuration is gone, or cannot be used any more.
    ModelUnavailable,
    ServerRestart,
    OwnerLost,
    JournalFailed,
    OutputLimit,
}

impl ProblemCode {
    /// HTTP status that the code travels with.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unauthenticated
            | Self::InvalidCredentials
            | Self::UnknownEmail
            | Self::WrongPassword
            | Self::FactorRequired
            | Self::FactorWrong => 401,
            Self::Forbidden
            | Self::CrossSite
            | Self::RegistrationClosed
            | Self::EmailUnverified
            | Self::EndpointBlocked
            | Self::ModelLimit => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict
            | Self::GenerationActive
            | Self::RefreshSuperseded
            | Self::ModelUnavailable => 409,
            Self::Validation => 422,
            Self::BadRequest | Self::TokenInvalid => 400,
            Self::TooLarge => 413,
            Self::AddressTooLong => 414,
            Self::HeadersTooLarge => 431,
            Self::TooSlow => 408,
            Self::UnsupportedMediaType => 415,
            Self::StreamLimit | Self::QueueFull | Self::RateLimited | Self::TokenLimit => 429,
            Self::Draining | Self::StorageUnavailable => 503,
            Self::Internal
            | Self::ServerRestart
            | Self::OwnerLost
            | Self::JournalFailed
            | Self::OutputLimit => 500,
            Self::UpstreamFirstTokenTimeout | Self::UpstreamStalled => 504,
            _ => 502,
        }
    }

    /// Whether the same request may succeed later without a change.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::GenerationActive
                | Self::StreamLimit
                | Self::QueueFull
                | Self::RateLimited
                | Self::TokenLimit
                | Self::TooSlow
                | Self::Draining
                | Self::StorageUnavailable
                | Self::UpstreamConnect
                | Self::Upstream5xx
                | Self::UpstreamFirstTokenTimeout
                | Self::UpstreamRateLimited
                | Self::UpstreamStalled
                | Self::UpstreamReset
                | Self::UpstreamTruncated
                | Self::UpstreamEmpty
                | Self::ServerRestart
                | Self::OwnerLost
                | Self::JournalFailed
        )
    }

    /// A short human title in English; pages use their own catalogue.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Sign in first",
            Self::InvalidCredentials => "E-mail or password is wrong",
            Self::UnknownEmail => "No account has this e-mail",
            Self::WrongPassword => "The password is wrong",
            Self::FactorRequired => "A second factor is needed",
            Self::FactorWrong => "The code is wrong or was used already",
            Self::EmailUnverified => "Confirm your e-mail address first",
            Self::RefreshSuperseded => "Another request has just renewed these tokens",
            Self::TokenInvalid => "This link was used already or is too old",
            Self::RegistrationClosed => "Registration is closed here",
            Self::Forbidden => "Not allowed",
            Self::CrossSite => "The request came from another site",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "This address does not answer that method",
            Self::Conflict => "This conflicts with what is already there",
            Self::Validation => "Some fields need a change",
            Self::BadRequest => "The request could not be understood",
            Self::TooLarge => "Too large",
            Self::AddressTooLong => "The address is too long",
            Self::HeadersTooLarge => "The headers are too large",
            Self::TooSlow => "The request took too long to arrive",
            Self::UnsupportedMediaType => "The content type is not supported here",
            Self::GenerationActive => "A reply is still being written",
            Self::StreamLimit => "Too many open streams",
            Self::QueueFull => "Too many messages are waiting",
            Self::RateLimited => "Too many requests",
            Self::TokenLimit => "The tokens of this day are used up",
            Self::Draining => "The server is shutting down",
            Self::StorageUnavailable => "The database cannot be reached",
            Self::Internal => "Something went wrong on the server",
            Self::UpstreamConnect => "The model's server cannot be reached",
            Self::Upstream5xx => "The model's server failed",
            Self::UpstreamFirstTokenTimeout => "The model did not begin to answer in time",
            Self::UpstreamRateLimited => "The model's provider is limiting requests",
            Self::UpstreamStalled => "The model stopped answering",
            Self::UpstreamReset => "The connection to the model broke",
            Self::UpstreamTruncated => "The model's reply ended early",
            Self::UpstreamEmpty => "The model sent an empty reply",
            Self::UpstreamInvalid => "The model's server sent something that is no reply",
            Self::UpstreamAuth => "The model's provider refused the key",
            Self::UpstreamBadRequest => "The model's provider refused the request",
            Self::ModelNotFound => "The provider does not know this model",
            Self::ContextOverflow => "The conversation is too long for this model",
            Self::ContentFiltered => "The provider withheld the reply",
            Self::EndpointBlocked => "This address is not allowed",
            Self::ModelLimit => "No further model configuration is allowed",
            Self::ModelUnavailable => "The chosen model configuration is gone or cannot be used",
            Self::OwnerLost => "The server that was writing the reply is gone",
            Self::ServerRestart => "The server restarted while the reply was being written",
            Self::JournalFailed => "The reply could not be saved",
            Self::OutputLimit => "The reply reached the length limit",
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FieldCode {
    Required,
    TooShort,
    TooLong,
    TooLarge,
    Malformed,
    Taken,
    Mismatch,
    NeedsLetterAndDigit,
    TooCommon,
    Unknown,
}

impl FieldCode {
    /// English sentence; pages use their own catalogue.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Required => "This is required.",
            Self::TooShort => "This is too short.",
            Self::TooLong => "This is too long.",
            Self::TooLarge => "This is too large.",
            Self::Malformed => "This is not in the right form.",
            Self::Taken => "This is already taken.",
            Self::Mismatch => "The two do not match.",
            Self::NeedsLetterAndDigit => "Use both letters and digits, or at least 15 characters.",
            Self::TooCommon => "Too many people use this password. Choose another.",
            Self::Unknown => "There is no such thing.",
        }
    }
}

/// One field's problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    pub code: FieldCode,
    pub message: String,
}

impl From<FieldCode> for FieldProblem {
    fn from(code: FieldCode) -> Self {
        Self {
            code,
            message: code.sentence().to_owned(),
        }
    }
}

/// Problem details (RFC 9457) with our extension members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `about:blank`: the code says all there is.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub code: ProblemCode,
    pub retryable: bool,
    /// Field name to what is wrong with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldProblem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The running generation, with `generation_active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_id: Option<super::GenerationId>,
    /// Goes with the code of the second factor, with `factor_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

impl Problem {
    /// The problem that `code` stands for, without details.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: code.title().to_owned(),
            status: code.status(),
            detail: None,
            code,
            retryable: code.is_retryable(),
            fields: BTreeMap::new(),
            retry_after_ms: None,
            request_id: None,
            generation_id: None,
            challenge: None,
        }
    }

    /// Adds a sentence about this occurrence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds when a repetition may succeed.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        self
    }

    /// Adds a field's problem.
    #[must_use]
    pub fn field(mut self, field: &str, code: FieldCode) -> Self {
        self.fields.insert(field.to_owned(), code.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(&self.title))
    }
}

impl std::error::Error for Problem {}
