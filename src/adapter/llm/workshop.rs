//! Models of what people configure: each goes out through the guarded client, with the key of its own configuration or with
//! none.

use std::sync::Arc;

use parlance_core::domain::ModelKind;
use parlance_server::port::llm::{self as port, Llm};

use super::{
    Agent, Anthropic, Gemini, OpenAi, OpenAiConfig, Prefix, RemoteConfig, SetupError, Timeouts,
    wire::Guard,
};

/// The workshop.
#[derive(Clone, Debug)]
pub struct Workshop {
    guard: Guard,
    timeouts: Timeouts,
}

impl Workshop {
    #[must_use]
    pub fn new(guard: Guard, timeouts: Timeouts) -> Self {
        Self { guard, timeouts }
    }

    fn made(&self, remote: port::Remote) -> Result<Arc<dyn Llm>, SetupError> {
        let config = RemoteConfig {
            api_key: remote.api_key,
            base_url: remote.base_url,
            model: remote.model,
            context_tokens: remote.context_tokens,
            timeouts: self.timeouts,
            guard: Some(self.guard.clone()),
        };
        Ok(match remote.kind {
            ModelKind::OpenAi => Arc::new(OpenAi::new(OpenAiConfig {
                remote: config,
                prefix: Prefix::ByHost,
            })?),
            ModelKind::Anthropic => Arc::new(Anthropic::new(config)?),
            ModelKind::Gemini => Arc::new(Gemini::new(config)?),
            ModelKind::Agent => Arc::new(Agent::new(config)?),
        })
    }
}

impl port::Workshop for Workshop {
    fn make(&self, remote: port::Remote) -> Result<Arc<dyn Llm>, String> {
        self.made(remote).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use parlance_core::domain::ProblemCode;
    use parlance_server::port::{
        egress::Egress as _,
        llm::{Remote, Workshop as _},
    };
    use reqwest::dns::Resolve;
    use tokio::net::TcpListener;

    use super::*;
    use crate::{
        egress::{Egress, tests::Names},
        llm::tests::{KEY, haste, prompt},
    };

    const ADDRESS: &str = "https://rebind.example.com/v1";

    #[tokio::test]
    async fn a_name_that_stands_for_this_machine_by_now_is_not_called_and_gets_no_key() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        for kind in ModelKind::ALL {
            let names = Names::of(&[&["8.8.8.8"], &[&here], &["8.8.8.8", &here]]);
            let egress = Egress::resolving(Vec::new(), haste().connect, names.clone()).unwrap();
            // When it is saved, it may be called, and is somebody else's.
            egress.check(ADDRESS).unwrap();
            let seen = names.resolve("rebind.example.com".parse().unwrap()).await;
            let seen: Vec<_> = seen.unwrap().map(|place| place.ip().to_string()).collect();
            assert_eq!(seen, ["8.8.8.8"]);

            let guard = Guard::new(Arc::new(egress), haste(), Duration::from_secs(5)).unwrap();
            let model = Workshop::new(guard, haste()).make(Remote {
                kind,
                base_url: Some(ADDRESS.to_owned()),
                api_key: Some(KEY.into()),
                model: Some("any".to_owned()),
                context_tokens: None,
            });
            let model = model.unwrap();
            for _ in 0..2 {
                let refusal = model.ask(prompt()).await.err().expect("a refusal");
                assert_eq!(refusal.code, ProblemCode::EndpointBlocked, "{kind:?}");
                assert!(!refusal.detail.contains(&here), "{refusal}");
            }
        }
        let caller = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(caller.is_err(), "somebody came: {caller:?}");
    }
}
