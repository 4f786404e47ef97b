//! `/profile/data`: taking everything along, and the end of the account. In this order.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    form::{Form, Line},
    page::{Place, section},
};
use crate::{
    kit::{Glyph, Icon, Look},
    rpc::profile::{DELETE_FORM, DeleteAccount},
};

/// Where the API hands everything out.
const EXPORT: &str = "/api/v1/account/export";

/// The page.
pub(super) fn view(place: &Place) -> AnyView {
    let words = &place.words.data;
    let export = view! {
        <p class="profile-lead">{words.export_lead}</p>
        <p>
            <a class=Look::Primary.class() href=EXPORT download="parlance-export.json" rel="external">
                <Icon glyph=Glyph::Download/>
                {words.export}
            </a>
        </p>
    };
    let form = Form::new(
        DELETE_FORM,
        DeleteAccount::url(),
        &["current_password", "word"],
    );
    let lines = view! {
        {form.current_password()}
        {form.line(Line {
            name: "word",
            label: words.word_label,
            autocomplete: "off",
            ..Line::default()
        })}
    };
    let goes = words.goes.map(|what| view! { <li>{what}</li> });
    let delete = view! {
        <p class="profile-lead">{words.delete_lead}</p>
        <ul class="profile-goes">{goes.collect_view()}</ul>
        <p class="profile-lead">{words.delete_end}</p>
        {form.view(lines.into_any(), Look::Danger, words.delete)}
    };
    view! {
        {section(words.export_title, export.into_any())}
        {section(words.delete_title, delete.into_any())}
    }
    .into_any()
}
