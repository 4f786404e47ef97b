//! The way out.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::Submission;
use crate::{
    i18n::t,
    kit::{Glyph, Icon, Notice, Tone},
    rpc::{
        accounts::{LOGOUT_FORM, Logout},
        form::take_flash,
        problem::RpcError,
    },
    tools,
};

/// An item of a menu, which ends the session, and what stands outside of the menu when that failed: leaving a shared
/// computer in the belief of having signed out would be worse than any notice.
pub fn sign_out() -> (AnyView, AnyView) {
    let texts = t();
    let before = take_flash(LOGOUT_FORM).map(|flash| RpcError(flash.problem));
    let submission = Submission::new(before);
    let failure = submission.failure;
    let form = view! {
        <form
            class="sign-out"
            method="post"
            action=Logout::url()
            node_ref=submission.form
            on:submit=move |event| {
                // Whoever leaves does not wait for the tools: the form leads out by itself.
                if let Some(tools) = tools::there() {
                    event.prevent_default();
                    (tools.submit)(submission);
                }
            }
        >
            <button class="menu-item" type="submit">
                <Icon glyph=Glyph::SignOut/>
                {texts.auth.sign_out}
            </button>
        </form>
    };
    let notice = move || {
        failure.get().map(|error| {
            view! { <Notice tone=Tone::Error>{texts.failure(&error)}</Notice> }
        })
    };
    (form.into_any(), notice.into_any())
}
