//! Parts of a page that only the server makes.
//!
//! Forms and words that never change while they are shown need no second rendering in the browser. The server puts them
//! into the page as they are; the WASM holds neither their markup nor their texts. They cannot have handlers; the page
//! around them may listen for what bubbles up.

use leptos::{html, prelude::*};
use leptos_meta::Title;

/// What `make` renders, as it is in the server's HTML. A browser that comes to the page by navigation, and so has no
/// such HTML, loads the page from the server.
pub fn still(make: impl FnOnce() -> AnyView) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    #[cfg(feature = "ssr")]
    let html = make().to_html();
    #[cfg(not(feature = "ssr"))]
    let html = {
        drop(make);
        load_if_empty(place);
        String::new()
    };
    view! { <div class="still" node_ref=place inner_html=html></div> }.into_any()
}

/// What the server does before such a part is made.
pub type Reading = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The same for a part that the server has to read for first. One function for all of them: each closure in place of a
/// box would be a copy of the waiting in the WASM, which has nothing to wait for.
pub fn still_after(
    read: Box<dyn Fn() -> Reading + Send + Sync>,
    make: Box<dyn Fn() -> AnyView + Send + Sync>,
) -> AnyView {
    let read = Resource::new_blocking(|| (), move |()| read());
    let make = StoredValue::new(make);
    let shown = move || {
        Suspend::new(async move {
            read.await;
            still(move || make.with_value(|make| make()))
        })
    };
    view! { <Suspense>{shown}</Suspense> }.into_any()
}

/// A whole page that the server alone makes: its title, and what `view` makes of what `read` found. What was read stays
/// on the server.
#[cfg(feature = "ssr")]
pub fn still_page<T, F>(
    title: &'static str,
    read: impl Fn() -> F + Send + Sync + 'static,
    view: impl Fn(Option<T>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let found = StoredValue::new(None);
    let read = move || -> Reading {
        let reading = read();
        Box::pin(async move { found.set_value(Some(reading.await)) })
    };
    framed(
        still_title(move || title),
        Box::new(read),
        Box::new(move || view(found.get_value())),
    )
}

/// The place of such a page.
#[cfg(not(feature = "ssr"))]
pub fn still_page() -> AnyView {
    framed(
        still_title(|| ""),
        Box::new(|| Box::pin(async {})),
        Box::new(|| ().into_any()),
    )
}

fn framed(
    title: String,
    read: Box<dyn Fn() -> Reading + Send + Sync>,
    make: Box<dyn Fn() -> AnyView + Send + Sync>,
) -> AnyView {
    view! {
        <Title text=title/>
        {still_after(read, make)}
    }
    .into_any()
}

/// The title of a page that the server alone makes, which is its heading: the browser reads it there, and so does not
/// hold the text of every such page.
pub fn still_title(make: impl FnOnce() -> &'static str) -> String {
    #[cfg(feature = "ssr")]
    let title = make().to_owned();
    #[cfg(not(feature = "ssr"))]
    let title = {
        drop(make);
        let heading = document().query_selector("h1").ok().flatten();
        heading
            .and_then(|heading| heading.text_content())
            .unwrap_or_default()
    };
    title
}

/// What the server found to say when it wrote the page, and nothing where it found nothing. A browser that builds this
/// place anew leaves it empty: what stands here is worth a look and no page load.
pub fn aside(class: &'static str, make: impl FnOnce() -> Option<AnyView>) -> AnyView {
    #[cfg(feature = "ssr")]
    let html = make().map(RenderHtml::to_html).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let html = {
        drop(make);
        String::new()
    };
    view! { <div class=class inner_html=html></div> }.into_any()
}

/// What only those read whose browser runs no scripts; for all others these are no elements.
pub fn unscripted(make: impl FnOnce() -> AnyView) -> AnyView {
    #[cfg(feature = "ssr")]
    let html = make().to_html();
    #[cfg(not(feature = "ssr"))]
    let html = {
        drop(make);
        String::new()
    };
    view! { <noscript inner_html=html></noscript> }.into_any()
}

#[cfg(not(feature = "ssr"))]
fn load_if_empty(place: NodeRef<html::Div>) {
    Effect::new(move || {
        if place
            .get()
            .is_some_and(|place| place.child_element_count() == 0)
        {
            load_here();
        }
    });
}

/// Loads this page from the server, at the address that the router is about to write down.
#[cfg(not(feature = "ssr"))]
pub fn load_here() {
    let location = leptos_router::hooks::use_location();
    let mut address = location.pathname.get_untracked();
    let search = location.search.get_untracked();
    if !search.is_empty() {
        address.push('?');
        address.push_str(&search);
    }
    // The router writes the address down after it has shown the page.
    request_animation_frame(move || {
        // Fails only for an address that cannot be read, and this one is our own.
        let _ = window().location().replace(&address);
    });
}
