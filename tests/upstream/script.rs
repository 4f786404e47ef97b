//! From a plan to the steps of one reply, in order, fault included. No clock and no socket: `player` acts them out.

use std::{collections::VecDeque, time::Duration};

use serde_json::Value;

use crate::{
    dialect::{Breath, Reason, Tally, Voice, openai},
    spec::{Fault, Kind, Spec, Text},
    wire::Ask,
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

    fn breath(&self) -> Breath {
        if self.is_reasoning() {
            Breath::Thought
        } else {
            Breath::Text
        }
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

pub(crate) fn steps(spec: &Spec, ask: &Ask, voice: &Voice) -> VecDeque<Step> {
    let tokens = tokens(spec, ask);
    let kind = spec.fault.map(|fault| fault.kind);
    let mut tally = Tally {
        prompt: ask.prompt_tokens(),
        reasoning: spec.think,
        text: tokens.len() - spec.think,
    };
    let mut steps: VecDeque<Step> = events(voice.opening()).collect();
    let place = match spec.fault {
        None
        | Some(Fault {
            kind: Kind::Blocked,
            ..
        }) => 0,
        Some(fault) => fault.after().min(tokens.len()),
    };
    let (mut breath, mut reason) = (Breath::None, Reason::Stop);
    for (index, token) in tokens.into_iter().map(Some).chain([None]).enumerate() {
        if index == place
            && let Some(kind) = kind
        {
            if let Some(early) = early(kind) {
                reason = early;
                tally.reasoning = index.min(spec.think);
                tally.text = index - tally.reasoning;
                break;
            }
            if strike(kind, voice, &mut steps) {
                return steps;
            }
        }
        let next = token.as_ref().map_or(Breath::None, Token::breath);
        steps.extend(events(voice.between(breath, next)));
        breath = next;
        steps.extend(token.map(Step::Token));
        if kind == Some(Kind::EmptyDeltas) {
            steps.extend(events(voice.hollow()));
        }
    }
    steps.extend(events(voice.between(breath, Breath::None)));
    steps.extend(ending(kind, reason, tally, ask, voice));
    steps
}

/// Finish, counts and end mark.
fn ending(
    kind: Option<Kind>,
    reason: Reason,
    tally: Tally,
    ask: &Ask,
    voice: &Voice,
) -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    if kind == Some(Kind::Tool) {
        steps.extend(events(voice.call()));
    }
    let finish = match kind {
        Some(Kind::Blocked) => voice.blocked(tally),
        Some(Kind::Length) => voice.finish(Reason::Length, tally),
        _ => voice.finish(reason, tally),
    };
    if kind == Some(Kind::DuplicateFinish) {
        steps.extend(events(finish.clone()));
    }
    steps.extend(events(finish));
    // A reply in one piece always tells its usage.
    if let Voice::OpenAi(envelope) = voice
        && (ask.wants_usage() || !ask.stream)
    {
        let usage = openai::usage(tally.prompt, tally.reasoning, tally.text);
        steps.push_back(Step::Event(envelope.usage_chunk(usage)));
    }
    let mark = match voice {
        Voice::OpenAi(_) => Some(Step::Data(b"[DONE]".to_vec())),
        _ => voice.mark().map(Step::Event),
    };
    if kind != Some(Kind::DoneMissing) {
        steps.extend(mark.clone());
    }
    if kind == Some(Kind::AfterDone) {
        steps.push_back(Step::Event(voice.said(false, "after the end")));
        steps.extend(mark);
    }
    steps
}

fn events(events: Vec<Value>) -> impl Iterator<Item = Step> {
    events.into_iter().map(Step::Event)
}

/// Why a reply is over at this place, if it is.
fn early(kind: Kind) -> Option<Reason> {
    match kind {
        Kind::Refusal | Kind::Blocked => Some(Reason::Refused),
        Kind::Tool => Some(Reason::Call),
        _ => None,
    }
}

/// Adds what goes wrong at this place; true when nothing can follow.
fn strike(kind: Kind, voice: &Voice, steps: &mut VecDeque<Step>) -> bool {
    match kind {
        Kind::ErrorInStream => steps.push_back(Step::Event(voice.failing())),
        Kind::Reset => steps.push_back(Step::Reset),
        Kind::Stall => steps.push_back(Step::Hang),
        Kind::StallComments => steps.push_back(Step::Murmur),
        Kind::Eof => {}
        _ => {
            steps.extend(blemish(kind, voice));
            return false;
        }
    }
    true
}

/// Steps that ought not to be there, but after which the stream goes on.
fn blemish(kind: Kind, voice: &Voice) -> Vec<Step> {
    let piece = |text: &str| vec![Step::Token(Token::Piece(text.to_owned()))];
    match kind {
        Kind::BadChunk => {
            let half = br#"{"id":"chatcmpl-bad","choices":[{"delta":{"content":"w"#;
            vec![Step::Data(half.to_vec())]
        }
        Kind::Nul => piece("nul\0nul "),
        Kind::BigDelta => piece(&"x".repeat(1_000_000)),
        Kind::HugeDelta => piece(&"x".repeat(2_000_000)),
        Kind::InvalidUtf8 => {
            let chunk = voice.said(false, "~ ").to_string();
            let bytes = chunk.bytes();
            let broken = bytes.map(|byte| if byte == b'~' { 0xff } else { byte });
            vec![Step::Data(broken.collect())]
        }
        Kind::Image => events(voice.image()).collect(),
        Kind::Foreign => events(voice.foreign()).collect(),
        _ => Vec::new(),
    }
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
    use serde_json::json;

    use super::*;
    use crate::dialect::Dialect;

    fn played(model: &str) -> VecDeque<Step> {
        played_in(Dialect::OpenAi, model)
    }

    fn played_in(dialect: Dialect, model: &str) -> VecDeque<Step> {
        let message = json!({ "role": "user", "content": "你好, hello" });
        let ask = Ask::new(model, vec![message]);
        let spec = Spec::parse(model).expect("a model");
        steps(&spec, &ask, &dialect.voice(&ask))
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

    #[test]
    fn blocks_open_and_close_around_thoughts_and_text() {
        let steps = played_in(Dialect::Anthropic, "think-1+words-1");
        let kinds: Vec<_> = steps
            .iter()
            .map(|step| match step {
                Step::Event(event) => event["type"].as_str().unwrap_or_default(),
                _ => "token",
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "message_start",
                "ping",
                "content_block_start",
                "token",
                "content_block_delta",
                "content_block_stop",
                "content_block_start",
                "token",
                "content_block_stop",
                "message_delta",
                "message_stop",
            ]
        );
    }
}
