//! Replies side by side: a column for each, all being written at once, of which the person keeps one.
//!
//! Part of the tools: whoever compares nothing downloads nothing of it. A page whose first HTML has columns in it waits for
//! them before it comes to life (`app::section`). Must not enter: which reply an event belongs to (`state::thread`).

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use parlance_core::domain::{GenerationId, MessageId};

use super::{
    acts::{Acts, copy},
    body::{FinishedBody, live_body},
    ending::{how, why},
    live_reply::live_foot,
    reasoning::{self, duration},
    turn::{heading, status, thoughts},
    window::anchor,
};
use crate::{
    i18n::{
        compare::Compare,
        numbers::{grouped, money},
    },
    kit::{Glyph, Icon},
    rpc::chat::{Keep, StopOne},
    state::{
        connection::Notice,
        page::{Facts, Turn},
        scroll::Gesture,
        thread::{Column, Thread},
    },
};

/// Takes in what the page says of comparing, with the replies that are rendered already.
pub(super) fn begin(acts: Acts, told: &str) {
    let beside = acts.thread.compare(told).into_iter();
    acts.open
        .update_value(|open| open.extend(beside.filter_map(|beside| beside.page.active)));
}

/// All columns, and below them which of the answers the conversation goes on with.
pub(super) fn comparison(acts: Acts) -> AnyView {
    let thread = acts.thread;
    let columns = untrack(|| thread.columns());
    let words = acts.texts.locale.compared();
    let threads: Vec<_> = columns.iter().map(|column| column.thread).collect();
    Effect::new(move |again: Option<()>| {
        for lane in &threads {
            lane.text.track();
            lane.reply.track();
        }
        if again.is_some() {
            acts.follower.feel(Gesture::Grew);
        }
    });
    let count = columns.len().to_string();
    let ahead = Memo::new(move |_| thread.ahead().map(|column| column.model));
    let columns = columns.into_iter().enumerate();
    let columns = columns.map(|(at, one)| column(acts, words, one, at));
    view! {
        <section class="comparison" aria-label=words.title data-lanes=count>
            {columns.collect_view()}
        </section>
        <p class="compare-ahead">{move || ahead.get().map(|model| (words.unless)(&model))}</p>
    }
    .into_any()
}

/// What a column shows, at any time.
#[derive(Clone, Copy)]
struct Shown {
    acts: Acts,
    words: &'static Compare,
    lane: Thread,
    model: StoredValue<String>,
    /// The reply, once it is stored.
    ended: RwSignal<Option<Turn>>,
    /// The reply that was being written here since the page was made: its text stays where it was written.
    written: Memo<Option<(GenerationId, MessageId)>>,
}

fn column(acts: Acts, words: &'static Compare, column: Column, at: usize) -> impl IntoView {
    let (lane, model) = (column.thread, column.model);
    let compared = acts.thread.compared.get_untracked();
    let stored = move || {
        lane.turns.with(|turns| {
            let mut turns = turns.iter().rev();
            let reply = turns.find(|turn| turn.id.is_some() && turn.parent == compared);
            reply.cloned()
        })
    };
    let ended = RwSignal::new(untrack(stored));
    Effect::new(move || {
        let stored = stored();
        if ended.with_untracked(|known| *known != stored) {
            ended.set(stored);
        }
    });
    let written = Memo::new(move |before: Option<&Option<(GenerationId, MessageId)>>| {
        let running = || {
            lane.reply
                .get()
                .map(|reply| (reply.generation_id, reply.message_id))
        };
        let fresh = || running().filter(|_| ended.with(Option::is_none));
        before.copied().flatten().or_else(fresh)
    });
    let shown = Shown {
        acts,
        words,
        lane,
        model: StoredValue::new(model.clone()),
        ended,
        written,
    };
    let begun = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || lane.text.with(|text| !text.is_empty())
    });
    let label = move || match (written.get(), ended.with(|turn| turn.as_ref().map(heading))) {
        (Some((_, message)), _) => format!("turn-{message}"),
        (None, Some(heading)) => heading,
        (None, None) => format!("lane-{at}"),
    };
    let is_live = move || shown.is_live();
    let above = move || match ended.get() {
        None => Either::Left(reasoning::live(acts.texts, lane, begun)),
        Some(turn) => Either::Right(thoughts(acts, &turn)),
    };
    let foot = move || match ended.get() {
        None => Either::Left(shown.unanswered(begun)),
        Some(turn) => Either::Right(shown.facts(&turn)),
    };
    let mark = move || {
        let mark = || view! { <Icon glyph=Glyph::Check/> {words.ahead} };
        shown.is_ahead().then(mark)
    };
    view! {
        <article
            class="lane"
            id=move || ended.with(|turn| turn.as_ref().and_then(|turn| turn.id).map(anchor))
            aria-labelledby=label
            aria-busy=move || is_live().then_some("true")
            data-role="assistant"
            data-status=move || shown.status()
            data-ahead=move || shown.is_ahead().then_some("")
        >
            <div class="lane-head">
                <h2 class="lane-name" id=label><bdi>{model}</bdi></h2>
                <span class="lane-ahead">{mark}</span>
            </div>
            <div class="lane-text" class:turn-live=is_live>
                <div class="around">{above}</div>
                {move || shown.body()}
                <div class="around">{foot}</div>
            </div>
            {shown.acts()}
        </article>
    }
}

