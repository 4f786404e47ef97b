//! `/profile/password`.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{form::Form, page::Place};
use crate::{
    kit::Look,
    rpc::profile::{PASSWORD_FORM, SavePassword},
};

/// The page.
pub(super) fn view(place: &Place) -> AnyView {
    let words = &place.words.password;
    let order = &["current_password", "password", "password_confirmation"];
    let form = Form::new(PASSWORD_FORM, SavePassword::url(), order);
    let lines = view! {
        {form.current_password()}
        {form.new_password(words.new)}
    };
    view! {
        <p class="profile-lead">{words.lead}</p>
        {form.view(lines.into_any(), Look::Primary, words.save)}
    }
    .into_any()
}
