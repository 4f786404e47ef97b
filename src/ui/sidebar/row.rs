//! One row of the list, and the field in its place while its title is being changed.

use leptos::{ev, html, prelude::*};
use leptos_router::components::A;
use parlance_core::domain::{ConversationId, limits};

use super::acts::Acts;
use crate::{
    browser::{composer::is_composing, sidebar::focus_row},
    tools,
};

/// Id of the form that the rows' buttons belong to without scripts.
pub(super) const ROW_FORM: &str = "row-acts";

/// What stands at the end of a row, or in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Writing,
    Unread,
    Editing,
}

/// One conversation. The router marks the current one with `aria-current="page"`.
pub(super) fn row(id: ConversationId, acts: Acts) -> AnyView {
    let texts = &acts.texts.sidebar;
    let face = Memo::new(move |_| acts.roster.with(|roster| roster.face(id)));
    let title = move || acts.title(face.with(|face| face.title.clone()));
    let day = move || {
        face.with(|face| face.day.clone()).map(|day| {
            let day = if day.is_empty() {
                texts.today.to_owned()
            } else {
                day
            };
            view! { <h2 class="sidebar-day">{day}</h2> }
        })
    };
    let mark = Memo::new(move |_| {
        let (running, unread) = face.with(|face| (face.running, face.unread));
        if acts.editing.get() == Some(id) {
            Mark::Editing
        } else if running {
            Mark::Writing
        } else if unread {
            Mark::Unread
        } else {
            Mark::None
        }
    });
    let sign = |class, label| {
        view! { <span class=class role="img" aria-label=label title=label></span> }.into_any()
    };
    let end = move || match mark.get() {
        Mark::None => ().into_any(),
        Mark::Writing => sign("sidebar-mark sidebar-live", texts.writing),
        Mark::Unread => sign("sidebar-mark sidebar-unread", texts.unread),
        Mark::Editing => {
            tools::there().map_or_else(|| ().into_any(), |tools| (tools.sidebar.renaming)(id, acts))
        }
    };
    view! {
        <li data-row=id.to_string()>
            {day}
            <A href=format!("/chat/{id}") attr:class="sidebar-row" attr:title=title>
                {title}
            </A>
            {end}
            <button
                class="sidebar-act"
                type="submit"
                form=ROW_FORM
                name="row"
                value=id.to_string()
                aria-label=move || (texts.acts)(&title())
            ></button>
        </li>
    }
    .into_any()
}

/// The field for another title: Enter and leaving it save, Esc does not.
pub(super) fn renaming(id: ConversationId, acts: Acts) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let old = acts.roster.with_untracked(|roster| roster.face(id).title);
    // Whoever is first of Enter, Esc and leaving decides.
    let done = move |save: bool| {
        let field = field.try_get_untracked().flatten();
        if acts.editing.get_untracked() != Some(id) {
            return;
        }
        acts.edit(None);
        if let Some(field) = field.filter(|_| save) {
            acts.rename(id, &field.value());
        }
    };
    let back = move |save| {
        done(save);
        focus_row(Some(id));
    };
    let key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        // The key that ends a composition is not meant for the form.
        "Enter" if is_composing(&event) => event.prevent_default(),
        "Escape" if !is_composing(&event) => {
            event.prevent_default();
            event.stop_propagation();
            back(false);
        }
        _ => {}
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        back(true);
    };
    // The menu that asked for it gives the focus back while it closes: after that.
    Effect::new(move || {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                // Both fail only for a field that has just left the page.
                let _ = field.focus();
                field.select();
            });
        }
    });
    view! {
        <form class="sidebar-rename" on:submit=submit>
            <input
                node_ref=field
                class="field-input"
                name="title"
                value=old
                maxlength=limits::TITLE_CHARS.to_string()
                autocomplete="off"
                enterkeyhint="done"
                aria-label=acts.texts.sidebar.title
                on:keydown=key
                on:blur=move |_| done(true)
            />
        </form>
    }
    .into_any()
}
