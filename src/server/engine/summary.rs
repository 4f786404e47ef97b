//! A summary of what does not fit the model's window any more, made in the background after a reply, for the next one.
//! Without one the oldest turns are simply left out.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{Message, MessageId, Role};

use super::{
    Inner,
    prompt::{Built, Digest, tokens::Counter},
    side,
};
use crate::port::{
    llm::{Model, Prompt, Turn},
    store::{GenerationRow, Summary},
};

/// Bytes that are read of the answer.
const READ: usize = 16 * 1024;
/// Longest summary.
const MOST_TOKENS: u32 = 1_024;
const LIMIT: Duration = Duration::from_secs(120);

const REQUEST: &str = "You keep the notes of a conversation between a person and an assistant. Write the notes that \
    will stand for the part of it that you are shown, in its own language, at most 400 words: what the person wants, \
    facts, names, numbers, decisions, code that matters, open questions. If there are earlier notes, take them up into \
    yours. Reply with the notes alone; do not answer what is asked in the conversation.";

/// Sums up what the prompt of the reply that just ended could not hold, if that is wanted.
pub(super) fn spawn(inner: Arc<Inner>, row: GenerationRow, model: Arc<Model>, built: Built) {
    let context_rev = built.context_rev;
    let Some(digest) = built.digest.filter(|_| inner.settings.summaries) else {
        return;
    };
    tokio::spawn(async move {
        let most = (model.llm.window() as usize).saturating_sub(MOST_TOKENS as usize + SPARE);
        // Counting takes its time.
        let requested =
            tokio::task::spawn_blocking(move || request(&digest, most, &Counter::load())).await;
        let Ok(Some((prompt, up_to))) = requested else {
            return;
        };
        let answer = side::ask(&inner, &model, row.user_id, prompt, READ, LIMIT).await;
        let Some(text) = answer.map(|text| text.trim().to_owned()) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let summary = Summary { up_to, text };
        let now = inner.clock.now();
        if let Err(error) = inner
            .store
            .save_summary(row.conversation_id, summary, context_rev, now)
            .await
        {
            tracing::debug!(%error, conversation_id = %row.conversation_id, "summary not stored");
        }
    });
}

/// Tokens for the request's own words.
const SPARE: usize = 256;

/// The prompt for as many of the oldest messages as have at most `most` tokens, and the last of them. `None` when not
/// even the first has.
fn request(digest: &Digest, most: usize, counter: &Counter) -> Option<(Prompt, MessageId)> {
    let mut text = String::new();
    if let Some(notes) = &digest.previous {
        text = format!("<notes>\n{notes}\n</notes>\n\n");
    }
    let mut left = most.checked_sub(counter.of_turn(&text))?;
    let mut up_to = None;
    for message in &digest.messages {
        let part = told(message);
        let Some(rest) = left.checked_sub(counter.of_turn(&part)) else {
            break;
        };
        left = rest;
        text.push_str(&part);
        up_to = Some(message.id);
    }
    let turn = |role, content| Turn { role, content };
    let prompt = Prompt {
        turns: vec![
            turn(Role::System, REQUEST.to_owned()),
            turn(Role::User, text),
        ],
        max_tokens: Some(MOST_TOKENS),
        ..Prompt::default()
    };
    Some((prompt, up_to?))
}

fn told(message: &Message) -> String {
    let who = match message.role {
        Role::User => "person",
        Role::Assistant | Role::System | Role::Tool => "assistant",
    };
    format!("<{who}>\n{}\n</{who}>\n\n", message.content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::message;

    #[test]
    fn earlier_notes_and_the_oldest_messages_are_summed_up_as_far_as_they_fit() {
        let digest = Digest {
            previous: Some("They met.".to_owned()),
            messages: vec![
                message(1, Role::User, "Hello"),
                message(2, Role::Assistant, "Good day"),
                message(3, Role::User, &"word ".repeat(500)),
            ],
        };
        let counter = Counter::load();
        let (prompt, up_to) = request(&digest, 100, &counter).expect("the first fit");
        assert_eq!(up_to, digest.messages[1].id);
        assert_eq!(
            prompt.turns[1].content,
            "<notes>\nThey met.\n</notes>\n\n<person>\nHello\n</person>\n\n<assistant>\nGood day\n</assistant>\n\n"
        );
        let (_, up_to) = request(&digest, 1_000, &counter).expect("all fit");
        assert_eq!(up_to, digest.messages[2].id);
        assert!(request(&digest, 15, &counter).is_none());
    }
}
