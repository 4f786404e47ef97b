//! What the chat doors are asked, in the forms that their front ends send.
//!
//! Where the sources name a member in words only, the likely spellings are all taken.

use parlance_core::domain::{
    ConversationId, FieldCode, MessageId, ModelConfigId, ModelDraft, Parameters,
};
use parlance_server::service::messages::Send;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::web::{error::Fault, extract::reshape, turn};

/// A message for a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ChatBody {
    #[schema(required = true, value_type = ConversationId)]
    conversation_id: Option<ConversationId>,
    /// At most 256 KiB of UTF-8.
    #[schema(required = true)]
    #[serde(default)]
    content: String,
    /// `[A-Za-z0-9_-]{1,64}`: the same one again changes nothing and streams the same reply.
    client_message_id: Option<String>,
    /// The message that this one answers; absent: the last one of the path that is read.
    parent_id: Option<MessageId>,
    /// Id or short name of the persona that replies; absent: that of the conversation.
    persona_id: Option<String>,
}

/// A message for a session, answered when the reply is complete.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SessionMessage {
    #[schema(required = true)]
    #[serde(default)]
    message: String,
    /// Id of the conversation.
    #[schema(required = true, value_type = ConversationId)]
    session_id: Option<ConversationId>,
    /// Id or short name of the persona that replies.
    #[schema(required = true, value_type = String)]
    role_id: Option<String>,
    /// `[A-Za-z0-9_-]{1,64}`: the same one again changes nothing and brings the same reply.
    client_message_id: Option<String>,
}

/// A message for a conversation, answered by the reply as it is written.
#[derive(Deserialize, ToSchema)]
pub(in crate::web) struct ConversationMessage {
    #[schema(required = true, value_type = ConversationId)]
    #[serde(alias = "conversationId")]
    pub(in crate::web) conversation_id: Option<ConversationId>,
    /// The text, or an object whose `content` is the text.
    #[schema(required = true, value_type = String)]
    #[serde(default, alias = "content")]
    message: Value,
    #[serde(flatten)]
    model: Model,
    /// The model configuration that is asked; absent: that of the conversation.
    #[serde(alias = "modelConfigId")]
    model_config_id: Option<ModelConfigId>,
    /// Id or short name of the persona that replies; absent: that of the conversation.
    #[serde(alias = "role_id")]
    persona_id: Option<String>,
    /// `[A-Za-z0-9_-]{1,64}`: the same one again changes nothing and streams the same reply.
    client_message_id: Option<String>,
}

/// A model of the caller's own.
#[derive(Deserialize, ToSchema)]
struct Model {
    /// Where a model of the caller's own is asked, in OpenAI's format. Empty: the chosen model is.
    #[serde(alias = "base_url", alias = "url")]
    model_url: Option<String>,
    /// Its key. Without an address OpenAI's own is asked.
    #[serde(alias = "api_key", alias = "model_key", alias = "key")]
    #[schema(write_only)]
    model_api_key: Option<String>,
    /// What it is called; without address and key it has no effect.
    #[serde(alias = "model")]
    model_name: Option<String>,
    /// Parameters for this reply; what is none of ours goes to the provider as it is.
    #[serde(alias = "model_params", alias = "parameters")]
    params: Option<Map<String, Value>>,
}

/// A conversation that wants a title.
#[derive(Deserialize, ToSchema)]
pub(in crate::web) struct TitleBody {
    #[schema(required = true, value_type = ConversationId)]
    #[serde(alias = "conversationId")]
    conversation_id: Option<ConversationId>,
    /// Not read: the conversation's own messages are.
    #[serde(default)]
    #[expect(dead_code, reason = "described and taken, without effect")]
    messages: Value,
    #[serde(flatten)]
    model: Model,
}

/// Either form.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(in crate::web) enum SendBody {
    Session(SessionMessage),
    Conversation(Box<ConversationMessage>),
}

