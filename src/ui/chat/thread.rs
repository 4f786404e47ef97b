//! The turns, oldest first, then the reply that is being written or why there is none.
//!
//! A reply that was written here stays the element that it is when it has ended: nothing of it is laid out anew.

use leptos::prelude::*;
use parlance_core::domain::{GenerationId, MessageId};

use super::{
    acts::Acts,
    earlier::{earlier_link, later_link, latest_link},
    ending::failed,
    live_reply::LiveReply,
    place::{Places, of_comparison},
    turn::TurnArticle,
    window::Pager,
};
use crate::{
    state::{live::Lapse, page::Turn},
    tools,
};

/// What stands in the thread.
enum Entry {
    Turn(Box<Turn>),
    /// The reply that is being written.
    Reply(GenerationId, MessageId),
    /// The replies to this message, side by side.
    Comparison(MessageId),
}

/// The thread in its scrolled frame.
#[component]
pub(super) fn ThreadView(acts: Acts) -> impl IntoView {
    let texts = &acts.texts.chat;
    let (thread, follower) = (acts.thread, acts.follower);
    let scroll = follower.scroll;
    let pager = Pager::new(acts);
    tools::wire(Box::new(move |tools| (tools.chat.thread)(pager)));
    // What ends the path is not to be seen while its end is not.
    let at_end = move || !thread.later.get();
    let running = Memo::new(move |_| {
        let reply = thread.reply.get().filter(|_| at_end());
        reply.map(|reply| (reply.generation_id, reply.message_id))
    });
    let entries = move || {
        let (turns, compared) = (thread.turns.get(), thread.compared.get());
        let is_told = |id| turns.iter().any(|turn| turn.id == Some(id));
        let running = running
            .get()
            .filter(|(_, message)| compared.is_none() && !is_told(*message));
        // What is compared stands in one place, the reply of this very thread with it: once the others are known.
        let known = !thread.columns().is_empty();
        let mut entries = Vec::with_capacity(turns.len() + 1);
        for turn in turns {
            let id = turn.id;
            if !known || turn.parent.is_none() || turn.parent != compared {
                entries.push(Entry::Turn(Box::new(turn)));
            }
            if let Some(id) = id.filter(|id| known && compared == Some(*id)) {
                entries.push(Entry::Comparison(id));
            }
        }
        entries.extend(running.map(|(id, message)| Entry::Reply(id, message)));
        entries
    };
    let places = StoredValue::new(Places::default());
    let place = move |entry: &Entry| {
        let place = places.try_update_value(|places| match entry {
            Entry::Turn(turn) => places.of_turn(turn),
            Entry::Reply(_, message) => places.of_reply(*message),
            Entry::Comparison(message) => of_comparison(*message),
        });
        place.unwrap_or_default()
    };
    let show = move |entry| match entry {
        Entry::Turn(turn) => view! { <TurnArticle acts=acts turn=*turn/> }.into_any(),
        Entry::Reply(generation, message) => {
            let seed = acts.rendered(generation).or_else(|| thread.seed());
            view! { <LiveReply acts=acts generation=generation message=message seed=seed/> }
                .into_any()
        }
        // They are there: nothing is compared before.
        Entry::Comparison(_) => match tools::there() {
            Some(tools) => (tools.chat.compare)(acts),
            None => ().into_any(),
        },
    };
    view! {
        <main id="content" class="thread">
            <div
                class="thread-frame"
                role="region"
                aria-label=acts.texts.find.frame
                tabindex="0"
                node_ref=follower.frame
                data-pinned=move || scroll.get().pinned.to_string()
                on:scroll=move |_| pager.moved()
                on:wheel=move |event| follower.wheel(&event)
                on:touchstart=move |event| follower.touch(&event, false)
                on:touchmove=move |event| follower.touch(&event, true)
            >
                <div class="turns" node_ref=follower.content role="log" aria-live="off" aria-label=texts.thread>
                    {earlier_link(pager)}
                    <For each=entries key=place children=show/>
                    {later_link(pager)}
                    {move || {
                        let failure = thread.failure.get().filter(|_| at_end() && thread.compared.get().is_none());
                        failure.map(|failure| failed(acts, failure))
                    }}
                    <p class="lapse" role="status" hidden=move || thread.lapse.with(Option::is_none)>
                        {move || thread.lapse.get().map(|lapse| lapsed(acts, lapse))}
                    </p>
                    {(!acts.is_live()).then(|| latest_link(pager))}
                    <p
                        class="thread-empty"
                        hidden=move || thread.turns.with(|turns| !turns.is_empty()) || running.get().is_some()
                    >
                        {texts.nothing_yet}
                    </p>
                    <div class="thread-end"></div>
                </div>
            </div>
            <button
                class="to-end"
                type="button"
                hidden=move || !scroll.get().offered && at_end()
                on:click=move |_| pager.latest()
            >
                {texts.to_end}
                <span class="to-end-fresh" hidden=move || !scroll.get().fresh>
                    <span class="visually-hidden">{acts.texts.find.fresh}</span>
                </span>
            </button>
            {move || acts.search.open.get().then(tools::there).flatten().map(|tools| (tools.chat.find)(pager))}
        </main>
    }
}

fn lapsed(acts: Acts, lapse: Lapse) -> String {
    let texts = &acts.texts.chat;
    match lapse {
        Lapse::Reset => texts.reset.to_owned(),
        Lapse::Cancelled => texts.no_other_cancelled.to_owned(),
        Lapse::NoOther(code) => {
            let gap = acts.texts.turns.gap;
            [texts.no_other, gap, acts.texts.problem(code)].concat()
        }
    }
}
