//! What peers say: `{"type": …, "data": {…}}`, taken apart.
//!
//! Must not enter: rules about values; the services have them.

use parlance_core::domain::{ConversationId, FieldCode, GenerationId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::web::{
    error::Fault,
    extract::{object, reshape},
};

/// A message for the session of the socket. Members that it does not know are left unread: `timestamp` is one, since
/// the server's clock alone orders messages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserMessage {
    pub message: String,
    pub role_id: Option<String>,
    pub client_message_id: Option<String>,
}

/// A position to read on from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resume {
    pub conversation_id: Option<ConversationId>,
    /// Absent: the state is sent anew.
    pub cursor: Option<String>,
}

/// A reply to be ended: the one named, or the one that is being written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stop {
    pub conversation_id: Option<ConversationId>,
    pub generation_id: Option<GenerationId>,
}

/// One saying. `M` is the door's form of a message.
#[derive(Debug)]
pub(super) enum Told<M> {
    Message(M),
    Resume(Resume),
    Stop(Stop),
    /// A sign of life, for pages, which cannot send the protocol's own.
    Ping,
}

impl<M: DeserializeOwned> Told<M> {
    /// Reads one. Where `bare` is set, an object without a `type` is a message.
    ///
    /// # Errors
    /// 400 for what is no JSON object, 422 for a bad member.
    pub(super) fn read(text: &str, bare: bool) -> Result<Self, Fault> {
        let mut object = object(text)?;
        let kind = match object.get("type") {
            None if bare => return reshape(object).map(Self::Message),
            None => return Err(Fault::field("type", FieldCode::Required)),
            Some(Value::String(kind)) => kind.clone(),
            Some(_) => return Err(Fault::field("type", FieldCode::Malformed)),
        };
        let data = match object.remove("data") {
            Some(Value::Object(data)) => data,
            None | Some(Value::Null) => Map::new(),
            Some(_) => return Err(Fault::field("data", FieldCode::Malformed)),
        };
        match kind.as_str() {
            "user_message" => reshape(data).map(Self::Message),
            "resume" => reshape(data).map(Self::Resume),
            "stop" => reshape(data).map(Self::Stop),
            "ping" => Ok(Self::Ping),
            _ => Err(Fault::field("type", FieldCode::Unknown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_agreed_message() {
        let text = r#"{"type":"user_message","data":{"message":"你好","role_id":"tech_expert","timestamp":"2025-01-01T12:00:00Z"}}"#;
        let Told::Message(UserMessage {
            message, role_id, ..
        }) = Told::read(text, false).unwrap()
        else {
            panic!("a message")
        };
        assert_eq!(
            (message.as_str(), role_id.as_deref()),
            ("你好", Some("tech_expert"))
        );
    }

    #[test]
    fn names_what_is_wrong() {
        for (text, field) in [
            (r#"{"data":{}}"#, "type"),
            (r#"{"type":7}"#, "type"),
            (r#"{"type":"execute"}"#, "type"),
            (r#"{"type":"user_message","data":7}"#, "data"),
            (r#"{"type":"user_message","data":{"message":7}}"#, "message"),
        ] {
            let fault = Told::<UserMessage>::read(text, false).unwrap_err();
            let problem = fault.into_problem();
            assert!(problem.fields.contains_key(field), "{text}: {problem:?}");
        }
        for text in ["", "hello", "{"] {
            let fault = Told::<UserMessage>::read(text, false).unwrap_err();
            assert_eq!(fault.into_problem().status, 400, "{text}");
        }
        assert!(Told::<UserMessage>::read(r#"{"message":"x"}"#, true).is_ok());
    }
}