/// A form taken apart.
pub(in crate::web) struct Ask {
    pub send: Send,
    /// Whether this form is answered by the reply as it is written.
    pub streamed: bool,
    /// What the form calls the members that the service checks.
    pub names: &'static [(&'static str, &'static str)],
}

impl ChatBody {
    pub(in crate::web) fn into_send(self) -> Result<Send, Fault> {
        let conversation = required("conversation_id", self.conversation_id)?;
        let mut send = turn::message(
            conversation,
            self.content,
            self.client_message_id,
            self.persona_id,
        );
        send.parent = turn::parent(self.parent_id.map(Some));
        Ok(send)
    }
}

impl SendBody {
    /// Chooses the form by the members.
    pub(in crate::web) fn read(object: Map<String, Value>) -> Result<Self, Fault> {
        if object.contains_key("session_id") {
            return reshape(object).map(Self::Session);
        }
        reshape(object).map(|body| Self::Conversation(Box::new(body)))
    }

    pub(in crate::web) fn into_ask(self) -> Result<Ask, Fault> {
        match self {
            Self::Session(body) => body.into_ask(),
            Self::Conversation(body) => body.into_ask(),
        }
    }
}

impl SessionMessage {
    fn into_ask(self) -> Result<Ask, Fault> {
        let conversation = required("session_id", self.session_id)?;
        let role = required("role_id", self.role_id)?;
        Ok(Ask {
            send: turn::message(
                conversation,
                self.message,
                self.client_message_id,
                Some(role),
            ),
            streamed: false,
            names: &[("content", "message"), ("persona_id", "role_id")],
        })
    }
}

impl ConversationMessage {
    pub(in crate::web) fn into_ask(self) -> Result<Ask, Fault> {
        let conversation = required("conversation_id", self.conversation_id)?;
        let mut send = turn::message(
            conversation,
            text_of(self.message)?,
            self.client_message_id,
            self.persona_id,
        );
        send.model = self.model_config_id;
        send.inline = self.model.inline();
        send.parameters = params(self.model.params.unwrap_or_default())?;
        Ok(Ask {
            send,
            streamed: true,
            names: &[
                ("content", "message"),
                ("base_url", "model_url"),
                ("model", "model_name"),
                ("api_key", "model_api_key"),
            ],
        })
    }
}

impl Model {
    /// What the caller brings, if they bring an address or a key.
    fn inline(&self) -> Option<ModelDraft> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (base_url, api_key) = (given(&self.model_url), given(&self.model_api_key));
        if base_url.is_none() && api_key.is_none() {
            return None;
        }
        Some(ModelDraft {
            name: "-".to_owned(),
            base_url,
            api_key,
            model: self.model_name.clone().unwrap_or_default(),
            ..ModelDraft::default()
        })
    }
}

/// Members of [`Parameters`].
const KNOWN: [&str; 9] = [
    "temperature",
    "top_p",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "stop",
    "seed",
    "reasoning_effort",
    "extra",
];

/// Parameters as other front ends give them: what is none of ours goes to the provider.
pub(in crate::web::api) fn params(given: Map<String, Value>) -> Result<Parameters, Fault> {
    let is_ours = |name: &str| KNOWN.contains(&name);
    let (ours, extra): (Map<_, _>, Map<_, _>) =
        given.into_iter().partition(|(name, _)| is_ours(name));
    let mut parameters: Parameters = reshape(ours)?;
    parameters.extra.extend(extra);
    Ok(parameters)
}

impl TitleBody {
    /// Which conversation, and the model that comes along.
    pub(super) fn taken_apart(self) -> Result<(ConversationId, Option<ModelDraft>), Fault> {
        let conversation = required("conversation_id", self.conversation_id)?;
        Ok((conversation, self.model.inline()))
    }
}

fn text_of(message: Value) -> Result<String, Fault> {
    match message {
        Value::Null => Err(Fault::field("message", FieldCode::Required)),
        Value::String(text) => Ok(text),
        Value::Object(mut object) => match object.remove("content") {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Fault::field("message", FieldCode::Malformed)),
        },
        _ => Err(Fault::field("message", FieldCode::Malformed)),
    }
}

