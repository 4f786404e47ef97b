//! Where the reader stood, for each entry of the browser's history: back, forward and a reload land in the same place,
//! a link leads to the end. A turn and its place are kept, not a position, which changes with the window's size.

use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// Saves a turn's id and how far below the top of the view it stands; `None`: the end was followed.
pub(super) fn save(conversation: &str, mark: Option<(String, f64)>) {
    let (Some(key), Ok(Some(storage))) = (key(conversation), window().session_storage()) else {
        return;
    };
    // Whose storage is full or closed comes back to the end.
    let _ = match mark {
        Some((id, below)) => {
            storage.set_item(&key, &format!("{id} {}", below.round_ties_even() as i32))
        }
        None => storage.remove_item(&key),
    };
}

/// What was saved for this entry.
pub(super) fn read(conversation: &str) -> Option<(String, f64)> {
    let storage = window().session_storage().ok()??;
    let saved = storage.get_item(&key(conversation)?).ok()??;
    let (id, below) = saved.split_once(' ')?;
    Some((id.to_owned(), f64::from(below.parse::<i32>().ok()?)))
}

/// Names this entry of the history (WHATWG HTML, `NavigationHistoryEntry.key`); `None` in browsers that do not.
fn key(conversation: &str) -> Option<String> {
    let get = |from: &JsValue, name: &str| Reflect::get(from, &name.into()).ok();
    let entry = get(&get(&window(), "navigation")?, "currentEntry")?;
    let entry = get(&entry, "key")?.as_string()?;
    Some(format!("at {entry} {conversation}"))
}