impl Shown {
    /// Whether it is being written. Tracked.
    fn is_live(self) -> bool {
        self.ended.with(Option::is_none) && self.lane.reply.with(Option::is_some)
    }

    /// Whether the conversation goes on with it. Tracked.
    fn is_ahead(self) -> bool {
        let ahead = self.acts.thread.ahead();
        ahead.is_some_and(|ahead| ahead.thread.notice == self.lane.notice)
    }

    /// For styles and tests. Tracked.
    fn status(self) -> &'static str {
        let ended = self.ended.with(|turn| turn.as_ref().map(status));
        ended.unwrap_or_else(|| match self.lane.failure.with(Option::is_some) {
            true => "failed",
            false => "streaming",
        })
    }

    fn body(self) -> impl IntoView {
        match self.written.get() {
            Some((generation, _)) => {
                let seed = self.acts.rendered(generation);
                Either::Left(live_body(self.lane, generation, seed, self.ended))
            }
            None => Either::Right(self.ended.get().map(|turn| {
                view! { <FinishedBody content=turn.content html=turn.html/> }
            })),
        }
    }

    /// Below a text that is not stored: how it fares, or why there is none. Tracked.
    fn unanswered(self, begun: Memo<bool>) -> impl IntoView {
        let texts = self.acts.texts;
        match self.lane.failure.get() {
            Some(failure) => Either::Left(line(Glyph::Alert, why(texts, &failure))),
            None => Either::Right(live_foot(&texts.chat, self.lane, begun)),
        }
    }

    /// Below a stored text: how it ended where that is worth a word; what it took and cost.
    fn facts(self, turn: &Turn) -> impl IntoView + use<> {
        let ending = how(self.acts.texts, turn).map(|(glyph, words)| line(glyph, words));
        let facts = took(self, &turn.facts);
        (
            ending,
            facts.map(|facts| view! { <p class="lane-facts">{facts}</p> }),
        )
    }

    /// What can be done with it.
    fn acts(self) -> impl IntoView {
        let (acts, words) = (self.acts, self.words);
        let here = acts.thread.id.to_string();
        let about = move |label| self.model.with_value(|model| (words.about)(label, model));
        let stop = move || {
            let reply = self.lane.reply.get().filter(|_| self.is_live())?;
            let label = acts.texts.chat.stop;
            Some(view! {
                <button
                    class="button button-danger"
                    type="submit"
                    data-act="stop"
                    formaction=StopOne::url()
                    name="generation_id"
                    value=reply.generation_id.to_string()
                    disabled=move || acts.waits()
                    aria-label=about(label)
                >
                    <Icon glyph=Glyph::Stop/>
                    {label}
                </button>
            })
        };
        let id = move || {
            self.ended
                .with(|turn| turn.as_ref().and_then(|turn| turn.id))
        };
        let reason = move || {
            let offline = acts.thread.notice.get() == Some(Notice::Offline);
            let early = id().is_none().then_some(words.not_yet);
            if offline { Some(words.offline) } else { early }
        };
        let failed = move || self.lane.failure.with(Option::is_some) && id().is_none();
        view! {
            <form class="acts" method="post" action=Keep::url() hidden=failed>
                <input type="hidden" name="conversation_id" value=here/>
                <button
                    class="button lane-keep"
                    type="submit"
                    data-act="keep"
                    name="message_id"
                    value=move || id().map(|id| id.to_string())
                    disabled=move || reason().is_some() || acts.waits()
                    title=reason
                    aria-label=move || about(words.keep)
                >
                    {words.keep}
                </button>
                {stop}
                {move || id().map(|_| copy(acts))}
            </form>
        }
    }
}

fn line(glyph: Glyph, words: String) -> impl IntoView {
    view! { <div class="state-line"><Icon glyph=glyph/><span>{words}</span></div> }
}

/// How long it took, how much was written, what that cost: as far as it is known.
fn took(column: Shown, facts: &Facts) -> Option<String> {
    let turns = &column.acts.texts.turns;
    let time = facts.response_ms.and_then(|ms| u64::try_from(ms).ok());
    let known = [
        time.map(|ms| duration(turns, ms)),
        facts
            .usage
            .map(|usage| (column.words.tokens)(&grouped(usage.completion_tokens))),
        facts.cost_micros.map(money),
    ];
    let known: Vec<_> = known.into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(" · "))
}
