//! `/setup?token=…`: the first administrator. Without a token in the address there is a field for it.

use leptos::{prelude::*, server_fn::ServerFn};

use super::links::token;
use crate::{
    auth::{address::keep_address, entrance::frame},
    i18n::Texts,
    kit::Look,
    profile::form::{Form, Line},
    rpc::setup::{SETUP_FORM, SetUp},
};

/// The page that the line in the log leads to.
pub(super) fn view(texts: &'static Texts) -> AnyView {
    keep_address();
    let (auth, words) = (&texts.auth, texts.locale.entrance());
    let order = &[
        "token",
        "username",
        "email",
        "password",
        "password_confirmation",
    ];
    let form = Form::new(SETUP_FORM, SetUp::url(), order)
        .of_entrance()
        .saying_gone(words.setup_gone);
    let token = match token() {
        Some(token) => view! { <input type="hidden" name="token" value=token/> }.into_any(),
        None => form.line(Line {
            name: "token",
            label: words.token,
            autocomplete: "off",
            hint: words.token_hint,
            ..Line::default()
        }),
    };
    let username = form.line(Line {
        name: "username",
        label: auth.username,
        autocomplete: "nickname",
        hint: auth.username_hint,
        ..Line::default()
    });
    let email = form.line(Line {
        name: "email",
        label: auth.email,
        kind: "email",
        autocomplete: "email",
        ..Line::default()
    });
    let lines = view! { {token} {username} {email} {form.new_password(auth.password)} };
    let inner = view! {
        {form.view(lines.into_any(), Look::Primary, words.setup_submit)}
        <p class="entrance-other">
            {words.setup_other} " " <a href="/login" rel="external">{auth.sign_in}</a>
        </p>
    };
    frame(words.setup_title, words.setup_lead, inner.into_any())
}
