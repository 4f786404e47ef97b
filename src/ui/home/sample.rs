//! A conversation as it looks in the product, set in type: no picture, so it follows theme, language and text size.

use leptos::prelude::*;

use crate::i18n::t;

/// The example on the first page.
#[component]
pub fn SampleConversation() -> impl IntoView {
    let sample = &t().home.sample;
    let head = sample
        .columns
        .map(|name| view! { <th scope="col">{name}</th> })
        .collect_view();
    let rows = sample
        .rows
        .map(|row| view! { <tr>{row.map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> })
        .collect_view();
    view! {
        <figure class="sample" aria-label=sample.label>
            <p class="sample-question">{sample.question}</p>
            <div class="sample-answer prose">
                <p>{sample.answer}</p>
                <table>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <p>{sample.tail} <span class="caret" aria-hidden="true"></span></p>
            </div>
        </figure>
    }
}
