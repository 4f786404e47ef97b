//! A lost password and a confirmed address: what the links of letters lead to, and where such a letter is asked for.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    app::query,
    auth::{address::keep_address, entrance::frame},
    i18n::{Texts, entrance::Entrance},
    kit::{Look, Notice},
    profile::form::{Form, Line},
    rpc::{
        links::{self, AskReset, FORGOT_FORM, RESET_FORM, ResetPassword, VERIFY_FORM, VerifyEmail},
        profile::PROFILE,
        session::current_user,
    },
};

/// `/register?sent=1`. What is said does not tell whether anybody has had the address before.
pub(super) fn sent(texts: &'static Texts) -> AnyView {
    let words = texts.locale.entrance();
    let inner = view! {
        <p class="entrance-other">
            {words.registered_nothing} " " <a href="/register" rel="external">{words.register_again}</a>
        </p>
        <p class="entrance-also">
            {texts.auth.have_an_account} " " <a href="/login" rel="external">{texts.auth.sign_in}</a>
        </p>
    };
    frame(
        words.registered_title,
        words.registered_lead,
        inner.into_any(),
    )
}

/// `/forgot`. What is said afterwards does not tell whether there is such an account.
pub(super) fn forgot(texts: &'static Texts) -> AnyView {
    let words = texts.locale.entrance();
    let form = Form::new(FORGOT_FORM, AskReset::url(), &["email"]).of_entrance();
    let line = form.line(Line {
        name: "email",
        label: texts.auth.email,
        kind: "email",
        autocomplete: "username",
        ..Line::default()
    });
    let sent = query("sent").map(|_| {
        view! { <div class="entrance-news"><Notice>{words.sent}</Notice></div> }
    });
    let inner = view! {
        {sent}
        {form.view(line, Look::Primary, words.forgot_submit)}
        <p class="entrance-other">
            {words.remembered} " " <a href="/login" rel="external">{texts.auth.sign_in}</a>
        </p>
    };
    frame(words.forgot_title, words.forgot_lead, inner.into_any())
}

/// `/reset?token=…`
pub(super) fn reset(texts: &'static Texts) -> AnyView {
    keep_address();
    let words = texts.locale.entrance();
    let again = || view! { <a href="/forgot" rel="external">{words.ask_again}</a> }.into_any();
    let Some(token) = token() else {
        return incomplete(words, words.reset_title, again());
    };
    let order = &["password", "password_confirmation"];
    let form = Form::new(RESET_FORM, ResetPassword::url(), order).of_entrance();
    let lines = view! {
        <input type="hidden" name="token" value=token/>
        {form.new_password(words.new_password)}
    };
    let inner = view! {
        {form.view(lines.into_any(), Look::Primary, words.reset_submit)}
        <p class="entrance-other">{again()}</p>
    };
    frame(words.reset_title, words.reset_lead, inner.into_any())
}

/// Name and address of the account that waits for the token of this page.
pub(super) async fn waiting() -> Option<(String, String)> {
    links::waiting(&token()?).await
}

/// `/verify?token=…`: a button, since programs that look through mail open every link and must confirm nothing by that.
/// Where an account is `waiting` for it, there is a field for its password: somebody else may have chosen the one that it
/// was asked for with. And the page after it.
pub(super) fn verify(texts: &'static Texts, waiting: Option<(String, String)>) -> AnyView {
    keep_address();
    let words = texts.locale.entrance();
    let is_signed_in = current_user().is_some();
    if is_done() {
        let (to, label) = if is_signed_in {
            ("/chat", words.onward)
        } else {
            ("/login", texts.auth.sign_in)
        };
        let onward = view! {
            <p class="entrance-onward">
                <a class=Look::Primary.class() href=to rel="external">{label}</a>
            </p>
        };
        return frame(words.verified_title, words.verified_lead, onward.into_any());
    }
    // Who is signed in has an account to ask for; everybody else may be waiting for one.
    let again = || {
        let (to, label) = if is_signed_in {
            (PROFILE, words.verify_again)
        } else {
            ("/register", words.register_again)
        };
        view! { <a href=to rel="external">{label}</a> }.into_any()
    };
    let Some(token) = token() else {
        return incomplete(words, words.verify_title, again());
    };
    let gone = match waiting {
        Some(_) => words.name_gone,
        None => words.address_gone,
    };
    let form = Form::new(VERIFY_FORM, VerifyEmail::url(), &["password"])
        .of_entrance()
        .saying_conflict(gone);
    let (lead, submit) = match &waiting {
        Some((name, address)) => ((words.waiting_lead)(name, address), words.waiting_submit),
        None => (words.verify_lead.to_owned(), words.verify_submit),
    };
    let password = waiting.map(|_| {
        form.line(Line {
            name: "password",
            label: texts.auth.password,
            kind: "password",
            autocomplete: "new-password",
            hint: words.waiting_password_hint,
            ..Line::default()
        })
    });
    let lines = view! {
        <input type="hidden" name="token" value=token/>
        {password}
    };
    let inner = view! {
        {form.view(lines.into_any(), Look::Primary, submit)}
        <p class="entrance-other">{again()}</p>
    };
    frame(words.verify_title, lead, inner.into_any())
}

/// Whether the button has been pressed.
pub(super) fn is_done() -> bool {
    query("done").is_some()
}

/// The token of a link.
pub(super) fn token() -> Option<String> {
    query("token").filter(|token| !token.is_empty())
}

/// In place of a form: the link that led here has lost its end.
fn incomplete(words: &'static Entrance, title: &'static str, again: AnyView) -> AnyView {
    let inner = view! { <p class="entrance-other">{again}</p> };
    frame(title, words.incomplete, inner.into_any())
}
