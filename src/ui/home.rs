//! The first page for visitors: what this is and how to start.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{i18n::t, kit::Look};

mod masthead;
mod sample;

pub use masthead::Masthead;
use sample::SampleConversation;

/// `/` for visitors.
#[component]
pub fn Landing() -> impl IntoView {
    let texts = t();
    let points = texts
        .home
        .points
        .map(|(heading, sentence)| {
            view! {
                <li class="point">
                    <h2 class="point-heading">{heading}</h2>
                    <p>{sentence}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Title text=""/>
        <div class="page">
            <Masthead/>
            <main class="landing" id="content">
                <section class="hero">
                    <h1 class="hero-title">{texts.home.title}</h1>
                    <p class="lead">{texts.home.lead}</p>
                    <p class="hero-actions">
                        <a class=Look::Primary.class() href="/register">{texts.home.start}</a>
                        <a class=Look::Quiet.class() href="/login">{texts.auth.sign_in}</a>
                    </p>
                </section>
                <SampleConversation/>
                <ul class="points" role="list">{points}</ul>
            </main>
            <footer class="colophon">{texts.home.colophon}</footer>
        </div>
    }
}
