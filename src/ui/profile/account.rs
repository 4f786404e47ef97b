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
        EMAIL_FORM, KeepEmail, LETTER_FORM, NAME_FORM, PROFILE, SaveEmail, SaveName,
        SendEmailLetter, SendVerification, WANTED_FORM,
    },
};

/// The page. `must_verify`: whether an address must be confirmed here; `wanted`: the one that waits for it.
pub(super) fn view(
    place: &Place,
    user: &User,
    must_verify: bool,
    wanted: Option<String>,
) -> AnyView {
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
            hint: if must_verify { words.email_hint_letter } else { words.email_hint },
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
        {wanted.map(|email| waiting(place, &email))}
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

/// That another address waits to be confirmed, with the ways to another letter and to leave it.
fn waiting(place: &Place, email: &str) -> AnyView {
    let words = &place.words.account;
    let form = Form::new(WANTED_FORM, SendEmailLetter::url(), &[]);
    view! {
        {form.failure()}
        <form class="notice profile-unverified" method="post" action=SendEmailLetter::url()>
            <Icon glyph=Glyph::Info/>
            <p class="notice-text">{(words.wanted)(email)}</p>
            <button class=Look::Plain.class() type="submit">{words.send_again}</button>
            <button class=Look::Plain.class() type="submit" formaction=KeepEmail::url()>{words.keep}</button>
        </form>
    }
    .into_any()
}
