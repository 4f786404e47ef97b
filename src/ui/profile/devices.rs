//! `/profile/devices`: where one is signed in.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{Device, DeviceKind};

use super::{agent, form::Form, page::Place};
use crate::{
    kit::Look,
    rpc::devices::{DEVICES_FORM, SignOutDevice, SignOutOthers},
};

/// The page; this device comes first.
pub(super) fn view(place: &Place, devices: &[Device]) -> AnyView {
    let words = &place.words.devices;
    let form = Form::new(DEVICES_FORM, SignOutOthers::url(), &[]);
    let (here, others): (Vec<_>, Vec<_>) = devices.iter().partition(|device| device.is_current);
    let end = if others.is_empty() {
        view! { <p class="profile-lead">{words.alone}</p> }.into_any()
    } else {
        view! {
            <form class="profile-form" method="post" action=SignOutOthers::url()>
                <p><button class=Look::Danger.class() type="submit">{words.others}</button></p>
                <p class="field-hint">{words.others_hint}</p>
            </form>
        }
        .into_any()
    };
    let rows = here.into_iter().chain(others);
    view! {
        <p class="profile-lead">{words.lead}</p>
        {form.failure()}
        <ul class="profile-rows" role="list" aria-label=words.list>
            {rows.map(|device| row(place, device)).collect_view()}
        </ul>
        {end}
    }
    .into_any()
}

fn row(place: &Place, device: &Device) -> AnyView {
    let words = &place.words.devices;
    let name = agent::name(device.user_agent.as_deref(), words);
    let kind = match device.kind {
        DeviceKind::Browser => words.browser,
        DeviceKind::Api => words.program,
    };
    let mark = device
        .is_current
        .then(|| view! { <span class="profile-mark">{words.this}</span> });
    let address = device.address.clone().map(|address| {
        view! { " · " <bdi class="profile-address">{address}</bdi> }
    });
    let label = format!("{}: {name}", words.sign_out);
    let out = (!device.is_current).then(|| {
        view! {
            <form method="post" action=SignOutDevice::url()>
                <input type="hidden" name="session_id" value=device.id.to_string()/>
                <button class=Look::Plain.class() type="submit" aria-label=label>{words.sign_out}</button>
            </form>
        }
    });
    view! {
        <li class="profile-row">
            <div class="profile-row-text">
                <p class="profile-row-name"><bdi>{name}</bdi> {mark}</p>
                <p class="profile-note">{kind}{address}</p>
                <p class="profile-note">{place.words.last_used}{place.moment(device.last_seen_at)}</p>
                <p class="profile-note">{words.since}{place.full(device.created_at)}</p>
            </div>
            {out}
        </li>
    }
    .into_any()
}
