//! What a server function answers when it cannot do what was asked.

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use parlance_core::domain::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};

use super::answer::JsonText;

/// A [`Problem`] on its way through a server function. JSON on the wire, the same shape as the API's. Boxed: results are
/// moved about a lot, and nearly all of them are good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{0}")]
pub struct RpcError(pub Box<Problem>);

impl RpcError {
    /// No answer came at all. No HTTP status stands for that, hence the zero.
    #[must_use]
    pub fn unreachable() -> Self {
        let mut problem = Problem::new(ProblemCode::Internal);
        problem.status = 0;
        problem.retryable = true;
        problem.into()
    }

    /// Whether no answer came at all: the network or the server is away. Such a request may be sent again.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.0.status == 0
    }
}

impl From<Problem> for RpcError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<ProblemCode> for RpcError {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

#[cfg(feature = "ssr")]
impl From<parlance_server::service::Error> for RpcError {
    fn from(error: parlance_server::service::Error) -> Self {
        Problem::from(error).into()
    }
}

impl FromServerFnError for RpcError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::unreachable(),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => ProblemCode::BadRequest.into(),
            _ => ProblemCode::Internal.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_silent_network_from_a_refusal() {
        let silent =
            RpcError::from_server_fn_error(ServerFnErrorErr::Request("offline".to_owned()));
        assert!(silent.is_unreachable() && silent.0.retryable);
        assert!(!RpcError::from(ProblemCode::Internal).is_unreachable());
    }

    #[test]
    fn travels_as_plain_problem_json() {
        let error = RpcError::from(ProblemCode::InvalidCredentials);
        assert_eq!(RpcError::de(error.ser()), error);
        assert!(String::from_utf8_lossy(&error.ser()).contains("\"code\":\"invalid_credentials\""));
    }
}
