//! Who writes the replies: the provider, its address, key and model. Keys are named as the providers' own tools name
//! them.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use super::{Taker, without_secrets};

const DASHSCOPE: &str = "https://dashscope.aliyuncs.com/compatible-mode/v1";
const DASHSCOPE_MODEL: &str = "qwen-plus";

/// How a provider is told to go on with a text that it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// As far as its address tells.
    Auto,
    /// It cannot be: it is asked to in words.
    Never,
    DeepSeek,
    DashScope,
    Vllm,
}

/// Where replies come from.
#[derive(Clone, Debug)]
pub enum Model {
    /// Built in; needs nothing.
    Demo,
    /// Whoever speaks OpenAI's chat format.
    OpenAi {
        remote: Remote,
        prefix: Prefix,
    },
    Anthropic(Remote),
    Gemini(Remote),
    /// A service of one's own; its base URL is always there.
    Agent(Remote),
}

/// A provider as far as it is configured.
#[derive(Clone, Default)]
pub struct Remote {
    pub api_key: Option<SecretString>,
    /// `None`: the provider's own.
    pub base_url: Option<Url>,
    /// `None`: the first that the provider lists.
    pub model: Option<String>,
    /// Tokens of its window; `None`: by what is known of the model's name.
    pub context_tokens: Option<u32>,
}

impl fmt::Debug for Remote {
    /// An address may hold a password or a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("api_key", &self.api_key)
            .field("base_url", &self.base_url.as_ref().map(without_secrets))
            .field("model", &self.model)
            .field("context_tokens", &self.context_tokens)
            .finish()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    OpenAi,
    Anthropic,
    Gemini,
    Agent,
}

const KINDS: &[(&str, Kind)] = &[
    ("openai", Kind::OpenAi),
    ("anthropic", Kind::Anthropic),
    ("gemini", Kind::Gemini),
    ("agent", Kind::Agent),
];

impl Kind {
    /// The keys of which one must be set, the usual one first.
    fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["OPENAI_API_KEY", "OPENAI_BASE_URL", "DASHSCOPE_API_KEY"],
            Self::Anthropic => &["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"],
            Self::Gemini => &["GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"],
            Self::Agent => &["PARLANCE_AGENT_URL"],
        }
    }

    fn is_set(self, take: &Taker) -> bool {
        self.wanted().iter().any(|key| take.text(key).is_some())
    }
}

impl Model {
    pub(super) fn take(take: &mut Taker) -> Self {
        // What is written down is checked, whoever is chosen.
        let openai = Remote::openai(take);
        let prefix = prefix(take);
        let general = tokens(take, "PARLANCE_CONTEXT_TOKENS");
        let anthropic = Remote::of(
            take,
            ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL"],
            general,
        );
        let gemini = Remote::of(
            take,
            ["GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMINI_MODEL"],
            general,
        );
        let agent = Remote {
            api_key: take.text("PARLANCE_AGENT_KEY").map(SecretString::from),
            base_url: take.http_url("PARLANCE_AGENT_URL"),
            model: None,
            context_tokens: general,
        };
        match chosen(take) {
            None => Self::Demo,
            Some(Kind::OpenAi) => Self::OpenAi {
                remote: Remote {
                    context_tokens: openai.context_tokens.or(general),
                    ..openai
                },
                prefix,
            },
            Some(Kind::Anthropic) => Self::Anthropic(anthropic),
            Some(Kind::Gemini) => Self::Gemini(gemini),
            Some(Kind::Agent) => Self::Agent(agent),
        }
    }

    /// What answers, and where, without secrets.
    pub(super) fn summary(&self) -> String {
        let at = |remote: &Remote, own: &str| {
            let model = remote.model.as_deref().unwrap_or("first listed model");
            let url = remote.base_url.as_ref();
            format!(
                "{model} at {}",
                url.map_or_else(|| own.to_owned(), without_secrets)
            )
        };
        match self {
            Self::Demo => "built-in demo model".to_owned(),
            Self::OpenAi { remote, .. } => at(remote, "https://api.openai.com/v1"),
            Self::Anthropic(remote) => at(remote, "https://api.anthropic.com"),
            Self::Gemini(remote) => at(remote, "https://generativelanguage.googleapis.com"),
            Self::Agent(remote) => {
                let url = remote.base_url.as_ref();
                format!("agent at {}", url.map_or_else(String::new, without_secrets))
            }
        }
    }
}

impl Remote {
    fn of(take: &mut Taker, keys: [&str; 3], context_tokens: Option<u32>) -> Self {
        let [key, url, model] = keys;
        Self {
            api_key: take.text(key).map(SecretString::from),
            base_url: take.http_url(url),
            model: take.text(model),
            context_tokens,
        }
    }

    /// With DashScope in place of OpenAI where only its key is set.
    fn openai(take: &mut Taker) -> Self {
        let context_tokens = tokens(take, "OPENAI_CONTEXT_TOKENS");
        let keys = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"];
        let remote = Self::of(take, keys, context_tokens);
        if remote.api_key.is_some() || take.text("OPENAI_BASE_URL").is_some() {
            return remote;
        }
        match take.text("DASHSCOPE_API_KEY") {
            Some(key) => Self {
                api_key: Some(SecretString::from(key)),
                base_url: Url::parse(DASHSCOPE).ok(),
                model: remote.model.or_else(|| Some(DASHSCOPE_MODEL.to_owned())),
                context_tokens,
            },
            None => remote,
        }
    }
}

