//! The rules that every history keeps, in the order of the design's list: prefix always, exactly once, no shrink
//! without a reset, final equality, one terminal state, one active generation, read your writes, stop freezes,
//! messages never change.

use std::collections::BTreeMap;

use super::{History, Said, Shown, Step, Truth};

/// What one client alone can have got wrong.
pub(super) fn one(history: &History, truth: &Truth, wrong: &mut Vec<String>) {
    let mut tell = |place: usize, what: String| {
        wrong.push(format!("{} step {place}: {what}", history.client));
    };
    let mut before: Option<&Shown> = None;
    let mut left: Vec<&str> = Vec::new();
    let mut sent: Vec<&str> = Vec::new();
    for (place, step) in history.steps.iter().enumerate() {
        match step {
            Step::Shown(shown) => {
                if let Some(what) = not_a_prefix(shown, truth) {
                    tell(place, what);
                }
                match before {
                    Some(old) if old.g == shown.g => {
                        if !shown.text.starts_with(&old.text)
                            || !shown.thought.starts_with(&old.thought)
                        {
                            tell(
                                place,
                                format!(
                                    "{} shrank from {} to {} bytes",
                                    shown.g,
                                    old.text.len(),
                                    shown.text.len()
                                ),
                            );
                        }
                        if shown.seq < old.seq {
                            tell(
                                place,
                                format!(
                                    "{} went back from frame {} to {}",
                                    shown.g, old.seq, shown.seq
                                ),
                            );
                        }
                    }
                    Some(old) => left.push(&old.g),
                    None => {}
                }
                if left.contains(&shown.g.as_str()) && before.is_some_and(|old| old.g != shown.g) {
                    tell(place, format!("{} runs again after another began", shown.g));
                }
                before = Some(shown);
            }
            // Who loads the page anew may hold an older one: nothing said before binds.
            Step::Reset => {
                before = None;
                left.clear();
            }
            Step::Over { message, .. } => {
                let what = message.as_ref().and_then(|said| changed(said, truth));
                if let Some(what) = what {
                    tell(place, what);
                }
            }
            Step::Stored(said) => {
                if let Some(what) = changed(said, truth) {
                    tell(place, what);
                }
            }
            Step::Gap => tell(place, "a piece that does not fit".to_owned()),
            Step::Mismatch => tell(place, "a final that is not its text".to_owned()),
            Step::Sent { message } => sent.push(message),
            Step::Opened { messages } => {
                for said in messages {
                    if let Some(what) = changed(said, truth) {
                        tell(place, what);
                    }
                }
                for own in &sent {
                    if !messages.iter().any(|said| said.id == **own) {
                        tell(place, format!("own message {own} is not there"));
                    }
                }
            }
            Step::Stopped { .. } => {}
        }
    }
    for own in sent {
        if !truth.messages.contains_key(own) {
            wrong.push(format!("{}: own message {own} was lost", history.client));
        }
    }
}

/// What only shows when clients are compared.
pub(super) fn all(histories: &[History], truth: &Truth, wrong: &mut Vec<String>) {
    if truth.active {
        wrong.push("a reply is still being written".to_owned());
    }
    for said in truth.messages.values() {
        if let Some(what) = not_once(&said.text) {
            wrong.push(format!("message {}: {what}", said.id));
        }
    }
    let steps = || {
        histories.iter().flat_map(|history| {
            let name = history.client.as_str();
            history.steps.iter().map(move |step| (name, step))
        })
    };
    let mut ends: BTreeMap<&str, (&str, Option<&str>)> = BTreeMap::new();
    let mut frames: BTreeMap<(&str, u64), (usize, usize)> = BTreeMap::new();
    let mut stops: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    for (client, step) in steps() {
        match step {
            Step::Over { g, status, message } => {
                let end = (
                    status.as_str(),
                    message.as_ref().map(|said| said.text.as_str()),
                );
                let first = *ends.entry(g).or_insert(end);
                if first != end {
                    wrong.push(format!(
                        "{client}: {g} ended {status}, and {} elsewhere",
                        first.0
                    ));
                }
                if message.as_ref().is_some_and(|said| said.status != *status) {
                    wrong.push(format!(
                        "{client}: {g} ended {status}, but its message says otherwise"
                    ));
                }
            }
            Step::Shown(shown) => {
                let size = (shown.text.len(), shown.thought.len());
                let first = *frames.entry((&shown.g, shown.seq)).or_insert(size);
                if first != size {
                    wrong.push(format!(
                        "{client}: frame {} of {} means another text elsewhere",
                        shown.seq, shown.g
                    ));
                }
            }
            Step::Stopped { g, status, seq } => {
                stops.insert(g, (status, *seq));
            }
            _ => {}
        }
    }
    for (client, step) in steps() {
        match step {
            Step::Shown(shown) => {
                if let Some((_, seq)) = stops
                    .get(shown.g.as_str())
                    .filter(|stop| shown.seq > stop.1)
                {
                    wrong.push(format!(
                        "{client}: {} went on to frame {} after it stopped at {seq}",
                        shown.g, shown.seq
                    ));
                }
            }
            Step::Over { g, status, .. } => {
                if let Some((told, _)) = stops.get(g.as_str()).filter(|stop| stop.0 != status) {
                    wrong.push(format!(
                        "{client}: {g} ended {status} though the stop said {told}"
                    ));
                }
            }
            _ => {}
        }
    }
}

fn not_a_prefix(shown: &Shown, truth: &Truth) -> Option<String> {
    if shown.text.is_empty() && shown.thought.is_empty() {
        return None;
    }
    let Some(said) = truth.messages.get(&shown.message) else {
        return Some(format!(
            "text of {} was shown, and no message is there",
            shown.g
        ));
    };
    let prefix = said.text.starts_with(&shown.text) && said.thought.starts_with(&shown.thought);
    (!prefix).then(|| {
        let (shown_len, stored) = (shown.text.len(), said.text.len());
        format!(
            "{} showed {shown_len} bytes that do not begin the {stored} stored",
            shown.g
        )
    })
}

fn changed(said: &Said, truth: &Truth) -> Option<String> {
    match truth.messages.get(&said.id) {
        Some(stored) if stored == said => None,
        Some(_) => Some(format!("message {} changed", said.id)),
        None => Some(format!("message {} vanished", said.id)),
    }
}

/// Of texts that consist of the provider's numbered tokens: lost, doubled or reordered ones.
fn not_once(text: &str) -> Option<String> {
    if !text.starts_with("w1@") {
        return None;
    }
    let whole = text.rfind(' ').map_or("", |end| &text[..end]);
    let numbers = whole.split(' ').map(|token| {
        let (number, _) = token.strip_prefix('w')?.split_once('@')?;
        number.parse::<usize>().ok()
    });
    let mut expected = 1..;
    for number in numbers {
        let next = expected.next();
        if number != next {
            return Some(format!("token {number:?} where {next:?} belongs"));
        }
    }
    None
}
