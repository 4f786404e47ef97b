//! The button for going out.

use leptos::{form::ActionForm, prelude::*};

use crate::{
    i18n::t,
    kit::{Glyph, IconButton, Notice, Tone},
    rpc::{
        accounts::{LOGOUT_FORM, Logout},
        form::take_flash,
        problem::RpcError,
    },
};

/// A form with one button that ends the session. A session that could not be ended says so: leaving a shared computer
/// in that belief would be worse than any notice.
#[component]
pub fn SignOut() -> impl IntoView {
    let texts = t();
    let action = ServerAction::<Logout>::new();
    let before = take_flash(LOGOUT_FORM).map(|flash| RpcError(flash.problem));
    let value = action.value();
    // A new page load, so that nothing of the person stays in memory.
    Effect::new(move |_| {
        if let Some(Ok(path)) = value.get() {
            let _ = window().location().set_href(&path);
        }
    });
    let failure = move || match value.get() {
        Some(outcome) => outcome.err(),
        None => before.clone(),
    };
    view! {
        <ActionForm action=action attr:class="sign-out">
            <IconButton glyph=Glyph::SignOut label=texts.auth.sign_out kind="submit"/>
            {move || failure().map(|error| view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> })}
        </ActionForm>
    }
}
