//! How much of the model's window the next request fills: a picture, and the same in words.

use leptos::prelude::*;
use parlance_core::domain::{Fate, Outlook};

use crate::{
    i18n::{contexts::Contexts, numbers::grouped},
    kit::{Notice, Tone},
};

/// Length of the picture, in its own units.
const LENGTH: f64 = 1_000.0;

/// A part of the window.
struct Share {
    class: &'static str,
    label: &'static str,
    tokens: u32,
}

/// The gauge.
pub(super) fn view(words: &'static Contexts, outlook: &Outlook) -> AnyView {
    let shares = shares(words, outlook);
    let window = f64::from(outlook.window.max(1));
    let mut at = 0.0;
    let bars = shares
        .iter()
        .map(|share| {
            let width = f64::from(share.tokens) / window * LENGTH;
            let x = at;
            at += width;
            view! {
                <rect class=share.class x=format!("{x:.1}") y="0" width=format!("{width:.1}") height="12"></rect>
            }
        })
        .collect_view();
    let rows = shares
        .iter()
        .map(|share| {
            view! {
                <div class="context-share">
                    <dt><span class=format!("context-key {}", share.class)></span>{share.label}</dt>
                    <dd>{grouped(share.tokens)}</dd>
                </div>
            }
        })
        .collect_view();
    let [used, window] = [used(outlook), outlook.window].map(grouped);
    let sum = format!("{used} / {window} {}", words.tokens);
    view! {
        <section class="context-gauge" aria-labelledby="context-gauge">
            <h2 class="profile-heading" id="context-gauge">{words.gauge}</h2>
            {warnings(words, outlook)}
            <p class="context-sum">{sum}</p>
            <svg class="context-bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
                <rect class="context-free" x="0" y="0" width="1000" height="12"></rect>
                {bars}
            </svg>
            <dl class="context-shares">{rows}</dl>
            <p class="profile-note">{words.gauge_hint}</p>
            <p class="profile-note">{account(words, outlook)}</p>
        </section>
    }
    .into_any()
}

fn used(outlook: &Outlook) -> u32 {
    [
        outlook.system,
        outlook.presets,
        outlook.summary,
        outlook.messages,
    ]
    .into_iter()
    .fold(0, u32::saturating_add)
}

fn shares(words: &'static Contexts, outlook: &Outlook) -> Vec<Share> {
    let free = outlook.most.saturating_sub(used(outlook));
    let persona = outlook.system.saturating_sub(outlook.context);
    let share = |class, label, tokens| Share {
        class,
        label,
        tokens,
    };
    vec![
        share("context-of-persona", words.share_persona, persona),
        share("context-of-text", words.share_text, outlook.context),
        share("context-of-presets", words.share_presets, outlook.presets),
        share("context-of-summary", words.share_summary, outlook.summary),
        share(
            "context-of-messages",
            words.share_messages,
            outlook.messages,
        ),
        share("context-free", words.share_free, free),
        share(
            "context-of-answer",
            words.share_answer,
            outlook.window.saturating_sub(outlook.most),
        ),
    ]
}

/// What becomes of the messages, in words.
fn account(words: &'static Contexts, outlook: &Outlook) -> String {
    let count = |fate| outlook.path.iter().filter(|row| row.fate == fate).count();
    let mut parts = vec![format!("{}: {}", words.fate_sent, count(Fate::Sent))];
    for (fate, text) in [
        (Fate::Summarised, words.fate_summarised),
        (Fate::LeftOut, words.fate_left_out),
        (Fate::Excluded, words.fate_excluded),
    ] {
        if count(fate) > 0 {
            parts.push(format!("{text}: {}", count(fate)));
        }
    }
    parts.join(" · ")
}

fn warnings(words: &'static Contexts, outlook: &Outlook) -> AnyView {
    let mut texts = Vec::new();
    if !outlook.model_is_there {
        texts.push(words.model_gone);
    }
    if !outlook.fits {
        texts.push(words.overflow);
    }
    let notices = texts
        .into_iter()
        .map(|text| view! { <Notice tone=Tone::Error>{text}</Notice> });
    notices.collect_view().into_any()
}
