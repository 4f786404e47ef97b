//! What a model name asks for. Pure: a name goes in, a plan comes out; how it is sent is for `script` and `player`.

/// The behaviour that one model name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Reasoning tokens before the text.
    pub think: usize,
    /// The text.
    pub text: Text,
    /// Tokens per second; 0 = no delay.
    pub rate: usize,
    /// What goes wrong, if anything.
    pub fault: Option<Fault>,
}

/// The text of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// So many self-describing tokens.
    Words(usize),
    /// So many pieces of a text that grows like a real one: paragraphs, lists, code, formulas, tables.
    Essay(usize),
    Echo,
    History,
    Markdown,
    Polyglot,
}

/// A fault and its number: tokens before it; for refusals and `busy` seconds to wait; for `flaky` and `reset-first`
/// failures before a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub at: Option<usize>,
}

impl Fault {
    /// Tokens that are sent before the fault.
    pub fn after(self) -> usize {
        self.at.unwrap_or(5)
    }
}

/// The faults, in the words of the crate's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Status(u16),
    Text400,
    Context400,
    Html502,
    Json200,
    KeyEcho,
    /// This status at first.
    Flaky(u16),
    Busy,
    BusyDate,
    LimitDate,
    ResetFirst,
    ResetEarly,
    StallBefore,
    ErrorInStream,
    Reset,
    Eof,
    Stall,
    StallComments,
    BadChunk,
    Nul,
    InvalidUtf8,
    BigDelta,
    HugeDelta,
    Length,
    DoneMissing,
    DuplicateFinish,
    AfterDone,
    EmptyDeltas,
    SplitUtf8,
    SplitSse,
    SlowLoris,
    Gzip,
    Crlf,
    Comments,
    NoSpace,
    Refusal,
    Blocked,
    Tool,
    Image,
    Foreign,
}

const KINDS: &[(&str, Kind)] = &[
    ("400-text", Kind::Text400),
    ("400-context", Kind::Context400),
    ("502-html", Kind::Html502),
    ("200-json", Kind::Json200),
    ("key-echo", Kind::KeyEcho),
    ("flaky", Kind::Flaky(503)),
    ("busy", Kind::Busy),
    ("busy-date", Kind::BusyDate),
    ("429-date", Kind::LimitDate),
    ("reset-first", Kind::ResetFirst),
    ("reset-early", Kind::ResetEarly),
    ("stall-before", Kind::StallBefore),
    ("error-in-stream", Kind::ErrorInStream),
    ("reset", Kind::Reset),
    ("eof", Kind::Eof),
    ("stall", Kind::Stall),
    ("stall-comments", Kind::StallComments),
    ("bad-chunk", Kind::BadChunk),
    ("nul", Kind::Nul),
    ("invalid-utf8", Kind::InvalidUtf8),
    ("big-delta", Kind::BigDelta),
    ("huge-delta", Kind::HugeDelta),
    ("length", Kind::Length),
    ("done-missing", Kind::DoneMissing),
    ("duplicate-finish", Kind::DuplicateFinish),
    ("after-done", Kind::AfterDone),
    ("empty-deltas", Kind::EmptyDeltas),
    ("split-utf8", Kind::SplitUtf8),
    ("split-sse", Kind::SplitSse),
    ("gzip", Kind::Gzip),
    ("slow-loris", Kind::SlowLoris),
    ("crlf", Kind::Crlf),
    ("comments", Kind::Comments),
    ("no-space", Kind::NoSpace),
    ("refusal", Kind::Refusal),
    ("blocked", Kind::Blocked),
    ("tool", Kind::Tool),
    ("image", Kind::Image),
    ("foreign", Kind::Foreign),
];

/// More tokens than this in one reply is taken for a slip of the pen.
const MOST: usize = 1_000_000;

