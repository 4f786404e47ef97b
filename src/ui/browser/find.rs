//! What looking for words needs of the browser: its keys, and colour behind the words.

use leptos::ev::KeyboardEvent;

use super::keyboard::is_mac;

/// Whether the key opens a search: with Command on a Mac, with Ctrl elsewhere.
#[must_use]
pub fn is_asked_for(event: &KeyboardEvent) -> bool {
    let held = if is_mac() {
        event.meta_key() && !event.ctrl_key()
    } else {
        event.ctrl_key() && !event.meta_key()
    };
    held && !event.alt_key() && !event.shift_key() && matches!(event.key().as_str(), "f" | "F")
}

/// Marks the element with this id as the one that was found, and colours `text` in it wherever it stands within one run
/// of letters. Takes back what was marked before; an empty id marks nothing.
pub fn highlight(id: &str, text: &str) {
    #[cfg(feature = "hydrate")]
    marks::mark(id, text);
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, text);
}

#[cfg(feature = "hydrate")]
mod marks {
    //! The CSS Custom Highlight API (CSS Custom Highlight API Module Level 1), which changes no element.

    use js_sys::{Array, Function, JsString, Reflect};
    use leptos::prelude::{document, window};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Element, Node, Range};

    /// Name of the highlight in the style sheet.
    const NAME: &str = "found";
    /// The attribute of a marked turn.
    const MARK: &str = "data-marked";
    /// Places that are coloured in one message at the most.
    const MOST: usize = 200;
    /// `NodeFilter.SHOW_TEXT`.
    const SHOW_TEXT: u32 = 4;

    pub(super) fn mark(id: &str, text: &str) {
        // None of this can fail for elements that are in the page, and without colour the mark remains.
        if let Ok(Some(old)) = document().query_selector(&format!("[{MARK}]")) {
            let _ = old.remove_attribute(MARK);
        }
        let element = document().get_element_by_id(id);
        if let Some(element) = &element {
            let _ = element.set_attribute(MARK, "");
        }
        let _ = colour(element.as_ref(), text);
    }

    fn colour(element: Option<&Element>, text: &str) -> Result<(), JsValue> {
        let get = |from: &JsValue, name: &str| Reflect::get(from, &name.into());
        let registry = get(&get(&window(), "CSS")?, "highlights")?;
        let call = |name: &str| get(&registry, name)?.dyn_into::<Function>();
        call("delete")?.call1(&registry, &NAME.into())?;
        let Some(element) = element else {
            return Ok(());
        };
        let make = get(&window(), "Highlight")?.dyn_into::<Function>()?;
        let highlight = Reflect::construct(&make, &places(element, text)?)?;
        call("set")?.call2(&registry, &NAME.into(), &highlight)?;
        Ok(())
    }

    fn places(element: &Element, text: &str) -> Result<Array, JsValue> {
        let ranges = Array::new();
        let needle = JsString::from(text).to_lower_case();
        let walker = document().create_tree_walker_with_what_to_show(element, SHOW_TEXT)?;
        while let Some(node) = walker.next_node()? {
            for at in occurrences(&node, &needle) {
                let range = Range::new()?;
                range.set_start(&node, at)?;
                range.set_end(&node, at + needle.length())?;
                ranges.push(&range);
                if ranges.length() as usize >= MOST {
                    return Ok(ranges);
                }
            }
        }
        Ok(ranges)
    }

    /// Places in UTF-16 units, as ranges count.
    fn occurrences(node: &Node, needle: &JsString) -> Vec<u32> {
        let text = JsString::from(node.text_content().unwrap_or_default()).to_lower_case();
        let mut places = Vec::new();
        let mut from = 0;
        while needle.length() > 0 {
            let at = text.index_of(&String::from(needle), from);
            let Ok(place) = u32::try_from(at) else { break };
            places.push(place);
            from = at + i32::try_from(needle.length()).unwrap_or(i32::MAX);
        }
        places
    }
}
