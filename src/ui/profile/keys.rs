//! `/profile/keys`: keys for programs.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::ApiKey;

use super::{
    form::{Form, Line},
    page::{Place, copy_button, section},
};
use crate::{
    kit::Look,
    rpc::{
        keys::{MAKE_FORM, MakeKey, REVOKE_FORM, RevokeKey},
        once::MadeKey,
    },
};

/// The page; a key that has just been made is shown above the others.
pub(super) fn view(place: &Place, keys: &[ApiKey], made: Option<MadeKey>) -> AnyView {
    let words = &place.words.keys;
    let revoke = Form::new(REVOKE_FORM, RevokeKey::url(), &[]);
    let made = made.map(|made| made_key(place, made));
    let list = if keys.is_empty() {
        view! { <p class="profile-note">{words.empty}</p> }.into_any()
    } else {
        view! {
            <ul class="profile-rows" role="list" aria-label=words.list>
                {keys.iter().map(|key| row(place, key)).collect_view()}
            </ul>
        }
        .into_any()
    };
    let make = Form::new(MAKE_FORM, MakeKey::url(), &["name", "current_password"]);
    let lines = view! {
        {make.line(Line {
            name: "name",
            label: words.name,
            autocomplete: "off",
            hint: words.name_hint,
            ..Line::default()
        })}
        {make.current_password()}
    };
    let make = make.view(lines.into_any(), Look::Plain, words.make);
    view! {
        <p class="profile-lead">{words.lead}</p>
        {revoke.failure()}
        {made}
        {list}
        {section(words.make_title, make)}
    }
    .into_any()
}

fn made_key(place: &Place, made: MadeKey) -> AnyView {
    let words = &place.words.keys;
    view! {
        <section class="profile-once" aria-labelledby="made-key">
            <h2 class="profile-heading" id="made-key">{(words.made_title)(&made.name)}</h2>
            <p>{words.made_lead}</p>
            <p><code class="profile-secret">{made.key.clone()}</code></p>
            <p>{copy_button(place, made.key)}</p>
        </section>
    }
    .into_any()
}

fn row(place: &Place, key: &ApiKey) -> AnyView {
    let words = &place.words.keys;
    let used = match key.last_used_at {
        Some(at) => view! { {place.words.last_used}{place.moment(at)} }.into_any(),
        None => words.never_used.into_any(),
    };
    let until = key.expires_at.map(|at| {
        view! { <p class="profile-note">{words.good_until}{place.full(at)}</p> }
    });
    let label = format!("{}: {}", words.revoke, key.name);
    view! {
        <li class="profile-row">
            <div class="profile-row-text">
                <p class="profile-row-name">
                    <bdi>{key.name.clone()}</bdi>
                    " "
                    <span class="profile-note">{(words.ends_in)(&key.last4)}</span>
                </p>
                <p class="profile-note">{words.made_on}{place.full(key.created_at)}</p>
                <p class="profile-note">{used}</p>
                {until}
            </div>
            <form method="post" action=RevokeKey::url()>
                <input type="hidden" name="key_id" value=key.id.to_string()/>
                <button class=Look::Danger.class() type="submit" aria-label=label>{words.revoke}</button>
            </form>
        </li>
    }
    .into_any()
}
