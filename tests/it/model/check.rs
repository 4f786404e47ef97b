//! The promises, checked against the history of what was committed.

use parlance_core::domain::{Event, GenerationStatus, MessageEvent, ProblemCode};

use super::{
    client::Client,
    page,
    store::{Row, Run, Store, Strands},
};

/// What a reply is told whose owner is taken for dead.
pub const LOST: ProblemCode = ProblemCode::ServerRestart;

/// A promise that was not kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken(pub String);

/// What a page has shown, by generation: it may only grow.
pub type Seen = Vec<Strands>;

fn fail(run: &Run, why: &str) -> Result<(), Broken> {
    Err(Broken(format!("generation {}: {why}", run.row.no)))
}

/// Whether another reply to the same message may have taken its place on the screen, or there is none.
fn may_be_hidden(store: &Store, row: &Row) -> bool {
    let mut later = store.runs[row.no + 1..].iter();
    later.any(|run| run.row.user_message_id == row.user_message_id)
        || (row.status.is_terminal() && store.stored(row.reply_message_id).is_none())
}

/// Whether `shown` is a beginning of the log, or of the kept text that a continuation's log begins with.
fn begins(log: &str, kept: &str, shown: &str) -> bool {
    log.starts_with(shown) || (kept.starts_with(log) && kept.starts_with(shown))
}

/// What is on the screen was committed, nothing in it is missing, and nothing of it went away.
pub fn screen(store: &Store, client: &Client, seen: &mut Seen) -> Result<(), Broken> {
    seen.resize(store.runs.len(), Strands::default());
    for (run, seen) in store.runs.iter().zip(seen) {
        let shown = client.shown(&run.row);
        if shown.is_none() && may_be_hidden(store, &run.row) {
            continue;
        }
        let (text, reasoning) = shown.unwrap_or_default();
        let kept = page::kept(store, &run.row);
        let committed = begins(&run.history.text, &kept.text, text)
            && begins(&run.history.reasoning, &kept.reasoning, reasoning);
        if !committed {
            return fail(run, "shows what is no prefix of its log");
        }
        if text.len() < seen.text.len() || reasoning.len() < seen.reasoning.len() {
            return fail(run, "shows less than before");
        }
        if text.len() > seen.text.len() {
            text.clone_into(&mut seen.text);
        }
        if reasoning.len() > seen.reasoning.len() {
            reasoning.clone_into(&mut seen.reasoning);
        }
    }
    Ok(())
}

/// An end that a viewer is told of is the stored one.
pub fn told(store: &Store, event: &Event) -> Result<(), Broken> {
    let Event::Message(MessageEvent::Final {
        generation_id,
        status,
        message,
        ..
    }) = event
    else {
        return Ok(());
    };
    let mut runs = store.runs.iter();
    let Some(run) = runs.find(|run| run.row.id == *generation_id) else {
        return Err(Broken("the end of an unknown generation".to_owned()));
    };
    let stored = store.stored(run.row.reply_message_id);
    if *status != run.row.status || message.as_deref() != stored {
        return fail(run, "a viewer was told of another end than the stored one");
    }
    Ok(())
}

/// An answer to a stop, or any other end that somebody was told of.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub no: usize,
    pub status: GenerationStatus,
    pub last_seq: u64,
}

/// After everything has settled: one end, the message is the log, and all screens show it.
pub fn rest<'a>(
    store: &'a Store,
    answers: &[Answer],
    viewers: impl Iterator<Item = &'a Client> + Clone,
) -> Result<(), Broken> {
    let path: Vec<_> = store.path().iter().map(|message| message.id).collect();
    for run in &store.runs {
        let row = &run.row;
        if !row.status.is_terminal() {
            return fail(run, "never ended");
        }
        if run.length != row.last_seq {
            return fail(run, "its log is not as long as its end says");
        }
        let message = store.stored(row.reply_message_id);
        if message.is_some() != (run.length > row.kept_frames) {
            return fail(run, "text and message do not go together");
        }
        let stored = message.map_or_else(Strands::default, |message| Strands {
            text: message.content.clone(),
            reasoning: message.reasoning.clone().unwrap_or_default(),
        });
        if message.is_some() && stored != run.history {
            return fail(run, "the message is not what was committed");
        }
        let continued = row.continues_message_id.and_then(|id| store.stored(id));
        if let Some(earlier) = continued.filter(|_| message.is_some())
            && !stored.text.starts_with(&earlier.content)
        {
            return fail(run, "does not begin with the reply that it goes on from");
        }
        let on_path = path.contains(&row.reply_message_id);
        for client in viewers.clone() {
            let shown = client.shown(row);
            let right = shown.map_or(!on_path, |shown| {
                shown == (stored.text.as_str(), stored.reasoning.as_str())
            });
            if !right {
                return fail(run, "a screen does not show the stored message in the end");
            }
        }
    }
    if viewers
        .clone()
        .filter_map(Client::path)
        .any(|shown| shown != path)
    {
        return Err(Broken("a screen shows another path in the end".to_owned()));
    }
    for answer in answers {
        let row = &store.runs[answer.no].row;
        if (answer.status, answer.last_seq) != (row.status, row.last_seq) {
            return fail(&store.runs[answer.no], "has two ends");
        }
    }
    if viewers.clone().any(Client::is_busy) {
        return Err(Broken("a screen still waits in the end".to_owned()));
    }
    Ok(())
}
