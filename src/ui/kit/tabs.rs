//! Pages that belong together, one beside the other: links that look like tabs.

use leptos::prelude::*;

/// Tabs that lead to other pages. Links and not `role="tab"`: each has an address, works without scripts, and
/// loads its page from the server (`kit::still`).
/// `current` is the address of the page that is shown.
pub fn tabs(label: &'static str, links: &[(&'static str, &'static str)], current: &str) -> AnyView {
    let link = |(address, text): &(&'static str, &'static str)| {
        let page = (*address == current).then_some("page");
        view! { <a class="tab" href=*address rel="external" aria-current=page>{*text}</a> }
    };
    view! { <nav class="tabs" aria-label=label>{links.iter().map(link).collect_view()}</nav> }
        .into_any()
}
