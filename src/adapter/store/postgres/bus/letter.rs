//! Hints as the text of a notification: the sender's id, then a line for each hint, of a letter and ids in
//! hexadecimal; a reply's state is JSON. A line that is not understood, from a newer sender, means "look at everything".

use std::str::FromStr;

use parlance_core::domain::{ConversationId, SessionId, UserId};
use parlance_server::port::bus::Hint;
use uuid::Uuid;

/// Longest text of a notification, bytes; PostgreSQL takes less than 8 000.
const LONGEST: usize = 7_900;
/// Characters of an id.
const ID: usize = 32;

/// As few letters as hold all hints.
pub(super) fn write(sender: Uuid, hints: impl IntoIterator<Item = Hint>) -> Vec<String> {
    let head = sender.simple().to_string();
    let mut letters = Vec::new();
    let mut letter = head.clone();
    for hint in hints {
        let line = line(hint);
        if letter.len() + line.len() > LONGEST {
            letters.push(std::mem::replace(&mut letter, head.clone()));
        }
        letter.push_str(&line);
    }
    if letter.len() > head.len() {
        letters.push(letter);
    }
    letters
}

/// Sender and hints; `None` when it is no letter of ours.
pub(super) fn read(letter: &str) -> Option<(Uuid, Vec<Hint>)> {
    let mut lines = letter.lines();
    let sender = Uuid::from_str(lines.next()?).ok()?;
    let hints = lines.map(|line| hint(line).unwrap_or(Hint::Lost));
    Some((sender, hints.collect()))
}

fn line(hint: Hint) -> String {
    match hint {
        Hint::Written(conversation) => format!("\nw{}", conversation.0.simple()),
        Hint::Stored { conversation, user } => {
            format!("\ns{}{}", conversation.0.simple(), user.0.simple())
        }
        Hint::Faring {
            conversation,
            status,
        } => {
            let state = serde_json::to_string(&status).unwrap_or_default();
            format!("\nf{}{state}", conversation.0.simple())
        }
        Hint::Revoked(session) => format!("\nr{}", session.0.simple()),
        Hint::Lost => "\nl".to_owned(),
    }
}

fn hint(line: &str) -> Option<Hint> {
    let id = |place: usize| Uuid::from_str(line.get(place..place + ID)?).ok();
    match line.get(..1)? {
        "w" => Some(Hint::Written(ConversationId(id(1)?))),
        "s" => Some(Hint::Stored {
            conversation: ConversationId(id(1)?),
            user: UserId(id(1 + ID)?),
        }),
        "f" => Some(Hint::Faring {
            conversation: ConversationId(id(1)?),
            status: serde_json::from_str(line.get(1 + ID..)?).ok()?,
        }),
        "r" => Some(Hint::Revoked(SessionId(id(1)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{GenerationId, StatusEvent, event::Fare};

    use super::*;

    #[test]
    fn hints_come_back_whole_however_many_letters_they_take() {
        let sender = Uuid::new_v4();
        let hints: Vec<Hint> = (0..1_000)
            .flat_map(|_| {
                [
                    Hint::Written(ConversationId(Uuid::new_v4())),
                    Hint::Stored {
                        conversation: ConversationId(Uuid::new_v4()),
                        user: UserId(Uuid::new_v4()),
                    },
                    Hint::Faring {
                        conversation: ConversationId(Uuid::new_v4()),
                        status: StatusEvent {
                            generation_id: GenerationId(Uuid::new_v4()),
                            lane: 1,
                            status: Fare::Queued,
                            position: Some(3),
                            attempt: None,
                            next_in_ms: None,
                        },
                    },
                    Hint::Revoked(SessionId(Uuid::new_v4())),
                    Hint::Lost,
                ]
            })
            .collect();
        let letters = write(sender, hints.clone());
        assert!(letters.len() > 1);
        assert!(letters.iter().all(|letter| letter.len() <= LONGEST));
        let mut back = Vec::new();
        for letter in &letters {
            let (from, hints) = read(letter).unwrap();
            assert_eq!(from, sender);
            back.extend(hints);
        }
        assert_eq!(back, hints);
        assert!(write(sender, []).is_empty());
    }

    #[test]
    fn what_is_not_understood_says_look_at_everything() {
        let sender = Uuid::new_v4();
        let strange = format!("{}\nz123\nw短\nr12\nf短", sender.simple());
        let read = read(&strange).unwrap();
        assert_eq!(read, (sender, vec![Hint::Lost; 4]));
        assert!(super::read("hello").is_none());
        assert!(super::read("").is_none());
    }
}
