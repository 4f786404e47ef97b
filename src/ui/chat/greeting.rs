//! `/chat`: a conversation that does not exist yet. Who should answer, what to ask, and the composer in the middle.

use leptos::{either::Either, html, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, location::Url};
use parlance_core::domain::ProblemCode;

use super::{composer::Composer, personas::PersonaCards, send};
use crate::{
    app::ToSignIn,
    browser::render::provide_renderer,
    error_page::Failed,
    i18n::t,
    rpc::{
        chat::SEND_FORM,
        conversations::start_conversation,
        form::{Flash, take_flash},
        problem::RpcError,
    },
    sidebar::DrawerToggle,
    state::page::StartPage,
};

/// The page that begins a conversation.
#[component]
pub fn NewConversation() -> impl IntoView {
    let flash = StoredValue::new(take_flash(SEND_FORM));
    provide_renderer();
    let start = Resource::new_blocking(|| (), |()| start_conversation());
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
    let typed = send::typed(flash.as_ref());
    let problem = RwSignal::new(flash.map(|flash| send::sentence(texts, &RpcError(flash.problem))));
    let on_send = Callback::new(send::to_new_conversation(&start, input, sending, problem));
    // Last, a suggestion that was followed without scripts.
    let asked = || use_query_map().read_untracked().get("q");
    let mut seed = start.composer;
    seed.draft = seed.draft.or(typed).or_else(asked);
    view! {
        <div class="chat chat-new">
            <header class="chat-header">
                <DrawerToggle/>
            </header>
            <main id="content" class="greeting">
                <h1 class="greeting-title">{texts.chat.greeting}</h1>
                {move || sending.get().map(|text| view! { <p class="bubble greeting-sent" dir="auto">{text}</p> })}
                <Composer
                    conversation=start.conversation_id
                    seed=seed
                    input=input
                    problem=problem
                    busy=Signal::stored(None)
                    sending=Signal::derive(move || sending.with(Option::is_some))
                    on_send=on_send
                />
                <PersonaCards personas=start.personas/>
                <Suggestions input=input/>
            </main>
        </div>
    }
}

/// Questions to begin with: links that fill the composer, on this very page when scripts are there.
#[component]
fn Suggestions(input: NodeRef<html::Textarea>) -> impl IntoView {
    let texts = &t().chat;
    let links = texts
        .suggestions
        .map(|question| {
            let fill = move |event: leptos::ev::MouseEvent| {
                let Some(input) = input.get_untracked() else {
                    return;
                };
                event.prevent_default();
                input.set_value(question);
                // Fails only for an element that is not in the page.
                let _ = input.focus();
            };
            let href = format!("/chat?q={}", Url::escape(question));
            view! { <li><a class="suggestion" href=href on:click=fill>{question}</a></li> }
        })
        .collect_view();
    view! { <ul class="suggestions" role="list" aria-label=texts.suggestions_label>{links}</ul> }
}
