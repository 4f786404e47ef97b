//! `/factor`: the second step of signing in. What the first one proved travels along in a hidden field.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::ProblemCode;

use crate::{
    app::query,
    auth::entrance::frame,
    i18n::Texts,
    kit::Look,
    profile::form::{Form, Line},
    rpc::{
        accounts::{FACTOR_STEP, LoginFactor},
        form::{own_path, received, see_other},
    },
};

/// The form for the code, with what the sign-in form left for it, or this one when it was refused. Whoever comes without
/// begins with the password.
pub(super) fn view(texts: &'static Texts) -> AnyView {
    let words = texts.locale.entrance();
    let next = query("next").and_then(|next| own_path(&next));
    let Some(flash) = received(FACTOR_STEP) else {
        see_other("/login");
        return ().into_any();
    };
    let challenge = flash.typed("challenge");
    let flash = (flash.problem.code != ProblemCode::FactorRequired).then_some(flash);
    let form = Form::new(FACTOR_STEP, LoginFactor::url(), &["code"])
        .of_entrance()
        .with(flash)
        .saying_gone(words.factor_gone);
    let again = match &next {
        Some(next) => format!("/login?next={}", leptos_router::location::Url::escape(next)),
        None => "/login".to_owned(),
    };
    let line = form.line(Line {
        name: "code",
        label: words.code,
        autocomplete: "one-time-code",
        hint: words.code_hint,
        focus: true,
        ..Line::default()
    });
    let lines = view! {
        <input type="hidden" name="challenge" value=challenge/>
        {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
        {line}
    };
    let inner = view! {
        {form.view(lines.into_any(), Look::Primary, words.factor_submit)}
        <p class="entrance-other">{words.factor_lost} " " <a href=again rel="external">{words.again}</a></p>
    };
    frame(words.factor_title, words.factor_lead, inner.into_any())
}
