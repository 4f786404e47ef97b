//! What is dropped on the page or pasted into the composer, read as text. Files that are uploaded come in here too, once
//! there are such.
//!
//! Must not enter: what is done with it (`chat::drop`).

/// What happened.
pub enum Given {
    /// Files hang over the page, or do no longer.
    Over(bool),
    /// A file's name and text.
    Text(String, String),
    /// A file that is no text, or too large: its name.
    NoText(String),
    TooLarge(String),
    /// A text was pasted into the composer.
    Pasted(String),
}

/// Listens until the current owner is cleaned up. `enough` is the size of the largest file that is read, bytes.
pub fn listen(enough: f64, give: impl Fn(Given) + Clone + 'static) {
    #[cfg(feature = "hydrate")]
    live::listen(enough, give);
    #[cfg(not(feature = "hydrate"))]
    let _ = (enough, give);
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, Event, File};

    use super::Given;

    pub(super) fn listen(enough: f64, give: impl Fn(Given) + Clone + 'static) {
        for name in ["dragover", "dragleave", "drop", "paste"] {
            let give = give.clone();
            let handle = window_event_listener_untyped(name, move |event| {
                if let Some(drag) = event.dyn_ref::<DragEvent>() {
                    dragged(drag, enough, &give);
                } else if let Some(text) = pasted(&event) {
                    give(Given::Pasted(text));
                }
            });
            on_cleanup(move || handle.remove());
        }
    }

    fn dragged(event: &DragEvent, enough: f64, give: &(impl Fn(Given) + Clone + 'static)) {
        let Some(load) = event.data_transfer().filter(has_files) else {
            return;
        };
        match event.type_().as_str() {
            "dragover" => {
                // Without this the browser would open the file in place of the page.
                event.prevent_default();
                give(Given::Over(true));
            }
            // Out of the window, and not from one element to the next.
            "dragleave" if event.related_target().is_none() => give(Given::Over(false)),
            "drop" => {
                event.prevent_default();
                give(Given::Over(false));
                let Some(files) = load.files() else { return };
                let files: Vec<File> = (0..files.length()).filter_map(|at| files.get(at)).collect();
                let give = give.clone();
                spawn_local(async move {
                    for file in files {
                        give(read(file, enough).await);
                    }
                });
            }
            _ => {}
        }
    }

    fn has_files(load: &DataTransfer) -> bool {
        load.types().includes(&"Files".into(), 0)
    }

    async fn read(file: File, enough: f64) -> Given {
        let name = file.name();
        if file.size() > enough {
            return Given::TooLarge(name);
        }
        let text = JsFuture::from(file.text()).await.ok();
        match text.and_then(|text| text.as_string()) {
            // Whatever is no UTF-8 has become this sign; and no text has a NUL.
            Some(text) if !text.contains(['\0', '\u{fffd}']) => {
                Given::Text(name, text.replace("\r\n", "\n"))
            }
            _ => Given::NoText(name),
        }
    }

    fn pasted(event: &Event) -> Option<String> {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        if target.id() != "composer-text" {
            return None;
        }
        let clipboard = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?;
        let text = clipboard.get_data("text/plain").ok()?;
        // As the textarea will hold it.
        Some(text.replace("\r\n", "\n"))
    }
}
