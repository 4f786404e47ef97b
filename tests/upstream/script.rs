//! From a plan to the steps of one reply, in order, fault included. No clock and no socket: `player` acts them out.

use std::{collections::VecDeque, time::Duration};

use serde_json::{Value, json};

use crate::{
    spec::{Kind, Spec, Text},
    wire::{self, Ask, Envelope},
};

/// What the model `markdown` says.
pub const MARKDOWN: &str = include_str!("markdown.md");

/// What the model `polyglot` says: characters of one to four bytes, and ones made of several.
pub const POLYGLOT: &str =
    "naïve café, Größe, 汉字与标点。かな, Привет, ∑ ≤ ∞, 👩‍🚀🇨🇳, é = e + ◌́. 完";

/// Characters of the pieces that a text comes in, about as many as a token of a real model has.
const PIECES: [usize; 7] = [3, 7, 2, 5, 8, 1, 4];

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Waits for its turn in the rate, then goes out as one chunk.
    Token(Token),
    Event(Value),
    /// The payload of a `data:` line that is no chunk.
    Data(Vec<u8>),
    /// Nothing more, and the connection stays open.
    Hang,
    /// The same, with a comment now and then.
    Murmur,
    /// The connection breaks.
    Reset,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Reasoning(usize),
    Word(usize),
    Piece(String),
}

impl Token {
    pub(crate) fn is_reasoning(&self) -> bool {
        matches!(self, Self::Reasoning(_))
    }

    /// The text, `now` being the time since the Unix epoch.
    pub(crate) fn text(self, now: Duration) -> String {
        match self {
            Self::Reasoning(number) => format!("r{number} "),
            Self::Word(number) => format!("w{number}@{} ", now.as_micros()),
            Self::Piece(text) => text,
        }
    }
}

pub(crate) fn steps(spec: &Spec, ask: &Ask, envelope: &Envelope) -> VecDeque<Step> {
    let tokens = tokens(spec, ask);
    let spent = tokens.len() - spec.think;
    let kind = spec.fault.map(|fault| fault.kind);
    let role = json!({ "role": "assistant", "content": "" });
    let mut steps = VecDeque::from([Step::Event(envelope.chunk(role, None))]);
    let place = spec
        .fault
        .map(|fault| fault.after().min(tokens.len()))
        .unwrap_or(0);
    for (index, token) in tokens.into_iter().map(Some).chain([None]).enumerate() {
        if index == place
            && let Some(kind) = kind
            && strike(kind, envelope, &mut steps)
        {
            return steps;
        }
        steps.extend(token.map(Step::Token));
        if kind == Some(Kind::EmptyDeltas) {
            let hollow = [
                envelope.chunk(json!({}), None),
                envelope.chunk(json!({ "content": "" }), None),
                envelope.chunk(json!({ "role": "assistant", "content": null }), None),
                envelope.event(json!([])),
            ];
            steps.extend(hollow.map(Step::Event));
        }
    }
    let reason = if kind == Some(Kind::Length) {
        "length"
    } else {
        "stop"
    };
    let finish = Step::Event(envelope.chunk(json!({}), Some(reason)));
    if kind == Some(Kind::DuplicateFinish) {
        steps.push_back(finish.clone());
    }
    steps.push_back(finish);
    // A reply in one piece always tells its usage.
    if ask.wants_usage() || !ask.stream {
        let usage = wire::usage(ask.prompt_tokens(), spec.think, spent);
        steps.push_back(Step::Event(envelope.usage_chunk(usage)));
    }
    if kind != Some(Kind::DoneMissing) {
        steps.push_back(Step::Data(b"[DONE]".to_vec()));
    }
    if kind == Some(Kind::AfterDone) {
        let late = json!({ "content": "after the end" });
        steps.push_back(Step::Event(envelope.chunk(late, None)));
        steps.push_back(Step::Data(b"[DONE]".to_vec()));
    }
    steps
}

/// Adds what goes wrong at this place; true when nothing can follow.
fn strike(kind: Kind, envelope: &Envelope, steps: &mut VecDeque<Step>) -> bool {
    match kind {
        Kind::ErrorInStream => {
            let message = "The server had an error while processing your request.";
            let error = wire::error(message, "server_error", "server_error");
            steps.push_back(Step::Event(error));
        }
        Kind::Reset => steps.push_back(Step::Reset),
        Kind::Stall => steps.push_back(Step::Hang),
        Kind::StallComments => steps.push_back(Step::Murmur),
        Kind::Eof => {}
        _ => {
            steps.extend(blemish(kind, envelope));
            return false;
        }
    }
    true
}

