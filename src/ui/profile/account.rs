//! `/profile`: who one is here. Name, address, group.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::User;

use super::{
    form::{Form, Line},
    page::Place,
};
use crate::{
    kit::{Glyph, Icon, Look, avatar},
    rpc::profile::{
        EMAIL_FORM, LETTER_FORM, NAME_FORM, PROFILE, SaveEmail, SaveName, SendVerification,
    },
};

/// The page. `must_verify`: whether an address must be confirmed here.
pub(super) fn view(place: &Place, user: &User, must_verify: bool) -> AnyView {
    let words = &place.words.account;
    let name = Form::new(NAME_FORM, SaveName::url(), &["username"]);
    let name_line = name.line(Line {
        name: "username",
        label: words.name,
        autocomplete: "nickname",
        hint: words.name_hint,
        value: user.username.clone(),
        ..Line::default()
    });
    let email = Form::new(EMAIL_FORM, SaveEmail::url(), &["email", "current_password"]);
    let email_lines = view! {
        {email.line(Line {
            name: "email",
            label: words.email,
            kind: "email",
            autocomplete: "email",
            hint: words.email_hint,
            value: user.email.clone(),
            ..Line::default()
        })}
        {email.current_password()}
    };
    let unverified = (must_verify && !user.email_verified).then(|| unverified(place, user));
    view! {
        <div class="profile-person">
            {avatar(&user.username)}
            <div>
                <p class="profile-name"><bdi>{user.username.clone()}</bdi></p>
                <p class="profile-note">
                    <span>{words.group}{place.words.group(user.group)}</span>
                    " · "
                    <span>{(words.since)(&place.date(user.created_at))}</span>
                </p>
            </div>
        </div>
        {unverified}
        <div class="profile-part">
            {name.view(name_line, Look::Plain, words.name_save)}
        </div>
        <div class="profile-part">
            {email.view(email_lines.into_any(), Look::Plain, words.email_save)}
        </div>
    }
    .into_any()
}

/// That the address is not confirmed, quietly, with the way to another letter.
fn unverified(place: &Place, user: &User) -> AnyView {
    let words = &place.words.account;
    let form = Form::new(LETTER_FORM, SendVerification::url(), &[]);
    view! {
        {form.failure()}
        <form class="notice profile-unverified" method="post" action=SendVerification::url()>
            <input type="hidden" name="back" value=PROFILE/>
            <Icon glyph=Glyph::Info/>
            <p class="notice-text">{(words.unverified)(&user.email)}</p>
            <button class=Look::Plain.class() type="submit">{words.send_again}</button>
        </form>
    }
    .into_any()
}
