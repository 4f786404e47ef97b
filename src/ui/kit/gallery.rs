//! `/kit`: every part in every state, in both themes beside each other. Development builds only.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{still, toast::use_toasts};

#[cfg(feature = "ssr")]
mod parts;

/// The page.
#[component]
pub fn Gallery() -> impl IntoView {
    let toasts = use_toasts();
    let undone = RwSignal::new(0);
    let say = move |_| toasts.say("Copied to the clipboard.".to_owned());
    let offer = move |_| {
        let undo = Callback::new(move |()| undone.update(|count| *count += 1));
        toasts.offer(
            "“How long to steep white tea” deleted.".to_owned(),
            "Undo",
            undo,
            9_000,
        );
    };
    view! {
        <Title text="Kit"/>
        <main class="gallery" id="content">
            <h1 class="title">"Kit"</h1>
            <p class="hero-actions">
                <button class="button" type="button" on:click=say>"Say"</button>
                <button class="button" type="button" on:click=offer>"Offer"</button>
                <span>"Undone: " {move || undone.get()}</span>
            </p>
            {still(all)}
        </main>
    }
}

#[cfg(feature = "ssr")]
fn all() -> AnyView {
    view! {
        <div class="gallery-themes">
            {parts::parts("light")}
            {parts::parts("dark")}
        </div>
    }
    .into_any()
}

#[cfg(not(feature = "ssr"))]
fn all() -> AnyView {
    ().into_any()
}
