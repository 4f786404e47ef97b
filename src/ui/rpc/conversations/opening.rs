//! How a conversation may begin: a greeting, and questions to ask.

use leptos::prelude::*;
use leptos_router::location::Url;
use parlance_core::domain::{ConversationId, Persona, Timestamp};

use crate::i18n::{moment::Zone, provide_locale};

/// How a conversation of this id is opened at this moment: the greeting, and the questions as links that fill the
/// composer without scripts. What `persona` has of either goes before what anybody is told.
pub(super) fn of(
    now: Timestamp,
    id: ConversationId,
    persona: Option<&Persona>,
) -> (String, String) {
    let texts = provide_locale().texts();
    let zone = Some(Zone::of_request()).filter(Zone::is_told);
    let hour = zone.and_then(|zone| u8::try_from(zone.local(now).hour()).ok());
    // The last byte of a new id is random.
    let [.., seed] = *id.0.as_bytes();
    let preset = persona.map(|persona| &persona.character.app_preset);
    let greetings = preset.map_or(&[][..], |preset| &preset.greetings);
    let questions = preset.map_or(&[][..], |preset| &preset.suggested_questions);
    let own = greetings.get(usize::from(seed) % greetings.len().max(1));
    let greeting = own
        .map(String::as_str)
        .or_else(|| texts.start.greeting(hour));
    let slug = Url::escape(persona.map_or("", |persona| &persona.slug));
    let ideas = match questions {
        [] => texts
            .start
            .suggested(seed)
            .map(|question| idea(&slug, question))
            .collect(),
        own => own.iter().map(|question| idea(&slug, question)).collect(),
    };
    (greeting.unwrap_or(texts.chat.greeting).to_owned(), ideas)
}

fn idea(slug: &str, question: &str) -> String {
    let href = format!("/chat?persona={slug}&q={}", Url::escape(question));
    let words = question.to_owned();
    view! { <li><a class="suggestion" href=href>{words}</a></li> }.to_html()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_text_and_nothing_else() {
        let link = idea("a%2Fb", "<img src=x onerror=\"go()\"> & 'why'?");
        assert!(!link.contains("<img"), "{link}");
        assert!(
            link.contains("href=\"/chat?persona=a%2Fb&amp;q=%3Cimg"),
            "{link}"
        );
        assert!(link.contains("&lt;img src=x"), "{link}");
    }
}
