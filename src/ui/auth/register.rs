//! `/register`.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    SideDoor,
    entrance::{Entrance, EntranceForm, EntrancePage},
    side_door,
};
use crate::{
    app::{GoTo, query},
    i18n::t,
    kit::Field,
    rpc::{accounts, session::current_user},
};

/// The page for a new account.
#[component]
pub fn Register() -> impl IntoView {
    if query("sent").is_some() {
        return side_door(SideDoor::Sent);
    }
    if current_user().is_some() {
        return view! { <GoTo path="/chat".to_owned()/> }.into_any();
    }
    let auth = &t().auth;
    let entrance = Entrance::new(
        accounts::REGISTER_FORM,
        <accounts::Register as ServerFn>::url(),
    );
    let order = ["username", "email", "password", "password_confirmation"];
    let login = entrance.sibling("/login");
    let fields = view! {
        <Field
            name="username"
            label=auth.username
            hint=auth.username_hint
            autocomplete="nickname"
            error=entrance.error("username")
            value=entrance.typed("username")
            autofocus=entrance.starts_at("username", &order)
        />
        <Field
            name="email"
            label=auth.email
            kind="email"
            autocomplete="email"
            error=entrance.error("email")
            value=entrance.typed("email")
            autofocus=entrance.starts_at("email", &order)
        />
        <Field
            name="password"
            label=auth.password
            kind="password"
            hint=auth.password_hint
            autocomplete="new-password"
            error=entrance.error("password")
            autofocus=entrance.starts_at("password", &order)
        />
        <Field
            name="password_confirmation"
            label=auth.password_confirmation
            kind="password"
            autocomplete="new-password"
            error=entrance.error("password_confirmation")
            autofocus=entrance.starts_at("password_confirmation", &order)
        />
    };
    view! {
        <EntrancePage title=auth.register_title lead=auth.register_lead name=auth.register>
            <EntranceForm entrance=entrance submit=auth.register>{fields}</EntranceForm>
            <p class="entrance-other">{auth.have_an_account} " " <a href=login>{auth.sign_in}</a></p>
        </EntrancePage>
    }
    .into_any()
}
