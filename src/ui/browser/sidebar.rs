//! What the sidebar needs of the browser: cookies, where its menu opens, where the keyboard goes, and small requests.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
use leptos::web_sys;
use parlance_core::domain::ConversationId;

use crate::rpc::problem::RpcError;

/// How near the end of the list the next page is fetched, pixels.
#[cfg(feature = "hydrate")]
const AHEAD: i32 = 600;

/// Keeps `value` under `name` for a year; an empty one is forgotten.
pub fn keep(name: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    {
        let seconds = if value.is_empty() { "0" } else { "31536000" };
        let text = [
            name,
            "=",
            value,
            "; Path=/; SameSite=Lax; Max-Age=",
            seconds,
        ]
        .concat();
        // Fails where cookies are forbidden, and then nothing is kept.
        let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &text.into());
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}

/// Tells the server the browser's time zone by the cookie `tz`. Whether that was news.
#[must_use]
pub fn tell_zone() -> bool {
    #[cfg(feature = "hydrate")]
    let news = zone().is_some_and(|zone| {
        let kept = js_sys::Reflect::get(&document(), &"cookie".into());
        let kept = kept.ok().and_then(|kept| kept.as_string());
        let known = kept.is_some_and(|kept| {
            kept.split("; ")
                .any(|pair| pair.strip_prefix("tz=") == Some(&zone))
        });
        if !known {
            keep("tz", &zone);
        }
        !known
    });
    #[cfg(not(feature = "hydrate"))]
    let news = false;
    news
}

#[cfg(feature = "hydrate")]
fn zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()?
        .as_string()
}

/// The conversation whose row the event is about, with `within` a selector that the element must be inside of.
#[must_use]
pub fn row_of(event: &web_sys::Event, within: &str) -> Option<ConversationId> {
    #[cfg(feature = "hydrate")]
    let found = {
        use wasm_bindgen::JsCast;

        let inside = || {
            let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
            target.closest(within).ok()?
        };
        inside().and_then(|inside| {
            let row = inside.closest("[data-row]").ok()??;
            row.get_attribute("data-row")?.parse().ok()
        })
    };
    #[cfg(not(feature = "hydrate"))]
    let found = {
        let _ = (event, within);
        None
    };
    found
}

/// Opens the menu where the event was: beside the button, or under the pointer.
pub fn open_menu(menu: &web_sys::HtmlElement, event: &web_sys::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let button = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .filter(|_| event.type_() == "click");
        let (x, y) = match button {
            Some(button) => {
                let place = button.get_bounding_client_rect();
                (place.left() as i32, place.bottom() as i32)
            }
            None => (event.client_x(), event.client_y()),
        };
        // Setting a well-formed attribute cannot fail; what is open already stays open.
        let _ = menu.set_attribute("style", &format!("--x:{x}px;--y:{y}px"));
        let _ = menu.show_popover();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (menu, event);
}

/// Puts the keyboard onto the row of `id`, or where a new conversation begins. Not before the next frame: a menu that
/// closes gives the focus back first, and the row may not be there yet.
pub fn focus_row(id: Option<ConversationId>) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        let place = match id {
            Some(id) => format!("[data-row='{id}'] a"),
            None => ".sidebar-new".to_owned(),
        };
        focus(&place);
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

#[cfg(feature = "hydrate")]
fn focus(place: &str) {
    use wasm_bindgen::JsCast;

    let found = document().query_selector(place).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Fails only for an element that has just left the page.
        let _ = found.focus();
    }
}

/// Whether the list is scrolled so far that the next page is wanted.
#[must_use]
pub fn is_near_end(list: &web_sys::Element) -> bool {
    #[cfg(feature = "hydrate")]
    let near = list.scroll_top() + list.client_height() + AHEAD > list.scroll_height();
    #[cfg(not(feature = "hydrate"))]
    let near = {
        let _ = list;
        false
    };
    near
}

/// The drawer is about to open or to close. What lies behind it takes no part meanwhile, and the keyboard goes in; not
/// before it is open, or the browser would not know whom to give the keyboard back to. It lies on top of everything that
/// is not in it, so news come in too.
pub fn turn_drawer(drawer: &web_sys::HtmlElement) {
    #[cfg(feature = "hydrate")]
    {
        let closing = is_open(drawer);
        let news = document().query_selector(".toasts").ok().flatten();
        let place = if closing {
            document().body()
        } else {
            Some(drawer.clone())
        };
        if let Some((place, news)) = place.zip(news) {
            // Cannot fail: neither is inside of the other.
            let _ = place.append_child(&news);
        }
        if closing {
            shut_out(drawer, false);
            // The browser gives the keyboard back only from within; Tab may have led out, to no place at all.
            let active = document().active_element();
            if !active.is_some_and(|active| drawer.contains(Some(&active))) {
                focus(".sidebar:popover-open a");
            }
        } else {
            let drawer = drawer.clone();
            request_animation_frame(move || {
                shut_out(&drawer, is_open(&drawer));
                focus(".sidebar:popover-open a");
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = drawer;
}

#[cfg(feature = "hydrate")]
fn is_open(drawer: &web_sys::HtmlElement) -> bool {
    drawer.matches(":popover-open").unwrap_or_default()
}

/// Lets what lies behind the drawer take no part, or take part again.
#[cfg(feature = "hydrate")]
fn shut_out(drawer: &web_sys::HtmlElement, out: bool) {
    if let Some(page) = drawer.next_element_sibling() {
        // Cannot fail: the name is a good one.
        let _ = page.toggle_attribute_with_force("inert", out);
    }
}

/// Where the sidebar is a drawer, opens or closes that. Whether it is one.
#[must_use]
pub fn toggle_drawer(drawer: &web_sys::HtmlElement) -> bool {
    #[cfg(feature = "hydrate")]
    let is_drawer = window()
        .match_media("(width < 48rem)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    let is_drawer = false;
    #[cfg(feature = "hydrate")]
    if is_drawer {
        // Fails where there is no popover, and then nothing is open.
        let _ = drawer.toggle_popover();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = drawer;
    is_drawer
}

/// Closes the drawer, if it is open.
pub fn close_drawer(drawer: &web_sys::HtmlElement) {
    #[cfg(feature = "hydrate")]
    // Fails for what is closed.
    let _ = drawer.hide_popover();
    #[cfg(not(feature = "hydrate"))]
    let _ = drawer;
}

/// Posts the fields as a form at `action` would; the answer is the path that a form would lead to.
///
/// # Errors
/// What the server function refused, or that no answer came.
pub async fn tell(action: &str, fields: &[(&str, &str)]) -> Result<String, RpcError> {
    #[cfg(feature = "hydrate")]
    {
        let asked = async || {
            let body = web_sys::UrlSearchParams::new().ok()?;
            for (name, value) in fields {
                body.append(name, value);
            }
            super::form::answer(action, body).await
        };
        super::form::told(asked().await)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (action, fields);
        Err(RpcError::unreachable())
    }
}
