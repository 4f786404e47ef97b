//! The built-in demo model: answers without a key, so that a newcomer sees the product at work. It
//! knows a handful of scripts (`demo/*.md`), picks one by what was asked, says openly what it is, and
//! streams at the pace of a real model. No network, no randomness: the same question gets the same
//! answer.

mod script;

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use parlance_core::domain::{Part, Role, Usage};
use parlance_server::port::llm::{Llm, LlmError, Piece, Pieces, Prompt};
use tokio::time::{MissedTickBehavior, interval};

use script::Reply;

/// The name that the demo answers under.
pub const MODEL: &str = "parlance-demo";

/// As small as that of many local models.
const WINDOW: u32 = 32_768;

/// About 75 pieces a second.
const PACE: Duration = Duration::from_millis(13);

/// A model that only plays one.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    pace: Duration,
}

impl Demo {
    #[must_use]
    pub fn new() -> Self {
        Self { pace: PACE }
    }

    /// One piece every `pace`, which must be above zero.
    #[cfg(test)]
    fn with_pace(pace: Duration) -> Self {
        Self { pace }
    }
}

impl Default for Demo {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Llm for Demo {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        let reply = reply(&prompt);
        let usage = Usage {
            prompt_tokens: prompt.turns.iter().map(|turn| tokens(&turn.content)).sum(),
            completion_tokens: tokens(&reply.reasoning) + tokens(&reply.text),
        };
        let spoken =
            spoken(Part::Reasoning, &reply.reasoning).chain(spoken(Part::Text, &reply.text));
        let pieces: Vec<Piece> = std::iter::once(Piece::Model(MODEL.to_owned()))
            .chain(spoken)
            .chain([Piece::Usage(usage), Piece::Finish("stop".to_owned())])
            .collect();
        let mut clock = interval(self.pace);
        // After a pause of the reader the pace goes on as before, instead of in a burst.
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let paced = stream::unfold(
            (pieces.into_iter(), clock),
            |(mut pieces, mut clock)| async move {
                let piece = pieces.next()?;
                if matches!(piece, Piece::Text { .. }) {
                    clock.tick().await;
                }
                Some((Ok(piece), (pieces, clock)))
            },
        );
        Ok(paced.boxed())
    }

    fn describe(&self) -> String {
        format!("{MODEL}, built in: set OPENAI_API_KEY or OPENAI_BASE_URL for a real model")
    }

    fn provider(&self) -> String {
        "demo".to_owned()
    }

    fn window(&self) -> u32 {
        WINDOW
    }

    fn continues_prefix(&self) -> bool {
        true
    }

    async fn models(&self) -> Result<Vec<String>, LlmError> {
        Ok(vec![MODEL.to_owned()])
    }
}

/// What the demo says to a prompt: a script, the rest of one, or one of the small things that the product itself asks
/// for, which it knows by their limit and the word in their request.
fn reply(prompt: &Prompt) -> Reply {
    let last = |role| prompt.turns.iter().rfind(|turn| turn.role == role);
    let asked = last(Role::User).map_or("", |turn| turn.content.as_str());
    let request = last(Role::System).map_or("", |turn| turn.content.as_str());
    if prompt.max_tokens.is_some() && request.contains("title") {
        return Reply::title(asked);
    }
    if prompt.max_tokens.is_some() && request.contains("notes") {
        return Reply::notes(asked);
    }
    let reply = Reply::to(asked);
    match &prompt.prefix {
        Some(prefix) => reply.after(prefix),
        None => reply,
    }
}

/// A text in pieces about as long as tokens: a few letters, or one or two characters of Chinese.
fn spoken(part: Part, text: &str) -> impl Iterator<Item = Piece> {
    const WIDTHS: [usize; 7] = [4, 6, 3, 5, 2, 7, 4];
    let (mut pieces, mut piece, mut width) = (Vec::new(), String::new(), 0);
    for character in text.chars() {
        piece.push(character);
        width += if character.is_ascii() { 1 } else { 3 };
        if width >= WIDTHS[pieces.len() % WIDTHS.len()] {
            pieces.push(std::mem::take(&mut piece));
            width = 0;
        }
    }
    pieces.extend(Some(piece).filter(|rest| !rest.is_empty()));
    pieces
        .into_iter()
        .map(move |text| Piece::Text { part, text })
}

