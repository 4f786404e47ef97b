//! Into the clipboard, as plain text and as formatted text at once.
//!
//! The clipboard's own interface exists in secure contexts only. Elsewhere, and where it refuses, the old command does
//! it: plain http on a local network is how many people run this.

/// Copies `text`, and `html` beside it where there is one. Call it in the handler of a press: browsers allow it then.
/// Whether it worked.
pub async fn copy(text: &str, html: Option<&str>) -> bool {
    #[cfg(feature = "hydrate")]
    let done = live::write(text, html).await || live::command(text, html);
    #[cfg(not(feature = "hydrate"))]
    let done = {
        let _ = (text, html);
        false
    };
    done
}

#[cfg(feature = "hydrate")]
mod live {
    use std::{cell::Cell, rc::Rc};

    use js_sys::{Array, Object, Promise, Reflect};
    use leptos::{
        ev,
        prelude::{document, window_event_listener},
    };
    use wasm_bindgen::{JsCast, prelude::*};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::HtmlElement;

    #[wasm_bindgen]
    extern "C" {
        type ClipboardItem;

        #[wasm_bindgen(constructor, catch)]
        fn new(flavours: &Object) -> Result<ClipboardItem, JsValue>;

        #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = write)]
        fn write_items(items: &Array) -> Result<Promise, JsValue>;

        #[wasm_bindgen(catch, js_namespace = document, js_name = execCommand)]
        fn exec_command(name: &str) -> Result<bool, JsValue>;
    }

    pub(super) async fn write(text: &str, html: Option<&str>) -> bool {
        match offer(text, html) {
            Ok(promise) => JsFuture::from(promise).await.is_ok(),
            Err(_) => false,
        }
    }

    fn offer(text: &str, html: Option<&str>) -> Result<Promise, JsValue> {
        let flavours = Object::new();
        Reflect::set(&flavours, &"text/plain".into(), &text.into())?;
        if let Some(html) = html {
            Reflect::set(&flavours, &"text/html".into(), &html.into())?;
        }
        write_items(&Array::of1(&ClipboardItem::new(&flavours)?.into()))
    }

    /// The command copies what is selected, so something is; what goes into the clipboard is settled in the event that
    /// the command brings about.
    pub(super) fn command(text: &str, html: Option<&str>) -> bool {
        let put = Rc::new(Cell::new(false));
        let listener = {
            let (text, html, put) = (text.to_owned(), html.map(str::to_owned), put.clone());
            window_event_listener(ev::copy, move |event| {
                let Some(data) = event.clipboard_data() else {
                    return;
                };
                event.prevent_default();
                let plain = data.set_data("text/plain", &text);
                // Without the second flavour there is still the first.
                let _ = html.as_ref().map(|html| data.set_data("text/html", html));
                put.set(plain.is_ok());
            })
        };
        // Only for an element that cannot be made or put in, and then nothing was copied.
        let done = selected().is_some_and(|held| {
            let done = exec_command("copy").unwrap_or_default();
            held.release();
            done
        });
        listener.remove();
        done && put.get()
    }

    /// A hidden field whose text is selected, and who had the keyboard before.
    struct Held {
        field: HtmlElement,
        before: Option<HtmlElement>,
    }

    fn selected() -> Option<Held> {
        let document = document();
        let before = document
            .active_element()
            .and_then(|element| element.dyn_into().ok());
        let field = document.create_element("textarea").ok()?;
        field.set_class_name("visually-hidden");
        field.set_attribute("readonly", "").ok()?;
        let field: web_sys::HtmlTextAreaElement = field.unchecked_into();
        // Nothing selected, nothing copied; what it is does not matter.
        field.set_value("-");
        document.body()?.append_child(&field).ok()?;
        field.select();
        Some(Held {
            field: field.unchecked_into(),
            before,
        })
    }

    impl Held {
        fn release(self) {
            self.field.remove();
            if let Some(before) = self.before {
                // Fails only for an element that is not in the page.
                let _ = before.focus();
            }
        }
    }
}