/// Whoever is named; else OpenAI if it can be asked, else the only one that can be; none for the demo.
fn chosen(take: &mut Taker) -> Option<Kind> {
    const KEY: &str = "PARLANCE_PROVIDER";
    if let Some(name) = take.text(KEY) {
        let kind = take.one_of(KEY, KINDS);
        if KINDS.iter().any(|(known, _)| *known == name) && !kind.is_set(take) {
            let wanted = kind.wanted().join(" or ");
            take.refuse(kind.wanted()[0], format!("{KEY}={name} needs {wanted}"));
        }
        return Some(kind);
    }
    let set: Vec<_> = KINDS.iter().filter(|(_, kind)| kind.is_set(take)).collect();
    match set.as_slice() {
        [] => None,
        [(_, Kind::OpenAi), ..] => Some(Kind::OpenAi),
        [(_, kind)] => Some(*kind),
        [(_, first), ..] => {
            let names: Vec<_> = set.iter().map(|(name, _)| *name).collect();
            let reason = format!("is needed where several can be asked: {}", names.join(", "));
            take.refuse(KEY, reason);
            Some(*first)
        }
    }
}

fn prefix(take: &mut Taker) -> Prefix {
    take.one_of(
        "OPENAI_PREFIX",
        &[
            ("auto", Prefix::Auto),
            ("never", Prefix::Never),
            ("deepseek", Prefix::DeepSeek),
            ("dashscope", Prefix::DashScope),
            ("vllm", Prefix::Vllm),
        ],
    )
}

fn tokens(take: &mut Taker, key: &str) -> Option<u32> {
    take.text(key)?;
    u32::try_from(take.count(key, 1)).ok()
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError, Source};

    use super::*;

    const ANTHROPIC: (&str, &str) = ("ANTHROPIC_API_KEY", "sk-ant-canary");
    const GEMINI: (&str, &str) = ("GEMINI_API_KEY", "AIzaCanary");
    const AGENT: (&str, &str) = (
        "PARLANCE_AGENT_URL",
        "http://me:canary@10.0.0.9/ask?k=canary",
    );
    const OPENAI: (&str, &str) = ("OPENAI_API_KEY", "sk-canary");

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(pairs))
    }

    fn model(pairs: &[(&str, &str)]) -> Model {
        read(pairs).expect("sound settings").model
    }

    #[test]
    fn the_only_one_that_can_be_asked_is() {
        assert!(matches!(model(&[]), Model::Demo));
        assert!(matches!(model(&[ANTHROPIC]), Model::Anthropic(_)));
        assert!(matches!(model(&[GEMINI]), Model::Gemini(_)));
        assert!(matches!(model(&[AGENT]), Model::Agent(_)));
        assert!(matches!(model(&[OPENAI, GEMINI]), Model::OpenAi { .. }));
        let told = ("PARLANCE_PROVIDER", "gemini");
        assert!(matches!(model(&[told, OPENAI, GEMINI]), Model::Gemini(_)));
        // A model's name alone asks nobody.
        assert!(matches!(model(&[("ANTHROPIC_MODEL", "x")]), Model::Demo));
    }

    #[test]
    fn what_is_missing_or_open_is_said() {
        for (pairs, key, word) in [
            (
                vec![("PARLANCE_PROVIDER", "anthropic"), OPENAI],
                ANTHROPIC.0,
                "ANTHROPIC_BASE_URL",
            ),
            (
                vec![("PARLANCE_PROVIDER", "gemini")],
                GEMINI.0,
                "PARLANCE_PROVIDER=gemini",
            ),
            (vec![("PARLANCE_PROVIDER", "agent")], AGENT.0, AGENT.0),
            (
                vec![("PARLANCE_PROVIDER", "openai")],
                OPENAI.0,
                "DASHSCOPE_API_KEY",
            ),
            (
                vec![("PARLANCE_PROVIDER", "claude"), ANTHROPIC],
                "PARLANCE_PROVIDER",
                "anthropic",
            ),
            (
                vec![ANTHROPIC, GEMINI],
                "PARLANCE_PROVIDER",
                "anthropic, gemini",
            ),
            (vec![("PARLANCE_AGENT_URL", "10.0.0.9:80")], AGENT.0, "http"),
            (
                vec![("PARLANCE_CONTEXT_TOKENS", "many")],
                "PARLANCE_CONTEXT_TOKENS",
                "many",
            ),
        ] {
            let errors = read(&pairs).expect_err("an error");
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].key, key);
            assert!(errors[0].reason.contains(word), "{}", errors[0].reason);
            assert!(!format!("{errors:?}").to_lowercase().contains("canary"));
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for pair in [ANTHROPIC, GEMINI, OPENAI, AGENT] {
            let config = read(&[pair]).expect("sound settings");
            assert!(!format!("{config:?}").to_lowercase().contains("canary"));
        }
        let config = read(&[AGENT]).expect("sound settings");
        assert_eq!(config.summary()["model"], "agent at http://10.0.0.9/ask");
    }

    #[test]
    fn the_window_is_anybodys() {
        let window = ("PARLANCE_CONTEXT_TOKENS", "9000");
        let Model::Gemini(remote) = model(&[GEMINI, window]) else {
            panic!("another one is asked");
        };
        assert_eq!(remote.context_tokens, Some(9_000));
        let own = ("OPENAI_CONTEXT_TOKENS", "7000");
        let Model::OpenAi { remote, .. } = model(&[OPENAI, window, own]) else {
            panic!("another one is asked");
        };
        assert_eq!(remote.context_tokens, Some(7_000));
    }
}