/// A rough count: four letters, or one character of another script, to a token.
fn tokens(text: &str) -> i64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let others = text
        .chars()
        .filter(|character| !character.is_ascii())
        .count();
    i64::try_from(ascii.div_ceil(4) + others).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use parlance_server::port::llm::Turn;

    use super::*;

    fn asked(text: &str) -> Prompt {
        Prompt {
            turns: vec![Turn {
                role: Role::User,
                content: text.to_owned(),
            }],
            ..Prompt::default()
        }
    }

    async fn answer(text: &str) -> Vec<Piece> {
        answer_to(asked(text)).await
    }

    async fn answer_to(prompt: Prompt) -> Vec<Piece> {
        let pieces = Demo::with_pace(Duration::from_micros(1)).ask(prompt).await;
        let pieces = pieces
            .expect("the demo never refuses")
            .collect::<Vec<_>>()
            .await;
        pieces
            .into_iter()
            .map(|piece| piece.expect("the demo never fails"))
            .collect()
    }

    #[tokio::test]
    async fn names_itself_first_and_finishes_last() {
        let pieces = answer("你好").await;
        assert_eq!(pieces.first(), Some(&Piece::Model(MODEL.to_owned())));
        assert_eq!(pieces.last(), Some(&Piece::Finish("stop".to_owned())));
        let usage = pieces.iter().find_map(|piece| match piece {
            Piece::Usage(usage) => Some(*usage),
            _ => None,
        });
        let usage = usage.expect("a count");
        assert_eq!(usage.prompt_tokens, 2);
        assert!(usage.completion_tokens > 50);
    }

    #[tokio::test]
    async fn speaks_in_small_pieces_that_make_up_the_script() {
        for question in ["prove the integral formula", "用 Python 写一段代码", ""] {
            let reply = Reply::to(question);
            let (mut reasoning, mut text, mut count) = (String::new(), String::new(), 0);
            for piece in answer(question).await {
                if let Piece::Text { part, text: piece } = piece {
                    assert!(piece.chars().count() <= 7, "{piece:?}");
                    count += 1;
                    if part.is_text() {
                        text.push_str(&piece)
                    } else {
                        reasoning.push_str(&piece)
                    }
                }
            }
            assert_eq!((reasoning, text), (reply.reasoning, reply.text));
            assert!(count > 60, "{question}: {count}");
        }
    }

    fn said(pieces: &[Piece]) -> String {
        let texts = pieces.iter().filter_map(|piece| match piece {
            Piece::Text {
                part: Part::Text,
                text,
            } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    #[tokio::test]
    async fn goes_on_from_any_part_of_its_own_script() {
        let whole = Reply::to("maths").text;
        let half: String = whole.chars().take(100).collect();
        let prompt = Prompt {
            prefix: Some(half.clone()),
            ..asked("maths")
        };
        let pieces = answer_to(prompt).await;
        assert_eq!(half + &said(&pieces), whole);
        assert!(!pieces.iter().any(|piece| matches!(
            piece,
            Piece::Text {
                part: Part::Reasoning,
                ..
            }
        )));
    }

    #[tokio::test]
    async fn gives_titles_and_notes_when_the_product_asks_for_them() {
        let small = |request: &str, text: &str| {
            let mut prompt = asked(text);
            let content = request.to_owned();
            prompt.turns.insert(
                0,
                Turn {
                    role: Role::System,
                    content,
                },
            );
            prompt.max_tokens = Some(256);
            answer_to(prompt)
        };
        let title = small(
            "Reply with a title.",
            "<message>\nHow do I sort a long list in Rust, please?\n</message>",
        );
        assert_eq!(said(&title.await), "How do I sort a long");
        let notes = small("Write the notes.", "<person>\nHello there\n</person>");
        assert_eq!(said(&notes.await), "They spoke about: Hello there");
    }

    #[tokio::test]
    async fn keeps_the_pace_of_a_real_model() {
        let start = tokio::time::Instant::now();
        let pieces = Demo::new()
            .ask(asked("hello"))
            .await
            .expect("the demo never refuses");
        let text =
            pieces.filter(|piece| std::future::ready(matches!(piece, Ok(Piece::Text { .. }))));
        assert_eq!(text.take(31).count().await, 31);
        // 30 gaps; a busy machine may take longer, but never less.
        assert!(start.elapsed() >= PACE * 28, "{:?}", start.elapsed());
    }
}