/// A step that ought not to be there, but after which the stream goes on.
fn blemish(kind: Kind, envelope: &Envelope) -> Option<Step> {
    Some(match kind {
        Kind::BadChunk => {
            Step::Data(br#"{"id":"chatcmpl-bad","choices":[{"delta":{"content":"w"#.to_vec())
        }
        Kind::Nul => Step::Token(Token::Piece("nul\0nul ".to_owned())),
        Kind::BigDelta => Step::Token(Token::Piece("x".repeat(1_000_000))),
        Kind::HugeDelta => Step::Token(Token::Piece("x".repeat(2_000_000))),
        Kind::InvalidUtf8 => {
            let chunk = envelope.chunk(json!({ "content": "~ " }), None).to_string();
            let bytes = chunk.bytes();
            let broken = bytes.map(|byte| if byte == b'~' { 0xff } else { byte });
            Step::Data(broken.collect())
        }
        _ => return None,
    })
}

fn tokens(spec: &Spec, ask: &Ask) -> Vec<Token> {
    let thoughts = (1..=spec.think).map(Token::Reasoning);
    let text: Vec<Token> = match spec.text {
        Text::Words(count) => (1..=count).map(Token::Word).collect(),
        Text::Essay(count) => essay(count),
        Text::Echo => pieces(&ask.last_user_text(), &PIECES),
        Text::History => pieces(&Value::from(ask.messages.clone()).to_string(), &[64]),
        Text::Markdown => pieces(MARKDOWN, &PIECES),
        Text::Polyglot => pieces(POLYGLOT, &[1]),
    };
    thoughts.chain(text).collect()
}

/// [`MARKDOWN`] over and over.
fn essay(count: usize) -> Vec<Token> {
    let chapter = pieces(&format!("{MARKDOWN}\n"), &PIECES);
    chapter.iter().cycle().take(count).cloned().collect()
}

/// Cuts a text into pieces of so many characters, the sizes taken in turn.
fn pieces(text: &str, sizes: &[usize]) -> Vec<Token> {
    let mut characters = text.chars();
    let cut = sizes
        .iter()
        .cycle()
        .map(|size| characters.by_ref().take(*size).collect::<String>());
    cut.take_while(|piece| !piece.is_empty())
        .map(Token::Piece)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(model: &str) -> VecDeque<Step> {
        let body = json!({
            "model": model, "messages": [{ "role": "user", "content": "你好, hello" }], "stream": true,
        });
        let ask: Ask = serde_json::from_value(body).expect("a request");
        let spec = Spec::parse(model).expect("a model");
        steps(&spec, &ask, &Envelope::new(&ask))
    }

    fn text(model: &str) -> String {
        let tokens = played(model).into_iter().filter_map(|step| match step {
            Step::Token(token) => Some(token.text(Duration::from_micros(7))),
            _ => None,
        });
        tokens.collect()
    }

    #[test]
    fn words_describe_themselves_after_the_thoughts() {
        assert_eq!(text("think-2+words-2"), "r1 r2 w1@7 w2@7 ");
    }

    #[test]
    fn texts_survive_being_cut_into_pieces() {
        assert_eq!(text("echo"), "你好, hello");
        assert_eq!(text("markdown"), MARKDOWN);
        assert_eq!(text("polyglot"), POLYGLOT);
        assert!(text("essay-2000").starts_with(&format!("{MARKDOWN}\n{MARKDOWN}\n")));
        assert_eq!(played("essay-2000").len(), 2_000 + played("words-0").len());
        let history: Value = serde_json::from_str(&text("history")).expect("JSON");
        assert_eq!(history[0]["content"], "你好, hello");
    }

    #[test]
    fn faults_strike_after_their_tokens() {
        for (model, last) in [
            ("fault-stall@2", Step::Hang),
            ("fault-reset@2", Step::Reset),
        ] {
            let steps = played(model);
            assert_eq!(steps.len(), 4, "{model}");
            assert_eq!(steps.back(), Some(&last));
        }
        assert_eq!(text("fault-eof@2"), "w1@7 w2@7 ");
        assert_eq!(played("words-2+fault-eof@9").len(), 3);
    }

    #[test]
    fn blemishes_lose_no_token() {
        for kind in [
            "bad-chunk",
            "invalid-utf8",
            "empty-deltas",
            "crlf",
            "length",
            "after-done",
        ] {
            assert_eq!(
                text(&format!("words-9+fault-{kind}@3")),
                text("words-9"),
                "{kind}"
            );
        }
        assert_eq!(text("words-2+fault-nul@1"), "w1@7 nul\0nul w2@7 ");
        assert!(text("fault-big-delta").len() > 1_000_000);
    }
}
