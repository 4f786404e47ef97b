//! `/profile/password`.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    form::{Form, Line},
    page::Place,
};
use crate::{
    kit::Look,
    rpc::profile::{PASSWORD_FORM, SavePassword},
};

/// The page.
pub(super) fn view(place: &Place) -> AnyView {
    let (words, auth) = (&place.words.password, &place.texts.auth);
    let order = &["current_password", "password", "password_confirmation"];
    let form = Form::new(PASSWORD_FORM, SavePassword::url(), order);
    let lines = view! {
        {form.current_password()}
        {form.line(Line {
            name: "password",
            label: words.new,
            kind: "password",
            autocomplete: "new-password",
            hint: auth.password_hint,
            ..Line::default()
        })}
        {form.line(Line {
            name: "password_confirmation",
            label: auth.password_confirmation,
            kind: "password",
            autocomplete: "new-password",
            ..Line::default()
        })}
    };
    view! {
        <p class="profile-lead">{words.lead}</p>
        {form.view(lines.into_any(), Look::Primary, words.save)}
    }
    .into_any()
}
