//! The button for going out.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::Submission;
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
    let action = <Logout as ServerFn>::url();
    let before = take_flash(LOGOUT_FORM).map(|flash| RpcError(flash.problem));
    let submission = Submission::new(before);
    let failure = submission.failure;
    view! {
        <form
            class="sign-out"
            method="post"
            action=action
            node_ref=submission.form
            on:submit=move |event| submission.submit(&event)
        >
            <IconButton glyph=Glyph::SignOut label=texts.auth.sign_out kind="submit"/>
            {move || failure.get().map(|error| view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> })}
        </form>
    }
}
