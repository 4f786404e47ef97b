//! `/login`.

use leptos::{prelude::*, server_fn::ServerFn};

use super::entrance::{Entrance, EntranceForm, EntrancePage};
use crate::{
    app::GoTo,
    i18n::t,
    kit::{Field, aside},
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
            {aside("entrance-news", done)}
            <EntranceForm entrance=entrance submit=auth.sign_in>{fields}</EntranceForm>
            <p class="entrance-other"><a href="/forgot" rel="external">{auth.forgot}</a></p>
            <p class="entrance-also">{auth.no_account_yet} " " <a href=register>{auth.register}</a></p>
        </EntrancePage>
    }
    .into_any()
}

/// What has been done, for those whom a form led here.
fn done() -> Option<AnyView> {
    #[cfg(feature = "ssr")]
    let done = {
        use crate::{app::query, kit::Notice};

        let words = t().locale.entrance();
        let text = match query("done").as_deref() {
            Some("reset") => Some(words.reset_done),
            Some("deleted") => Some(words.deleted),
            _ => None,
        };
        text.map(|text| view! { <Notice>{text}</Notice> }.into_any())
    };
    #[cfg(not(feature = "ssr"))]
    let done = None;
    done
}
