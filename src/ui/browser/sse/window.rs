//! The events of the window that matter to a stream.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

use super::supervisor::Supervisor;
use crate::{browser::clock, state::connection::Input};

/// Listens until the current owner is cleaned up.
pub(super) fn listen(supervisor: Supervisor) {
    let heard = Closure::<dyn FnMut(_)>::new(move |event: Event| {
        if let Some(input) = meaning(&event) {
            supervisor.feed(input);
        }
    });
    let (window, document): (EventTarget, EventTarget) = (window().into(), document().into());
    let places = Rc::new([
        (window.clone(), "online"),
        (window.clone(), "offline"),
        (window.clone(), "pagehide"),
        (window, "pageshow"),
        (document.clone(), "visibilitychange"),
        (document.clone(), "freeze"),
        (document, "resume"),
    ]);
    for (target, name) in &*places {
        // Fails for no listener of this kind.
        let _ = target.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
    }
    let kept = StoredValue::new_local((places, heard));
    on_cleanup(move || {
        kept.try_with_value(|(places, heard)| {
            for (target, name) in &**places {
                let _ = target
                    .remove_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
            }
        });
    });
}

fn meaning(event: &Event) -> Option<Input> {
    Some(match event.type_().as_str() {
        "online" => Input::Online,
        "offline" => Input::Offline,
        "visibilitychange" if clock::is_hidden() => Input::Hidden,
        "visibilitychange" => Input::Visible,
        "pagehide" | "freeze" => Input::Freeze,
        "resume" => Input::Restored,
        // Out of the back/forward cache.
        "pageshow" => {
            let kept = js_sys::Reflect::get(event, &"persisted".into());
            return kept
                .is_ok_and(|kept| kept.is_truthy())
                .then_some(Input::Restored);
        }
        _ => return None,
    })
}
