//! The list's markup. A form that works as it stands: the switches are a cookie, which the server reads.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    i18n::t,
    kit::{Glyph, Icon},
    rpc::{
        form::cookie,
        shortcuts::{ON, SaveShortcuts, is_mac, request_path},
    },
    state::shortcuts::{COOKIE, SHORTCUTS, Shortcut, is_off},
};

/// The list with a heading and a way out.
pub(super) fn dialog() -> AnyView {
    let texts = &t().shortcuts;
    view! {
        <h2 class="dialog-title" id="shortcuts-title">{texts.title}</h2>
        <div class="dialog-body">{form()}</div>
        <button
            class="button button-quiet button-icon dialog-close"
            type="button"
            command="close"
            commandfor="shortcuts"
            aria-label=texts.close
        >
            <Icon glyph=Glyph::Close/>
        </button>
    }
    .into_any()
}

/// The list.
pub fn form() -> AnyView {
    let texts = &t().shortcuts;
    let off = cookie(COOKIE).unwrap_or_default();
    let mac = is_mac();
    let rows = SHORTCUTS
        .iter()
        .map(|shortcut| row(shortcut, &off, mac))
        .collect_view();
    let writing = texts
        .writing
        .map(|(keys, words)| {
            let keys = keys.replace("Ctrl/⌘", if mac { "⌘" } else { "Ctrl" });
            view! { <li class="shortcut"><span>{words}</span><kbd>{keys}</kbd></li> }
        })
        .collect_view();
    view! {
        <form class="shortcuts-form" method="post" action=SaveShortcuts::url() data-off=off>
            <input type="hidden" name="next" value=request_path()/>
            <p class="shortcuts-hint">{texts.hint}</p>
            <ul class="shortcut-rows" role="list">{rows}{writing}</ul>
            <p class="shortcuts-end">
                <button class="button shortcuts-save" type="submit">{texts.save}</button>
                <a href="/settings/chat" rel="external">{texts.all}</a>
            </p>
        </form>
    }
    .into_any()
}

fn row(shortcut: &Shortcut, off: &str, mac: bool) -> impl IntoView + use<> {
    let words = t().shortcuts.deed(shortcut.name);
    view! {
        <li>
            <label class="shortcut">
                <span>{words}</span>
                <kbd>{shortcut.keys(mac)}</kbd>
                <input
                    type="checkbox"
                    role="switch"
                    class="switch-input"
                    name=ON
                    value=shortcut.name
                    checked=!is_off(off, shortcut.name)
                />
            </label>
        </li>
    }
}
