//! Pages that stand in for one that cannot be shown. They are translated, carry the right status and lead back.

use leptos::prelude::*;
use leptos_meta::Title;
use parlance_core::domain::ProblemCode;

use crate::{home::Masthead, i18n::t, kit::Look, rpc::session::current_user};

/// Nothing is here, or nothing for this person: both look the same.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    let texts = t();
    view! {
        <Title text=texts.errors.not_found_title/>
        <Page code="404" title=texts.errors.not_found_title lead=texts.errors.not_found_lead/>
    }
}

/// The page failed with `code`.
#[component]
pub fn Failed(code: ProblemCode) -> impl IntoView {
    if code == ProblemCode::NotFound {
        return view! { <NotFound/> }.into_any();
    }
    set_status(code.status());
    let texts = t();
    view! {
        <Title text=texts.errors.failed_title/>
        <Page code=code.status().to_string() title=texts.errors.failed_title lead=texts.problem(code)/>
    }
    .into_any()
}

#[component]
fn Page(#[prop(into)] code: String, title: &'static str, lead: &'static str) -> impl IntoView {
    let texts = t();
    let home = if current_user().is_some() {
        "/chat"
    } else {
        "/"
    };
    view! {
        <div class="page">
            <Masthead/>
            <main class="blank" id="content">
                <p class="blank-code" aria-hidden="true">{code}</p>
                <h1 class="title">{title}</h1>
                <p class="lead">{lead}</p>
                <p><a class=Look::Plain.class() href=home>{texts.errors.back_home}</a></p>
            </main>
        </div>
    }
}

#[cfg(feature = "ssr")]
fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        axum::http::StatusCode::from_u16(status),
    ) {
        response.set_status(status);
    }
}

#[cfg(not(feature = "ssr"))]
fn set_status(_status: u16) {}
