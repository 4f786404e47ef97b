//! What the two forms have in common: where they lead, what went wrong, and the page around them.

use leptos::{html, prelude::*, web_sys};
use leptos_meta::Title;

use super::submission::Submission;
use crate::{
    app::query,
    home::Masthead,
    i18n::t,
    kit::{Button, Look, Notice, Seal, Tone},
    rpc::{
        form::{Flash, own_path, take_flash},
        problem::RpcError,
    },
};

/// One of the two forms while its page is open.
pub struct Entrance {
    submission: Submission,
    flash: Option<Flash>,
    /// Where the form is sent to.
    action: &'static str,
    /// Where to go afterwards, when the address says so.
    pub next: Option<String>,
}

impl Entrance {
    /// Call while the page is being built. `form` names the form in a flash.
    pub fn new(form: &'static str, action: &'static str) -> Self {
        let flash = take_flash(form);
        let before = flash.as_ref().map(|flash| RpcError(flash.problem.clone()));
        let next = query("next").and_then(|next| own_path(&next));
        Self {
            submission: Submission::new(before),
            flash,
            action,
            next,
        }
    }

    /// What is wrong with field `name`.
    pub fn error(&self, name: &'static str) -> Signal<Option<&'static str>> {
        let (failure, texts) = (self.submission.failure, t());
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
pub fn EntranceForm(entrance: Entrance, submit: &'static str, children: Children) -> impl IntoView {
    let texts = t();
    let Entrance {
        submission,
        action,
        next,
        ..
    } = entrance;
    let Submission {
        form,
        pending,
        failure,
    } = submission;
    Effect::new(move |before: Option<()>| {
        // A failure that the page was loaded with has its cursor from the HTML.
        if failure.with(Option::is_some) && before.is_some() {
            request_animation_frame(move || focus_first_bad(form));
        }
    });
    view! {
        <form
            class="entrance-form"
            method="post"
            action=action
            novalidate=true
            node_ref=form
            on:submit=move |event| submission.submit(&event)
        >
            {move || failure.get().map(|error| view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> })}
            {children()}
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            <Button look=Look::Primary disabled=pending>
                {move || if pending.get() { texts.auth.working } else { submit }}
            </Button>
        </form>
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
    view! {
        <Title text=name/>
        {frame(title, lead, children().into_any())}
    }
}

/// The same without the window's title.
pub(super) fn frame(title: &'static str, lead: impl Into<String>, inner: AnyView) -> AnyView {
    let (texts, lead) = (t(), lead.into());
    view! {
        <div class="page entrance">
            <Masthead/>
            <aside class="entrance-plate" aria-hidden="true">
                <Seal/>
                <p class="entrance-motto">{texts.home.title}</p>
            </aside>
            <main class="entrance-main" id="content">
                <h1 class="title">{title}</h1>
                <p class="lead">{lead}</p>
                {inner}
            </main>
        </div>
    }
    .into_any()
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
