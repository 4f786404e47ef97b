//! Growth with the length of the conversation: from the request to the provider's pen, with 10 to 10 000 messages
//! before it. The provider is sent as many of them either way as its window holds, so `direct` is sent as many.

mod lengthen;

use anyhow::{Result, bail};
use http_body_util::BodyExt;

use crate::{
    chat::Chat,
    held::gather,
    percentile::Spread,
    reply::ask_once,
    report::{Report, Row, Verdict},
    scene::{Stage, growth::lengthen::lengthen, level::times},
};

/// Made by turns.
const LENGTHS: [usize; 3] = [10, 100, 1_000];
/// In the quick form.
const LENGTHS_QUICK: usize = 2;
/// Not made by turns.
const LONG: usize = 10_000;
/// Messages that a window of 32 768 tokens holds, roughly: of a longer conversation the provider is not sent more.
const WINDOW: usize = 1_000;
/// Turns that are measured at each length.
const TURNS: usize = 9;
/// ms.
const GOAL: f64 = 20.0;
const MODEL: &str = "words-1";
/// A data directory of its own: its longest conversation is the one that grows.
const DATA: &str = "growth";

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let users = stage.sign_up(DATA, 1).await?;
    let server = stage.start(DATA, MODEL).await?;
    let Some(mut chat) = gather(&stage.asked_by(&server, users), 1).await?.pop() else {
        bail!("no conversation");
    };
    let Some(mut direct) = gather(&stage.direct(MODEL), 1).await?.pop() else {
        bail!("no connection");
    };
    let count = if stage.options.quick {
        LENGTHS_QUICK
    } else {
        LENGTHS.len()
    };
    let mut messages = 0;
    for length in &LENGTHS[..count] {
        while messages < *length {
            read(&mut chat).await?;
            messages += 2;
        }
        messages += measure(report, *length, &mut direct, &mut chat).await?;
    }
    if stage.options.quick || stage.postmaster().is_some() {
        return Ok(());
    }
    let seat = chat.leave();
    drop(server);
    if !lengthen(&stage.data(DATA), LONG - messages)? {
        report.note("no sqlite3 on this machine: nothing is known of 10 000 messages");
        return Ok(());
    }
    let server = stage.start(DATA, MODEL).await?;
    let mut chat = seat.sit_down_at(server.addr).await?;
    measure(report, LONG, &mut direct, &mut chat).await?;
    Ok(())
}

/// Gives the number of messages that this took.
async fn measure(
    report: &mut Report,
    length: usize,
    direct: &mut Chat,
    chat: &mut Chat,
) -> Result<usize> {
    direct.pretend(length.min(WINDOW));
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        plain.push(ask_once(direct).await?);
        ours.push(ask_once(chat).await?);
    }
    let (plain, ours) = (Spread::of(&mut plain), Spread::of(&mut ours));
    let row = Row {
        what: format!("{length} messages before: request to the provider's pen p50 / worst, ms"),
        direct: times(plain),
        parlance: times(ours),
        goal: format!("≤ {GOAL} added; is {:.1}", ours.beyond(plain).p50),
        ..Row::default()
    };
    report.row(row, Verdict::wish(ours.beyond(plain).p50 <= GOAL));
    Ok(2 * TURNS)
}

/// One turn that only makes the conversation longer.
async fn read(chat: &mut Chat) -> Result<()> {
    let answer = chat.ask().await?;
    if !answer.status().is_success() {
        bail!("a turn was answered {}", answer.status());
    }
    answer.into_body().collect().await?;
    Ok(())
}
