//! Taking a message, or a piece of code in it, into the clipboard. One listener for the whole thread: the buttons are
//! plain HTML, those in code blocks even come out of the renderer.

use std::time::Duration;

use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys::Element};

use super::acts::Acts;
use crate::browser::clipboard;

/// How long a button says that it has copied.
const SAID: Duration = Duration::from_secs(2);
/// The text of a reply as it looks.
const SHOWN: &str = ":scope > .prose:not(.plain), :scope > .lane-text > .prose:not(.plain)";
/// What a code block shows around its code, whatever can be pressed, and what is not seen: no part of the text.
const CHROME: &str = ".code-head, .code-all, button, svg, [hidden]";

/// Something was pressed in the page: copies if it was a button for that.
pub(super) fn press(acts: Acts, told: RwSignal<String>, event: &ev::MouseEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let Some(button) = target.and_then(|target| nearest(&target, "[data-act^=copy]")) else {
        return;
    };
    let Some((text, html)) = wanted(acts, &button) else {
        return;
    };
    let texts = &acts.texts.turns;
    spawn_local(async move {
        if !clipboard::copy(&text, html.as_deref()).await {
            acts.problem.try_set(Some(texts.copy_failed.to_owned()));
            return;
        }
        // A well-formed attribute can be set.
        let _ = button.set_attribute("data-copied", texts.copied);
        told.try_set(texts.copied.to_owned());
        set_timeout(
            move || {
                let _ = button.remove_attribute("data-copied");
                told.try_set(String::new());
            },
            SAID,
        );
    });
}

/// What the button stands for: the text as it was written, and how it looks where it looks any different.
fn wanted(acts: Acts, button: &Element) -> Option<(String, Option<String>)> {
    if button.get_attribute("data-act").as_deref() == Some("copy-code") {
        let code = nearest(button, ".code")?
            .query_selector("pre code")
            .ok()??;
        return code.text_content().map(|text| (text, None));
    }
    let article = nearest(button, "article")?;
    let label = article.get_attribute("aria-labelledby")?;
    let key = label.strip_prefix("turn-")?;
    let text = acts.thread.turn(key)?.content;
    let shown = article.query_selector(SHOWN).ok().flatten();
    Some((text, shown.and_then(|prose| looks(&prose))))
}

/// The HTML of a reply without what can only be pressed.
fn looks(prose: &Element) -> Option<String> {
    let copy: Element = prose.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    while let Some(chrome) = copy.query_selector(CHROME).ok()? {
        chrome.remove();
    }
    Some(copy.inner_html())
}

fn nearest(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok().flatten()
}
