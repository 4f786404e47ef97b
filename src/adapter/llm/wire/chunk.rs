//! What one payload of a streamed answer may say, whichever provider's it is.

use std::borrow::Cow;

use parlance_core::domain::{Part, Usage};
use serde_json::Value;

use super::frame;

/// More tokens than this are nobody's count.
const MOST_TOKENS: i64 = 1_000_000_000;

/// One payload, as far as it means something. Whatever else a provider sends is passed over, and one odd member never
/// costs the rest of its payload.
pub(crate) trait Chunk: Default + Send + 'static {
    /// Bytes of the longest payload.
    const LONGEST: usize = frame::LONGEST;

    /// Reads a payload's JSON.
    ///
    /// # Errors
    /// When `json` is none. Whatever its shape, JSON is a chunk.
    fn parse(json: &str) -> serde_json::Result<Self>;

    /// Whether it holds text, reasoning included.
    fn speaks(&self) -> bool;

    /// Which model answers; empty where it is not said.
    fn model(&self) -> &str;

    /// What was counted.
    fn counts(&self) -> Counts;

    /// Why the answer ended, in the words of OpenAI's format where they fit (`stop`, `length`, `content_filter`,
    /// `tool_calls`, `error`), else the provider's own; empty as long as it goes on.
    fn finish_reason(&self) -> Cow<'_, str>;

    /// Gives every text that is not empty, reasoning first.
    fn each_text(self, say: impl FnMut(Part, String));

    /// What stands in place of an answer; null if nothing does.
    fn error(&self) -> &Value;

    /// Whether it is the protocol's own end mark.
    fn ends(&self) -> bool {
        false
    }

    /// Whether it can be a whole answer, of a provider that does not stream.
    fn is_answer(&self) -> bool;
}

/// Tokens, as far as they were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) prompt: Option<i64>,
    pub(crate) completion: Option<i64>,
}

impl Counts {
    /// These, and where they say nothing the earlier ones: some providers tell the two at different times, others
    /// repeat both in every chunk.
    pub(crate) fn over(self, earlier: Self) -> Self {
        Self {
            prompt: self.prompt.or(earlier.prompt),
            completion: self.completion.or(earlier.completion),
        }
    }

    /// What was counted, if anything was.
    pub(crate) fn usage(self) -> Option<Usage> {
        let Self { prompt, completion } = self;
        (prompt.is_some() || completion.is_some()).then(|| Usage {
            prompt_tokens: prompt.unwrap_or(0).clamp(0, MOST_TOKENS),
            completion_tokens: completion.unwrap_or(0).clamp(0, MOST_TOKENS),
        })
    }
}

/// The sum of counts that are told apart; none if none was told.
pub(crate) fn sum(counts: &[Option<i64>]) -> Option<i64> {
    let told = counts.iter().flatten();
    let total = told
        .clone()
        .fold(0_i64, |sum, count| sum.saturating_add(*count));
    told.count().gt(&0).then_some(total)
}

/// A call for a tool, which nobody here runs: its name is shown among the thoughts.
pub(crate) fn call(name: &str) -> String {
    format!("[{name}]\n")
}

/// Something that is no text, an image for one: it is not loaded, only named.
pub(crate) fn attachment(kind: &str) -> String {
    format!("\n\n[{kind}]\n\n")
}

/// The end of an answer that was cut off at its longest.
pub(crate) const LENGTH: &str = "length";
/// Its ordinary end.
pub(crate) const STOP: &str = "stop";
/// It was held back, or cut off, because of what it says.
pub(crate) const FILTERED: &str = "content_filter";
/// It ended with a call for a tool.
pub(crate) const CALLS: &str = "tool_calls";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_told_at_different_times_come_together() {
        let at_first = Counts {
            prompt: Some(3),
            completion: Some(1),
        };
        let later = Counts {
            completion: Some(9),
            ..Counts::default()
        };
        let usage = later.over(at_first).usage().expect("counts");
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (3, 9));
        assert_eq!(Counts::default().usage(), None);
        assert_eq!(sum(&[None, Some(2), Some(3)]), Some(5));
        assert_eq!(sum(&[None, None]), None);
    }
}
