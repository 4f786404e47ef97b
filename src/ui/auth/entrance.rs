//! What the two forms have in common: where they lead, what went wrong, and the page around them.

use leptos::{
    form::ActionForm,
    html,
    prelude::*,
    server_fn::{Http, ServerFn, client::Client, codec::PostUrl, request::ClientReq},
    web_sys,
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::de::DeserializeOwned;

use crate::{
    home::Masthead,
    i18n::t,
    kit::{Button, Look, Notice, Seal, Tone},
    rpc::{
        form::{Flash, own_path, take_flash},
        problem::RpcError,
    },
};

/// One of the two forms while its page is open.
pub struct Entrance<S: ServerFn<Output = String, Error = RpcError> + 'static> {
    action: ServerAction<S>,
    flash: Option<Flash>,
    /// The latest failure: of this page, or the one that the page was loaded with.
    failure: Memo<Option<RpcError>>,
    /// Where to go afterwards, when the address says so.
    pub next: Option<String>,
}

impl<S> Entrance<S>
where
    S: ServerFn<Output = String, Error = RpcError> + Clone + Send + Sync + 'static,
{
    /// Call while the page is being built. `form` names the form in a flash.
    pub fn new(form: &'static str) -> Self
    where
        S: DeserializeOwned,
    {
        let action = ServerAction::<S>::new();
        let flash = take_flash(form);
        let before = flash.as_ref().map(|flash| RpcError(flash.problem.clone()));
        let value = action.value();
        let failure = Memo::new(move |_| match value.get() {
            Some(Err(error)) => Some(error),
            Some(Ok(_)) => None,
            None => before.clone(),
        });
        // A new page load, not a navigation: whatever this page knew belonged to a visitor.
        Effect::new(move |_| {
            if let Some(Ok(path)) = value.get() {
                let _ = window().location().set_href(&path);
            }
        });
        let next = use_query_map().with_untracked(|query| own_path(query.get_str("next")?));
        Self {
            action,
            flash,
            failure,
            next,
        }
    }

    /// What is wrong with field `name`.
    pub fn error(&self, name: &'static str) -> Signal<Option<&'static str>> {
        let (failure, texts) = (self.failure, t());
        Signal::derive(move || {
            failure.with(|failure| {
                let problem = failure.as_ref()?.0.fields.get(name)?;
                Some(texts.field(name, problem.code))
            })
        })
    }

    /// What was typed into field `name` before a failure brought the page back.
    pub fn typed(&self, name: &str) -> String {
        self.flash
            .as_ref()
            .map(|flash| flash.typed(name))
            .unwrap_or_default()
    }

    /// Whether the page starts with the cursor in `name`: the first bad field of a form that came back.
    pub fn starts_at(&self, name: &str, order: &[&str]) -> bool {
        let Some(flash) = &self.flash else {
            return false;
        };
        order
            .iter()
            .find(|field| flash.problem.fields.contains_key(**field))
            == Some(&name)
    }

    /// `path` with the way onward kept.
    pub fn sibling(&self, path: &str) -> String {
        match &self.next {
            Some(next) => format!("{path}?next={}", leptos_router::location::Url::escape(next)),
            None => path.to_owned(),
        }
    }
}

/// The form: failure, fields, button.
#[component]
pub fn EntranceForm<S, Out>(
    entrance: Entrance<S>,
    submit: &'static str,
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Output = String, Error = RpcError, Protocol = Http<PostUrl, Out>>
        + DeserializeOwned
        + Clone
        + Send
        + Sync
        + 'static,
    <<S::Client as Client<RpcError>>::Request as ClientReq<RpcError>>::FormData:
        From<web_sys::FormData>,
    S::Client: Client<RpcError>,
    Out: 'static,
{
    let texts = t();
    let Entrance {
        action,
        failure,
        next,
        ..
    } = entrance;
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |before: Option<()>| {
        // A failure that the page was loaded with has its cursor from the HTML.
        if failure.with(Option::is_some) && before.is_some() {
            request_animation_frame(move || focus_first_bad(form));
        }
    });
    let pending = action.pending();
    let busy = Signal::derive(move || pending.get());
    view! {
        <ActionForm action=action node_ref=form attr:class="entrance-form" attr:novalidate=true>
            {move || failure.get().map(|error| view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> })}
            {children()}
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <Button look=Look::Primary disabled=busy>
                {move || if busy.get() { texts.auth.working } else { submit }}
            </Button>
        </ActionForm>
    }
}

/// The page around a form.
#[component]
pub fn EntrancePage(
    title: &'static str,
    lead: &'static str,
    /// For the window's title.
    name: &'static str,
    children: Children,
) -> impl IntoView {
    let texts = t();
    view! {
        <Title text=name/>
        <div class="page entrance">
            <Masthead/>
            <aside class="entrance-plate" aria-hidden="true">
                <Seal/>
                <p class="entrance-motto">{texts.home.title}</p>
            </aside>
            <main class="entrance-main" id="content">
                <h1 class="title">{title}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </main>
        </div>
    }
}

fn focus_first_bad(form: NodeRef<html::Form>) {
    use leptos::wasm_bindgen::JsCast;

    let bad = form
        .get_untracked()
        .and_then(|form| form.query_selector("[aria-invalid='true']").ok().flatten());
    if let Some(field) = bad.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
