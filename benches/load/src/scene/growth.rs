//! Growth with the length of the conversation: from the request to the provider's pen, with 10, 100 and 1 000 messages
//! before it. The provider is sent them all either way, so `direct` is sent as many.

use anyhow::{Result, bail};
use http_body_util::BodyExt;

use crate::{
    chat::Chat,
    held::{ask_once, gather},
    percentile::Spread,
    report::{Report, Row, Verdict},
    scene::{Stage, level::times},
};

const LENGTHS: [usize; 3] = [10, 100, 1_000];
/// Turns that are measured at each length.
const TURNS: usize = 9;
/// ms.
const GOAL: f64 = 20.0;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let model = "words-1";
    let server = stage.server(model).await?;
    let Some(mut chat) = gather(&stage.parlance(&server), 1).await?.pop() else {
        bail!("no conversation");
    };
    let Some(mut direct) = gather(&stage.direct(model), 1).await?.pop() else {
        bail!("no connection");
    };
    let mut messages = 0;
    for length in LENGTHS.iter().filter(|length| **length <= stage.most()) {
        while messages < *length {
            read(&mut chat).await?;
            messages += 2;
        }
        direct.pretend(messages);
        let (mut plain, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            plain.push(ask_once(&mut direct).await?);
            ours.push(ask_once(&mut chat).await?);
            messages += 2;
        }
        let (plain, ours) = (Spread::of(&mut plain), Spread::of(&mut ours));
        let row = Row {
            what: format!(
                "{length} messages before: request to the provider's pen p50 / worst, ms"
            ),
            direct: times(plain),
            parlance: times(ours),
            goal: format!("≤ {GOAL} added; is {:.1}", ours.beyond(plain).p50),
            ..Row::default()
        };
        report.row(row, Verdict::wish(ours.beyond(plain).p50 <= GOAL));
    }
    Ok(())
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
