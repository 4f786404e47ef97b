//! Tells when elements change their size.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

/// Calls `grown` whenever one of `elements` has another size, until the current owner is cleaned up.
pub(super) fn watch(elements: [&Element; 2], grown: impl Fn() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(grown);
    let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
        return;
    };
    for element in elements {
        observer.observe(element);
    }
    let kept = StoredValue::new_local((observer, callback));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
