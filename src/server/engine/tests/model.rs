//! A model that does what a test wrote down for it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use parlance_core::domain::{Part, ProblemCode};
use tokio::time::Instant;

use crate::port::llm::{Llm, LlmError, Piece, Pieces, Prompt};

/// One step of an answer.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Say(&'static str),
    Wait(Duration),
    Break(ProblemCode),
    Panic,
    /// Silence for ever.
    Hang,
    End,
}

/// What one call gets.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Refusal(LlmError),
    Acts(Vec<Act>),
}

#[derive(Default)]
pub(super) struct Script {
    answers: Mutex<VecDeque<Answer>>,
    /// When each call came, and what it asked.
    pub(super) calls: Mutex<Vec<(Instant, Prompt)>>,
    pub(super) running: Arc<AtomicUsize>,
    pub(super) peak: Arc<AtomicUsize>,
}

struct Count(Arc<AtomicUsize>);

impl Drop for Count {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Script {
    /// Answers in order; the last one for ever.
    pub(super) fn of(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    pub(super) fn saying(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Self::of([Answer::Acts(acts.into_iter().collect())])
    }

    pub(super) fn asked(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// Between one call and the next.
    pub(super) fn pauses(&self) -> Vec<Duration> {
        let calls = self.calls.lock().unwrap();
        calls.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

pub(super) fn refusal(code: ProblemCode, retry_after: Option<Duration>) -> Answer {
    Answer::Refusal(LlmError {
        code,
        retry_after,
        detail: "scripted".into(),
    })
}

#[async_trait]
impl Llm for Script {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        self.calls.lock().unwrap().push((Instant::now(), prompt));
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            match answers.len() {
                1 => answers[0].clone(),
                _ => answers.pop_front().expect("a script says something"),
            }
        };
        let acts = match answer {
            Answer::Refusal(error) => return Err(error),
            Answer::Acts(acts) => acts,
        };
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        let count = Count(self.running.clone());
        let pieces = stream::unfold(
            (VecDeque::from(acts), count),
            |(mut acts, count)| async move {
                loop {
                    let piece = match acts.pop_front()? {
                        Act::Say(text) => Ok(Piece::Text {
                            part: Part::Text,
                            text: text.into(),
                        }),
                        Act::Wait(pause) => {
                            tokio::time::sleep(pause).await;
                            continue;
                        }
                        Act::Break(code) => Err(LlmError::new(code, "scripted")),
                        Act::Panic => panic!("scripted"),
                        Act::Hang => std::future::pending().await,
                        Act::End => Ok(Piece::Finish("stop".into())),
                    };
                    return Some((piece, (acts, count)));
                }
            },
        );
        Ok(pieces.boxed())
    }

    fn describe(&self) -> String {
        "a script".into()
    }

    fn provider(&self) -> String {
        "script".into()
    }

    fn window(&self) -> u32 {
        32_768
    }

    fn continues_prefix(&self) -> bool {
        false
    }

    async fn models(&self) -> Result<Vec<String>, LlmError> {
        Ok(Vec::new())
    }
}
