//! The body of a question (OpenAI API reference, "Create chat completion"), and what single providers want otherwise.

use parlance_core::domain::{Effort, Role};
use parlance_server::port::llm::Prompt;
use serde_json::{Value, json};

use super::target::Target;
use crate::llm::wire::sampling;

/// How a provider is handed the beginning of an answer that it shall go on from. There is no common way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefix {
    /// As the address tells: [`Self::Flag`] for DeepSeek's beta, [`Self::Partial`] for those models of DashScope that
    /// are known to have it, else [`Self::Never`].
    #[default]
    ByHost,
    /// It cannot be.
    Never,
    /// `"prefix": true` in the last message (DeepSeek, "Chat Prefix Completion").
    Flag,
    /// `"partial": true` in the last message (Alibaba Cloud Model Studio, "Partial mode").
    Partial,
    /// `continue_final_message` beside the messages (vLLM, "OpenAI-compatible server", extra parameters).
    FinalMessage,
}

impl Prefix {
    /// What [`Self::ByHost`] means for a model.
    pub(super) fn resolve(self, target: &Target, model: &str) -> Self {
        if self != Self::ByHost {
            return self;
        }
        let host = target.address().host();
        // Thinking models refuse it, so only those are named that do not think unless told to.
        let partial = [
            "qwen-max",
            "qwen-plus",
            "qwen-flash",
            "qwen-turbo",
            "qwen3-max",
            "qwen3-coder",
            "qwen2.5-",
        ];
        if host == "api.deepseek.com"
            && target
                .address()
                .path()
                .split('/')
                .any(|part| part == "beta")
        {
            Self::Flag
        } else if host.starts_with("dashscope")
            && host.ends_with(".aliyuncs.com")
            && partial.iter().any(|name| model.starts_with(name))
        {
            Self::Partial
        } else {
            Self::Never
        }
    }
}

/// The JSON that is sent. `prefix` is resolved.
pub(super) fn body(prompt: &Prompt, model: &str, prefix: Prefix, target: &Target) -> Value {
    let mut messages: Vec<Value> = prompt
        .turns
        .iter()
        .map(|turn| json!({ "role": turn.role, "content": turn.content }))
        .collect();
    let parameters = &prompt.parameters;
    let mut body = sampling::begun(&parameters.extra);
    body["model"] = model.into();
    body["stream"] = true.into();
    body["stream_options"] = json!({ "include_usage": true });
    sampling::plain(&mut body, parameters);
    sampling::set(&mut body, "seed", parameters.seed);
    sampling::set(&mut body, "stop", sampling::words(&parameters.stop));
    let effort = parameters.reasoning_effort.map(Effort::as_str);
    sampling::set(&mut body, "reasoning_effort", effort);
    if let Some(begun) = &prompt.prefix {
        let mut message = json!({ "role": Role::Assistant, "content": begun });
        match prefix {
            Prefix::Flag => message["prefix"] = true.into(),
            Prefix::Partial => message["partial"] = true.into(),
            Prefix::FinalMessage => {
                body["continue_final_message"] = true.into();
                body["add_generation_prompt"] = false.into();
            }
            Prefix::ByHost | Prefix::Never => {}
        }
        messages.push(message);
    }
    body["messages"] = messages.into();
    if let Some(most) = prompt.longest() {
        body[length_field(target)] = most.into();
    }
    body
}

/// OpenAI's reasoning models refuse the name that everybody else knows.
fn length_field(target: &Target) -> &'static str {
    let host = target.address().host();
    if host == "api.openai.com" || host.ends_with(".openai.azure.com") {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

#[cfg(test)]
mod tests {
    use parlance_server::port::llm::Turn;

    use super::*;

    fn target(base: &str) -> Target {
        Target::new(Some(base), None).expect("an address")
    }

    fn prompt() -> Prompt {
        Prompt {
            turns: vec![Turn {
                role: Role::User,
                content: "Count.".to_owned(),
            }],
            prefix: Some("One, ".to_owned()),
            max_tokens: Some(9),
            ..Prompt::default()
        }
    }

    #[test]
    fn each_provider_is_handed_the_beginning_its_own_way() {
        let local = target("http://127.0.0.1:8000/v1");
        let begun = |prefix| body(&prompt(), "m", prefix, &local);
        let last = json!({ "role": "assistant", "content": "One, ", "prefix": true });
        assert_eq!(begun(Prefix::Flag)["messages"][1], last);
        let last = json!({ "role": "assistant", "content": "One, ", "partial": true });
        assert_eq!(begun(Prefix::Partial)["messages"][1], last);
        let vllm = begun(Prefix::FinalMessage);
        assert_eq!(
            vllm["messages"][1],
            json!({ "role": "assistant", "content": "One, " })
        );
        assert_eq!(vllm["continue_final_message"], true);
        assert_eq!(vllm["add_generation_prompt"], false);
    }

    #[test]
    fn nothing_is_sent_that_was_not_asked_for() {
        let plain = Prompt {
            prefix: None,
            max_tokens: None,
            ..prompt()
        };
        let body = body(
            &plain,
            "m",
            Prefix::FinalMessage,
            &target("http://127.0.0.1:1/v1"),
        );
        let mut keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, ["messages", "model", "stream", "stream_options"]);
    }

    #[test]
    fn the_longest_answer_has_two_names() {
        let asked = |base: &str| body(&prompt(), "m", Prefix::Never, &target(base));
        assert_eq!(
            asked("https://api.openai.com/v1")["max_completion_tokens"],
            9
        );
        let other = asked("http://127.0.0.1:11434/v1");
        assert_eq!(other["max_tokens"], 9);
        assert_eq!(other.get("max_completion_tokens"), None);
    }

    #[test]
    fn the_address_tells_who_can_go_on_from_a_prefix() {
        let found = |base: &str, model: &str| Prefix::ByHost.resolve(&target(base), model);
        let dashscope = "https://dashscope.aliyuncs.com/compatible-mode/v1";
        assert_eq!(
            found("https://api.deepseek.com/beta", "deepseek-chat"),
            Prefix::Flag
        );
        assert_eq!(
            found("https://api.deepseek.com/v1", "deepseek-chat"),
            Prefix::Never
        );
        assert_eq!(found(dashscope, "qwen-plus"), Prefix::Partial);
        assert_eq!(found(dashscope, "qwq-plus"), Prefix::Never);
        assert_eq!(
            found("https://dashscope.example/beta", "qwen-plus"),
            Prefix::Never
        );
        let told = Prefix::FinalMessage.resolve(&target(dashscope), "qwen-plus");
        assert_eq!(told, Prefix::FinalMessage);
    }
}
