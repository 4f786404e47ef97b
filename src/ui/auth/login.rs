//! `/login`.

use leptos::{prelude::*, server_fn::ServerFn};

use super::entrance::{Entrance, EntranceForm, EntrancePage};
use crate::{
    app::GoTo,
    i18n::t,
    kit::Field,
    rpc::{accounts, session::current_user},
};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    if current_user().is_some() {
        return view! { <GoTo path="/chat".to_owned()/> }.into_any();
    }
    let auth = &t().auth;
    let entrance = Entrance::new(accounts::LOGIN_FORM, <accounts::Login as ServerFn>::url());
    let order = ["email", "password"];
    let register = entrance.sibling("/register");
    let fields = view! {
        <Field
            name="email"
            label=auth.email
            kind="email"
            autocomplete="username"
            error=entrance.error("email")
            value=entrance.typed("email")
            autofocus=entrance.starts_at("email", &order)
        />
        <Field
            name="password"
            label=auth.password
            kind="password"
            autocomplete="current-password"
            error=entrance.error("password")
            autofocus=entrance.starts_at("password", &order)
        />
    };
    view! {
        <EntrancePage title=auth.sign_in_title lead=auth.sign_in_lead name=auth.sign_in>
            <EntranceForm entrance=entrance submit=auth.sign_in>{fields}</EntranceForm>
            <p class="entrance-other">{auth.no_account_yet} " " <a href=register>{auth.register}</a></p>
        </EntrancePage>
    }
    .into_any()
}
