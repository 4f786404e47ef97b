//! What tabs say to each other: one line of words, and with a passed-on event its data behind it.

use parlance_core::domain::ConversationId;

use super::{Tab, Verdict};

/// What a tab wants of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The open conversation and how far it is shown; `None` when only the account matters.
    pub open: Option<(ConversationId, String)>,
    pub hidden: bool,
    /// It moves with the lines already and only says something about itself.
    pub in_step: bool,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// This tab leads now: everybody announce yourselves.
    Here { leader: Tab },
    /// To the leader.
    Want { tab: Tab, want: Want },
    /// To the leader: this tab needs nothing any more.
    Leave { tab: Tab },
    /// The leader's answer.
    Answer {
        leader: Tab,
        tab: Tab,
        verdict: Verdict,
    },
    /// The leader lost the stream and tries to get it back.
    Down { leader: Tab },
    /// One event of the stream as it came, with its id or none.
    Line {
        leader: Tab,
        id: &'a str,
        data: &'a str,
    },
}

impl<'a> Note<'a> {
    /// The text that is posted.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Here { leader } => format!("here {leader}"),
            Self::Want { tab, want } => {
                let (hidden, in_step) = (u8::from(want.hidden), u8::from(want.in_step));
                let mut text = format!("want {tab} {hidden} {in_step}");
                if let Some((conversation, cursor)) = &want.open {
                    text += &format!(" {conversation} {cursor}");
                }
                text
            }
            Self::Leave { tab } => format!("leave {tab}"),
            Self::Answer {
                leader,
                tab,
                verdict,
            } => format!("answer {leader} {tab} {}", verdict.as_str()),
            Self::Down { leader } => format!("down {leader}"),
            Self::Line { leader, id, data } => format!("line {leader} {id}\n{data}"),
        }
    }

    /// Reads a posted text. `None` for what a tab of another version may say.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let (head, data) = text.split_once('\n').unwrap_or((text, ""));
        let mut words = head.split(' ');
        let kind = words.next()?;
        let tab = words.next()?.parse().ok()?;
        let leader = tab;
        Some(match kind {
            "here" => Self::Here { leader },
            "want" => {
                let mut flag = || words.next().map(|word| word == "1");
                let (hidden, in_step) = (flag()?, flag()?);
                let open = match words.next() {
                    Some(id) => Some((id.parse().ok()?, words.next()?.to_owned())),
                    None => None,
                };
                let want = Want {
                    open,
                    hidden,
                    in_step,
                };
                Self::Want { tab, want }
            }
            "leave" => Self::Leave { tab },
            "answer" => Self::Answer {
                leader,
                tab: words.next()?.parse().ok()?,
                verdict: Verdict::read(words.next()?)?,
            },
            "down" => Self::Down { leader },
            "line" => Self::Line {
                leader,
                id: words.next()?,
                data,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn reads_back_every_note() {
        let want = |open| Want {
            open,
            hidden: true,
            in_step: false,
        };
        let conversation = ConversationId(Uuid::from_u128(7));
        let cursor = || "17:k7f2m9qd3x:42".to_owned();
        let line = |id, data| Note::Line {
            leader: 5,
            id,
            data,
        };
        let answer = |verdict| Note::Answer {
            leader: 5,
            tab: 6,
            verdict,
        };
        for note in [
            Note::Here { leader: 5 },
            Note::Want {
                tab: 6,
                want: want(None),
            },
            Note::Want {
                tab: 6,
                want: want(Some((conversation, cursor()))),
            },
            Note::Leave { tab: 6 },
            answer(Verdict::Carried),
            answer(Verdict::Alone),
            answer(Verdict::Poll),
            Note::Down { leader: 5 },
            line("17:k7f2m9qd3x:42", r#"{"type":"message","data":{}}"#),
            line("", "two\nlines"),
        ] {
            assert_eq!(Note::read(&note.to_text()).as_ref(), Some(&note));
        }
    }

    #[test]
    fn does_not_hear_what_it_does_not_understand() {
        for text in ["", "here", "here x", "want 1 0", "sing 4", "answer 1 2 no"] {
            assert_eq!(Note::read(text), None, "{text}");
        }
    }
}
