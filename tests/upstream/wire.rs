//! A request, whichever dialect it came in, and how events become bytes.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    dialect::text_of,
    spec::{Kind, Spec},
};

/// What is read of a request; the whole body is kept elsewhere. Its form is OpenAI's; other dialects are put into it.
#[derive(Debug, Deserialize)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) messages: Vec<Value>,
    #[serde(default)]
    pub(crate) stream: bool,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

impl Ask {
    /// A streamed one.
    pub(crate) fn new(model: &str, messages: Vec<Value>) -> Self {
        Self {
            model: model.to_owned(),
            messages,
            stream: true,
            stream_options: None,
        }
    }

    pub(crate) fn wants_usage(&self) -> bool {
        self.stream_options
            .as_ref()
            .is_some_and(|options| options.include_usage)
    }

    /// The text of the last user message, text parts joined.
    pub(crate) fn last_user_text(&self) -> String {
        let last = self
            .messages
            .iter()
            .rfind(|message| message["role"] == "user");
        last.map(text_of).unwrap_or_default()
    }

    /// A rough count, four bytes to a token, as good as any for a test.
    pub(crate) fn prompt_tokens(&self) -> usize {
        let bytes: usize = self
            .messages
            .iter()
            .map(|message| message["content"].to_string().len())
            .sum();
        bytes.div_ceil(4)
    }
}

/// The model that a person asked for in words: the first word of the newest user message that names one.
pub(crate) fn said(messages: &[Value]) -> Option<String> {
    let users = messages.iter().rev().filter(|said| said["role"] == "user");
    users
        .filter_map(|message| {
            text_of(message)
                .split_whitespace()
                .next()
                .map(str::to_owned)
        })
        .find(|word| Spec::parse(word).is_some())
}

/// How events are laid out as server-sent events, and where the bytes are cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framing(pub(crate) Option<Kind>);

impl Framing {
    /// Whether the cuts must reach the reader as cuts, so that the pieces need a moment between them.
    pub(crate) fn is_cut(self) -> bool {
        matches!(self.0, Some(Kind::SplitUtf8 | Kind::SlowLoris))
    }

    /// Whether the body is compressed though nobody asked for it.
    pub(crate) fn is_packed(self) -> bool {
        self.0 == Some(Kind::Gzip)
    }

    /// One event, which may have a name, as the pieces to send.
    pub(crate) fn pieces(self, name: Option<&str>, data: &[u8]) -> Vec<Bytes> {
        let (before, field, end) = match self.0 {
            Some(Kind::Crlf) => ("", "data: ", "\r\n\r\n"),
            Some(Kind::Comments) => (": ping\n\n: about the next event\n", "data: ", "\n\n"),
            Some(Kind::NoSpace) => ("", "data:", "\n\n"),
            _ => ("", "data: ", "\n\n"),
        };
        let line_end = &end[..end.len() / 2];
        let name = name.map_or_else(String::new, |name| format!("event: {name}{line_end}"));
        let frame = [before, &name, field].concat().into_bytes();
        let frame = [&frame, data, end.as_bytes()].concat();
        let cuts: Vec<usize> = match self.0 {
            Some(Kind::SplitUtf8) => {
                let multibyte = frame.iter().position(|byte| *byte >= 0xc0);
                // In the word `data`, in a character, between the two line ends.
                let inside = multibyte.map(|start| start + 1);
                [Some(3), inside, Some(frame.len() - 1)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Some(Kind::SlowLoris) => (1..frame.len()).step_by(7).collect(),
            // Without a moment between them: each is a chunk of its own, and arrives as one.
            Some(Kind::SplitSse) => (1..frame.len()).collect(),
            _ => Vec::new(),
        };
        let frame = Bytes::from(frame);
        let ends = cuts.iter().copied().chain([frame.len()]);
        let starts = [0].into_iter().chain(cuts.iter().copied());
        starts
            .zip(ends)
            .map(|(from, to)| frame.slice(from..to))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cuts_lie_inside_a_character_and_lose_nothing() {
        let pieces = Framing(Some(Kind::SplitUtf8)).pieces(None, "汉".as_bytes());
        assert_eq!(pieces.len(), 4);
        assert!(std::str::from_utf8(&pieces[1]).is_err());
        assert_eq!(pieces.concat(), "data: 汉\n\n".as_bytes());
    }

    #[test]
    fn frames_differ_only_in_layout() {
        let whole = |kind| Framing(kind).pieces(None, b"x").concat();
        assert_eq!(whole(None), b"data: x\n\n");
        assert_eq!(whole(Some(Kind::Crlf)), b"data: x\r\n\r\n");
        assert_eq!(whole(Some(Kind::NoSpace)), b"data:x\n\n");
        assert_eq!(whole(Some(Kind::SlowLoris)), b"data: x\n\n");
        assert!(whole(Some(Kind::Comments)).starts_with(b": ping\n\n"));
        let named = Framing(Some(Kind::Crlf))
            .pieces(Some("ping"), b"x")
            .concat();
        assert_eq!(named, b"event: ping\r\ndata: x\r\n\r\n");
    }

    #[test]
    fn the_newest_message_that_names_a_model_chooses_it() {
        let body = |last: &str| {
            [
                json!({ "role": "user", "content": "words-3 please" }),
                json!({ "role": "assistant", "content": "echo" }),
                json!({ "role": "user", "content": [{ "type": "text", "text": last }] }),
            ]
        };
        assert_eq!(
            said(&body("fault-eof@2 now")).as_deref(),
            Some("fault-eof@2")
        );
        assert_eq!(said(&body("go on")).as_deref(), Some("words-3"));
        assert_eq!(said(&[]), None);
    }

    #[test]
    fn finds_the_last_user_text_in_strings_and_parts() {
        let ask = |messages: Value| -> Ask {
            let body = json!({ "model": "echo", "messages": messages });
            serde_json::from_value(body).expect("a request")
        };
        let plain = ask(json!([
            { "role": "user", "content": "one" }, { "role": "user", "content": "two" },
            { "role": "assistant", "content": "three" },
        ]));
        assert_eq!(plain.last_user_text(), "two");
        let parts = ask(json!([{ "role": "user", "content": [
            { "type": "text", "text": "look " }, { "type": "image_url", "image_url": { "url": "data:" } },
            { "type": "text", "text": "here" },
        ]}]));
        assert_eq!(parts.last_user_text(), "look here");
        assert_eq!(ask(json!([])).last_user_text(), "");
    }
}
