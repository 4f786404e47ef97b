//! What the tabs of one browser share: a channel on which each hears all others.

use leptos::prelude::window;
use parlance_core::domain::UserId;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

use super::leader::Lock;
use crate::state::relay::{Note, Tab};

/// Version of what tabs say to each other, part of the name that they meet under.
const VERSION: u32 = 1;

/// The way to the other tabs of this browser that are signed in as the same person.
pub(super) struct Relay {
    pub(super) me: Tab,
    pub(super) lock: Lock,
    channel: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Relay {
    /// `None` where sharing is impossible (locks need a secure context) or pointless: HTTP/2 and later carry all streams
    /// over one connection.
    pub(super) fn open(user: UserId, hear: impl Fn(String) + 'static) -> Option<Self> {
        if !is_http_1() || !has(&window(), "BroadcastChannel") {
            return None;
        }
        let name = format!("parlance-{VERSION}-{user}");
        let lock = Lock::new(name.clone())?;
        let channel = BroadcastChannel::new(&name).ok()?;
        let heard = Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(text);
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        Some(Self {
            me: (js_sys::Math::random() * f64::from(u32::MAX)) as Tab,
            lock,
            channel,
            _heard: heard,
        })
    }

    /// Says something to all other tabs.
    pub(super) fn say(&self, note: &Note) {
        // Fails only on a closed channel, and then nobody is to hear.
        let _ = self
            .channel
            .post_message(&JsValue::from_str(&note.to_text()));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// Whether this page came over HTTP/1.1, where six streams leave no connection for anything else.
fn is_http_1() -> bool {
    let protocol = window().performance().and_then(|performance| {
        let navigation = performance.get_entries_by_type("navigation").get(0);
        js_sys::Reflect::get(&navigation, &"nextHopProtocol".into()).ok()
    });
    // Nothing is said of a page that a service worker brought: then tabs share, which is never wrong.
    protocol
        .and_then(|protocol| protocol.as_string())
        .is_some_and(|protocol| protocol != "h2" && protocol != "h3")
}

/// Whether `object` has something under this name.
pub(super) fn has(object: &JsValue, name: &str) -> bool {
    js_sys::Reflect::get(object, &name.into()).is_ok_and(|value| !value.is_undefined())
}