fn required<T>(field: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::field(field, FieldCode::Required))
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlance_core::domain::ProblemCode;
    use serde_json::json;

    const ID: &str = "0190a1b2-0000-7000-8000-000000000001";

    fn ask(body: Value) -> Result<Ask, Fault> {
        let Value::Object(object) = body else {
            panic!("an object")
        };
        SendBody::read(object).and_then(SendBody::into_ask)
    }

    fn refusal(body: Value) -> (ProblemCode, Vec<String>) {
        let problem = ask(body).err().unwrap().into_problem();
        (problem.code, problem.fields.into_keys().collect())
    }

    #[test]
    fn the_members_choose_the_form() {
        let whole =
            ask(json!({ "message": "hi", "session_id": ID, "role_id": "assistant" })).unwrap();
        assert!(!whole.streamed);
        assert_eq!(whole.send.persona.as_deref(), Some("assistant"));
        let streamed = ask(
            json!({ "conversation_id": ID, "message": "hi", "model_name": "m", "temperature": 1 }),
        )
        .unwrap();
        assert!(streamed.streamed);
        assert_eq!(streamed.send.content, "hi");
        let object =
            ask(json!({ "conversation_id": ID, "message": { "role": "user", "content": "hi" } }))
                .unwrap();
        assert_eq!(object.send.content, "hi");
    }

    #[test]
    fn a_model_of_the_callers_own_is_known_in_every_spelling() {
        let inline = |name: &str, value: &str| {
            let mut body = json!({ "conversation_id": ID, "message": "hi", "model": "m" });
            body[name] = json!(value);
            ask(body).unwrap().send.inline
        };
        for name in ["model_url", "base_url", "url"] {
            let draft = inline(name, "https://llm.example/v1").unwrap();
            assert_eq!(draft.base_url.as_deref(), Some("https://llm.example/v1"));
            assert_eq!(draft.model, "m");
            assert_eq!(inline(name, ""), None, "{name}");
        }
        for name in ["model_api_key", "api_key", "key", "model_key"] {
            assert_eq!(inline(name, "k").unwrap().api_key.as_deref(), Some("k"));
            assert_eq!(inline(name, " "), None, "{name}");
        }
    }

    #[test]
    fn parameters_that_are_none_of_ours_go_on_as_they_are() {
        let body = json!({
            "conversation_id": ID, "message": "hi", "params": { "temperature": 0.5, "top_k": 3 },
        });
        let parameters = ask(body).unwrap().send.parameters;
        assert_eq!(parameters.temperature, Some(0.5));
        assert_eq!(parameters.extra["top_k"], 3);
        let bad =
            json!({ "conversation_id": ID, "message": "hi", "params": { "temperature": "hot" } });
        assert_eq!(refusal(bad).1, ["temperature"]);
    }

    #[test]
    fn what_is_missing_is_named_in_the_forms_own_words() {
        let validation = |names: &[&str]| {
            let names = names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>();
            (ProblemCode::Validation, names)
        };
        assert_eq!(
            refusal(json!({ "message": "hi" })),
            validation(&["conversation_id"])
        );
        assert_eq!(
            refusal(json!({ "session_id": ID, "message": "hi" })),
            validation(&["role_id"])
        );
        assert_eq!(
            refusal(json!({ "session_id": "mine", "message": "hi", "role_id": "a" })),
            validation(&["session_id"])
        );
        assert_eq!(
            refusal(
                json!({ "session_id": ID, "message": "hi", "role_id": "a", "conversation_id": ID })
            ),
            validation(&["conversation_id"])
        );
        assert_eq!(
            refusal(json!({ "conversation_id": ID })),
            validation(&["message"])
        );
        assert_eq!(
            refusal(json!({ "conversation_id": ID, "message": 7 })),
            validation(&["message"])
        );
    }
}