impl Spec {
    /// Reads a model name; `None` is a model this provider does not have.
    pub fn parse(name: &str) -> Option<Self> {
        let (mut think, mut text, mut rate, mut fault) = (None, None, None, None);
        for part in name.split('+') {
            let mut fields = part.split('@');
            let head = fields.next()?;
            let mut number = || fields.next().map(count).map_or(Some(None), |n| n.map(Some));
            if let Some(kind) = head.strip_prefix("fault-") {
                let kind = kind_of(kind)?;
                put(
                    &mut fault,
                    Fault {
                        kind,
                        at: number()?,
                    },
                )?;
            } else if let Some(tokens) = head.strip_prefix("think-") {
                put(&mut think, count(tokens)?)?;
            } else {
                put(&mut text, text_of(head)?)?;
            }
            if let Some(given) = number()? {
                put(&mut rate, given)?;
            }
            if fields.next().is_some() {
                return None;
            }
        }
        let text = text.unwrap_or_else(|| fault.map_or(Text::Words(0), text_for));
        Some(Self {
            think: think.unwrap_or(0),
            text,
            rate: rate.unwrap_or(if text == Text::Markdown { 200 } else { 0 }),
            fault,
        })
    }
}

/// Fills an empty slot; a second value for the same thing makes the name senseless.
fn put<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn count(digits: &str) -> Option<usize> {
    // `parse` alone would take "+5".
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|number| plain && *number <= MOST)
}

fn kind_of(name: &str) -> Option<Kind> {
    let known = KINDS.iter().find(|(known, _)| *known == name);
    known.map(|(_, kind)| *kind).or_else(|| {
        let (digits, kind): (_, fn(u16) -> Kind) = match name.strip_prefix("flaky-") {
            Some(digits) => (digits, Kind::Flaky),
            None => (name, Kind::Status),
        };
        let status = u16::try_from(count(digits)?).ok()?;
        (400..600).contains(&status).then(|| kind(status))
    })
}

fn text_of(head: &str) -> Option<Text> {
    Some(match head {
        "echo" => Text::Echo,
        "history" => Text::History,
        "markdown" => Text::Markdown,
        "polyglot" => Text::Polyglot,
        _ => match head.strip_prefix("essay-") {
            Some(pieces) => Text::Essay(count(pieces)?),
            None => Text::Words(count(head.strip_prefix("words-")?)?),
        },
    })
}

/// The text of a fault that names none: enough of it for the fault to fall in the middle.
fn text_for(fault: Fault) -> Text {
    match fault.kind {
        Kind::SplitUtf8 => Text::Polyglot,
        Kind::SlowLoris => Text::Words(3),
        _ => Text::Words((2 * fault.after()).clamp(20, MOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &str) -> Spec {
        Spec::parse(name).unwrap_or_else(|| panic!("{name} is a model"))
    }

    #[test]
    fn reads_words_and_rate() {
        let spec = parsed("words-200@50");
        assert_eq!((spec.text, spec.rate), (Text::Words(200), 50));
        assert_eq!(spec.fault, None);
        assert_eq!(parsed("words-7@0"), parsed("words-7"));
    }

    #[test]
    fn reads_thinking_before_words() {
        let spec = parsed("think-20+words-100@100");
        assert_eq!(
            (spec.think, spec.text, spec.rate),
            (20, Text::Words(100), 100)
        );
    }

    #[test]
    fn reads_every_fault_of_the_table() {
        for (name, kind) in KINDS {
            let fault = parsed(&format!("fault-{name}@12")).fault;
            assert_eq!(
                fault,
                Some(Fault {
                    kind: *kind,
                    at: Some(12)
                })
            );
        }
        let refused = parsed("fault-429").fault.map(|fault| fault.kind);
        assert_eq!(refused, Some(Kind::Status(429)));
        let flaky = parsed("fault-flaky-408@2").fault.map(|fault| fault.kind);
        assert_eq!(flaky, Some(Kind::Flaky(408)));
    }

    #[test]
    fn gives_a_fault_enough_words_and_a_rate_of_its_own() {
        let spec = parsed("fault-eof@30@500");
        assert_eq!((spec.text, spec.rate), (Text::Words(60), 500));
        let spec = parsed("words-9@5+fault-eof@3");
        assert_eq!((spec.text, spec.rate), (Text::Words(9), 5));
        assert_eq!(spec.fault.map(Fault::after), Some(3));
    }

    #[test]
    fn knows_no_other_names() {
        for name in [
            "",
            "gpt-4o",
            "words",
            "words-",
            "words-x",
            "words-+5",
            "words-5@",
            "words-5@1@2",
            "words-5@-1",
            "words-99999999",
            "words-1+echo",
            "words-1@1+think-1@1",
            "fault-",
            "fault-200",
            "fault-600",
            "fault-flaky-200",
            "fault-eof@1@2@3",
            "+",
        ] {
            assert_eq!(Spec::parse(name), None, "{name}");
        }
    }
}
