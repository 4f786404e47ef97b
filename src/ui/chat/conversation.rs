//! `/chat/{id}`: the conversation, in the first HTML already, and everything that keeps it up to date.

use leptos::{either::Either, html, prelude::*, text_prop::TextProp};
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use parlance_core::domain::{ConversationId, MessageId, ProblemCode, Role};

use super::{
    acts::{Acts, Opening},
    announcer::Announcer,
    composer::Composer,
    connection::ConnectionPill,
    drafts::Drafting,
    find::find_link,
    outbox::{Deed, Outbox},
    send,
    speaker::provide_persona,
    thread::ThreadView,
};
use crate::{
    app::{ToSignIn, query},
    browser::{composer, render::provide_renderer, scroll::Follower, sse},
    error_page::Failed,
    i18n::t,
    kit::{LiveRegion, aside},
    models,
    rpc::{
        chat::SEND_FORM,
        form::{Flash, take_flash},
        problem::RpcError,
        window::Place,
    },
    sidebar::{DrawerToggle, NewLink, use_roster},
    state::{page::OpenPage, thread::Thread},
    tools::{self, reading},
};

/// The page of one conversation. Somebody else's and none at all look the same: 404.
#[component]
pub fn ConversationPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params
            .read()
            .get("id")
            .and_then(|id| id.parse::<ConversationId>().ok())
    });
    // A failed form's notice belongs to the conversation that this page was loaded with, not to the next one.
    let flash = StoredValue::new((id.get_untracked(), take_flash(SEND_FORM)));
    provide_renderer();
    models::provide_control();
    let (before, at) = (asked_message("before"), asked_message("m"));
    let place = Memo::new(move |_| {
        let around = at.get().map(Place::Around);
        before.get().map(Place::Before).or(around)
    });
    on_cleanup(send::take_nothing_along);
    let page = Resource::new_blocking(
        // What is looked for changes without another page.
        move || (id.get(), place.get(), query("find")),
        |(id, place, find)| async move {
            match id {
                Some(id) => match send::fetched(id).filter(|_| place.is_none()) {
                    Some(page) => Ok(page),
                    None => reading::open(id, place, find).await,
                },
                None => Err(RpcError::from(ProblemCode::NotFound)),
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => {
                        let (loaded, flash) = flash.get_value();
                        let flash = flash.filter(|_| loaded == Some(page.conversation.id));
                        Either::Left(view! { <Opened page=page flash=flash/> })
                    }
                    Err(error) => Either::Right(view! { <Refused error=error/> }),
                }
            })}
        </Transition>
    }
}

/// The message that the address names as `name`.
fn asked_message(name: &'static str) -> Memo<Option<MessageId>> {
    let search = use_location().search;
    Memo::new(move |_| {
        search.track();
        query(name).and_then(|id| id.parse().ok())
    })
}

#[component]
fn Refused(error: RpcError) -> impl IntoView {
    if error.0.code == ProblemCode::Unauthenticated {
        return view! { <ToSignIn/> }.into_any();
    }
    view! { <Failed code=error.0.code/> }.into_any()
}

#[component]
fn Opened(page: OpenPage, flash: Option<Flash>) -> impl IntoView {
    let thread = Thread::new(&page);
    let follower = Follower::default();
    let input = NodeRef::<html::Textarea>::new();
    let along = send::typed_meanwhile(thread.id);
    let mut seed = page.composer;
    // What was sent just before it could be kept is no draft.
    let said = thread.newest(|turn| turn.role == Role::User);
    let is_said = |draft: &String| {
        said.as_ref()
            .is_some_and(|said| said.content.trim() == draft.trim())
    };
    seed.draft = seed
        .draft
        .filter(|draft| !is_said(draft))
        .or_else(|| send::typed(flash.as_ref()))
        .or_else(|| along.clone());
    let problem = RwSignal::new(flash.map(|flash| send::sentence(t(), &RpcError(flash.problem))));
    let live = page.past.is_none();
    let editing = asked_message("edit").get_untracked();
    let opening = Opening {
        editing,
        detailed: asked_message("details").get_untracked(),
        past: page.past,
        finds: page.finds,
        client_message_id: seed.client_message_id.clone(),
        open: page.active.into_iter().collect(),
        made_at: page.made_at,
    };
    let acts = Acts::new(thread, follower, input, problem, opening);
    // What is compared in the first HTML has waited for them.
    if let Some(tools) = tools::there().filter(|_| !page.compared.is_empty()) {
        (tools.chat.beside)(acts, &page.compared);
    }
    provide_persona(page.persona);
    let copied = RwSignal::new(String::new());
    if live {
        sse::follow(thread);
        follower.start();
    }

    // Who comes here with a reply under way, or from the page where the first message was written, has just sent
    // something and goes on writing. Not before the next frame: the page is made first and put into the document then.
    let (just_sent, typed) = (along.is_some(), along.is_some_and(|text| !text.is_empty()));
    Effect::new(move || {
        if input.get().is_some() && (just_sent || thread.is_busy()) {
            request_animation_frame(move || {
                let input = input.try_get_untracked().flatten();
                let Some(input) = input.filter(|_| composer::is_idle()) else {
                    return;
                };
                if typed {
                    // Also where the keyboard is one on glass: it was there a moment ago. Both fail only for an element
                    // that is not in the page.
                    let _ = input.focus();
                    let _ = input.set_selection_range(u32::MAX, u32::MAX);
                } else {
                    composer::focus(&input);
                }
            });
        }
    });
    let roster = use_roster();
    Effect::new(move |before: Option<String>| {
        let title = thread.title.get();
        if before.is_some_and(|before| before != title) {
            roster.rename(thread.id, &title);
        }
        title
    });

    let texts = t();
    let title = move || {
        thread.title.with(|title| {
            if title.is_empty() {
                texts.chat.untitled.to_owned()
            } else {
                title.clone()
            }
        })
    };
    let busy = move || thread.running().is_some();
    let outbox = live.then(|| Outbox::provide(thread, follower, input, problem));
    let drafting = Drafting::new(Some(thread.id), seed.draft.is_some(), Signal::stored(false));
    view! {
        <Title text=window_title(title)/>
        <div
            class="chat"
            data-busy=move || busy().to_string()
            on:submit=move |event| acts.press(&event)
            on:click=move |event| tools::with(Box::new(move |tools| (tools.chat.copy)(acts, copied, &event)))
        >
            <header class="chat-header">
                <DrawerToggle/>
                <h1 class="chat-title">{title}</h1>
                {aside("chat-model", models::control)}
                <ConnectionPill thread=thread/>
                {find_link(acts)}
                <NewLink/>
            </header>
            <ThreadView acts=acts/>
            <LiveRegion text=copied/>
            {outbox.map(|outbox| view! {
                <Announcer thread=thread/>
                <Composer
                    conversation=thread.id
                    seed=seed
                    input=input
                    problem=problem
                    drafting=drafting
                    outbox=Some(outbox)
                    on_send=Callback::new(move |text: String| outbox.tell(Deed::Submit(text)))
                />
            })}
        </div>
    }
}

/// `title` for the window. The server writes the head when it has left the page's owner, where no signal can be read.
fn window_title(title: impl Fn() -> String + Send + Sync + 'static) -> TextProp {
    if cfg!(feature = "ssr") {
        untrack(title).into()
    } else {
        title.into()
    }
}
