//! One `EventSource`, closed for good at its first error: it would come back by itself with one position for all that
//! it carries.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// What came out of a stream.
pub(super) enum Heard {
    Line {
        data: String,
        id: String,
    },
    /// It ended, and nobody says why.
    Broken,
}

/// An open stream; dropping it closes it.
pub(super) struct Source {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Source {
    /// Opens `address` and hands over what comes.
    pub(super) fn open(
        address: &str,
        hear: impl Fn(Heard) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let source = EventSource::new(address)?;
        let broken = hear.clone();
        let message = Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
            hear(Heard::Line {
                data: event.data().as_string().unwrap_or_default(),
                id: event.last_event_id(),
            });
        });
        let error = Closure::<dyn FnMut(_)>::new(move |_: Event| broken(Heard::Broken));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self {
            source,
            _message: message,
            _error: error,
        })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
