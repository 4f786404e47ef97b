//! `/chat`: a conversation that does not exist yet. Who should answer, what to ask, and the composer in the middle.

use leptos::{either::Either, ev, html, prelude::*, web_sys::Element};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use parlance_core::domain::ProblemCode;

use super::{
    composer::Composer,
    drafts::Drafting,
    opening::Opening,
    personas::PersonaCards,
    send::{self, First},
};
use crate::{
    app::{ToSignIn, query},
    browser::render::provide_renderer,
    error_page::Failed,
    i18n::t,
    kit::aside,
    models,
    rpc::{
        chat::SEND_FORM,
        form::{Flash, take_flash},
        problem::RpcError,
    },
    sidebar::{DrawerToggle, use_roster},
    state::page::StartPage,
    tools::{self, reading},
};

/// The page that begins a conversation.
#[component]
pub fn NewConversation() -> impl IntoView {
    let flash = StoredValue::new(take_flash(SEND_FORM));
    provide_renderer();
    models::provide_control();
    let asked = query("persona");
    let start = Resource::new_blocking(|| (), move |()| reading::start(asked.clone()));
    view! {
        <Title text=t().chat.new_title/>
        <Suspense>
            {move || Suspend::new(async move {
                match start.await {
                    Ok(start) => Either::Left(view! { <Started start=start flash=flash.get_value()/> }),
                    Err(error) if error.0.code == ProblemCode::Unauthenticated => {
                        Either::Right(view! { <ToSignIn/> }.into_any())
                    }
                    Err(error) => Either::Right(view! { <Failed code=error.0.code/> }.into_any()),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Started(start: StartPage, flash: Option<Flash>) -> impl IntoView {
    let texts = t();
    let input = NodeRef::<html::Textarea>::new();
    let sending = RwSignal::new(None::<String>);
    let waits = Signal::derive(move || sending.with(Option::is_some));
    let typed = send::typed(flash.as_ref());
    let problem = RwSignal::new(flash.map(|flash| send::sentence(texts, &RpcError(flash.problem))));
    let drafting = Drafting::new(None, start.composer.draft.is_some(), waits);
    let navigate = use_navigate();
    let first = First {
        conversation: start.conversation_id,
        input,
        sending,
        problem,
        drafting,
        roster: use_roster(),
        go: Callback::new(move |path: String| navigate(&path, NavigateOptions::default())),
        last: StoredValue::new((String::new(), start.composer.client_message_id.clone())),
    };
    let on_send = Callback::new(move |text: String| {
        tools::with(Box::new(move |tools| (tools.chat.first)(first, text)));
    });
    // Last, a suggestion that was followed without scripts.
    let asked = || query("q");
    let mut seed = start.composer;
    seed.draft = seed.draft.or(typed).or_else(asked);
    let chosen = start.personas.iter().find(|persona| persona.chosen);
    let opening = Opening {
        persona: StoredValue::new(chosen.map_or_else(String::new, |persona| persona.slug.clone())),
        greeting: RwSignal::new(start.greeting.unwrap_or_default()),
        ideas: RwSignal::new(start.ideas),
    };
    // Somebody else may have been chosen before the page came to life.
    tools::wire(Box::new(move |tools| (tools.chat.turn)(opening)));
    // What stands in the composer stays and goes along, and so does who shall reply.
    let follow = move |event: ev::MouseEvent| {
        if let Some(question) = pressed_link(&event) {
            event.prevent_default();
            on_send.try_run(question);
        }
    };
    view! {
        <div class="chat chat-new">
            <header class="chat-header">
                <DrawerToggle/>
                {aside("chat-model", models::control)}
            </header>
            <main id="content" class="greeting">
                <h1 class="greeting-title">{opening.greeting}</h1>
                {move || sending.get().map(|text| view! { <p class="bubble greeting-sent" dir="auto">{text}</p> })}
                <Composer
                    conversation=start.conversation_id
                    seed=seed
                    input=input
                    problem=problem
                    drafting=drafting
                    sending=waits
                    on_send=on_send
                />
                <PersonaCards personas=start.personas opening/>
                <ul
                    class="suggestions"
                    role="list"
                    aria-label=texts.chat.suggestions_label
                    inner_html=opening.ideas
                    on:click=follow
                ></ul>
            </main>
        </div>
    }
}

/// The words of the link that was pressed, unless it shall open elsewhere.
fn pressed_link(event: &ev::MouseEvent) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let pressed = event_target::<Element>(event);
    pressed.closest("a").ok()??.text_content()
}
