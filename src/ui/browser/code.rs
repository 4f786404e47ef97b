//! Colours for code that is on the page without: the server finds them, and what it says takes the place of the same
//! text. Nothing moves, and where no answer comes the code stays as it is.

use std::cell::RefCell;

use leptos::{task::spawn_local, web_sys::Element};

use crate::rpc::highlight::highlight;

/// Code that has no colours yet.
const PLAIN: &str = ".code[data-lang]:not([data-hl])";
/// Most blocks and characters in one request; the server takes a little more.
const MOST: usize = 32;
const MOST_TEXT: usize = 64 * 1024;

/// A block of code that waits for its colours.
struct Wanted {
    code: Element,
    language: String,
    text: String,
}

thread_local! {
    /// What waits; `None` while nobody asks.
    static WAITING: RefCell<Option<Vec<Wanted>>> = const { RefCell::new(None) };
}

/// Looks for colours for the code in `home`, once for each block.
pub fn colour(home: &Element) {
    let mut fresh = Vec::new();
    while let Ok(Some(block)) = home.query_selector(PLAIN) {
        // Whatever comes of it, it is not asked for again.
        if block.set_attribute("data-hl", "").is_err() {
            return;
        }
        let code = block.query_selector("pre > code").ok().flatten();
        let text = code.as_ref().and_then(|code| code.text_content());
        if let (Some(code), Some(language), Some(text)) =
            (code, block.get_attribute("data-lang"), text)
            && text.len() <= MOST_TEXT
        {
            fresh.push(Wanted {
                code,
                language,
                text,
            });
        }
    }
    if fresh.is_empty() {
        return;
    }
    let asking = WAITING.with_borrow_mut(|waiting| {
        let asking = waiting.is_some();
        waiting.get_or_insert_default().append(&mut fresh);
        asking
    });
    if !asking {
        spawn_local(async {
            while let Some(batch) = next() {
                ask(batch).await;
            }
        });
    }
}

/// What the next request asks for; ends the asking when nothing waits.
fn next() -> Option<Vec<Wanted>> {
    WAITING.with_borrow_mut(|waiting| {
        let all = waiting.as_mut().filter(|all| !all.is_empty());
        let Some(all) = all else {
            *waiting = None;
            return None;
        };
        let mut text = 0;
        let count = all
            .iter()
            .take(MOST)
            .take_while(|wanted| {
                let first = text == 0;
                text += wanted.text.len();
                first || text <= MOST_TEXT
            })
            .count();
        Some(all.drain(..count.max(1)).collect())
    })
}

async fn ask(batch: Vec<Wanted>) {
    let languages = batch.iter().map(|wanted| wanted.language.clone()).collect();
    let texts = batch.iter().map(|wanted| wanted.text.clone()).collect();
    let Ok(found) = highlight(languages, texts).await else {
        return;
    };
    for (wanted, html) in batch.into_iter().zip(found) {
        let same = wanted.code.text_content().as_deref() == Some(wanted.text.as_str());
        if let Some(html) = html.filter(|_| same) {
            wanted.code.set_inner_html(&html);
        }
    }
}
