//! Which model a conversation asks, with which parameters; or which one shall answer again beside a reply.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{Choice, ConversationId, MessageId, Parameters};

use super::{
    control,
    lines::{Place, options_of},
};
use crate::{
    i18n::{Texts, models::Models},
    kit::{Look, Notice, Tone},
    rpc::{
        form::{Flash, received},
        models::{AnswerAgain, CHOOSE_FORM, ChooseModel, ParameterSheet, offer::Offer},
    },
};

/// For which conversation, and with what there is to choose from.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) offer: Offer,
    pub(super) parameters: Parameters,
    pub(super) id: ConversationId,
    /// The reply that another one shall stand beside.
    pub(super) again: Option<MessageId>,
    pub(super) personas: Vec<Choice>,
}

/// The form.
pub(super) fn view(texts: &'static Texts, words: &'static Models, asked: Asked) -> AnyView {
    match asked.again {
        Some(message) => again(words, message, asked),
        None => conversation(texts, words, asked),
    }
}

fn conversation(texts: &'static Texts, words: &'static Models, asked: Asked) -> AnyView {
    let flash = received(CHOOSE_FORM);
    let bad = |field: &str| Some(flash.as_ref()?.problem.fields.get(field)?.code);
    let place = Place {
        texts,
        words,
        bad: &bad,
    };
    let chosen = match &flash {
        Some(flash) => flash.typed("model").parse().unwrap_or(asked.offer.chosen),
        None => asked.offer.chosen,
    };
    let model = place.choice(
        "model_config_id",
        "model".to_owned(),
        words.choice.model,
        control::options(words, &asked.offer, chosen),
    );
    let mut offer = asked.offer.clone();
    if let Some(flash) = &flash {
        let typed = flash.typed("beside");
        offer.beside = typed.split(',').filter_map(|id| id.parse().ok()).collect();
    }
    let typed = flash.as_ref().map(|flash| flash.typed("sheet"));
    let typed = typed.and_then(|typed| serde_json::from_str::<ParameterSheet>(&typed).ok());
    let sheet = typed.unwrap_or_else(|| ParameterSheet::of(&asked.parameters));
    let config = asked.offer.items.iter().find(|one| one.id == chosen);
    let base = config.map(|config| ParameterSheet::of(&config.parameters));
    let base = base.unwrap_or_default();
    view! {
        {refused(texts, flash.as_ref())}
        <p class="profile-lead">{words.choice.lead}</p>
        <form class="profile-form model-form" method="post" action=ChooseModel::url()>
            <input type="hidden" name="conversation_id" value=asked.id.to_string()/>
            {model}
            {place.together("compare_with", &words.choice, control::beside(words, &offer, None))}
            <fieldset class="model-fields">
                <legend class="profile-heading">{words.parameters.title}</legend>
                {place.parameters("sheet", &sheet, Some(&base))}
            </fieldset>
            <p><button class=Look::Primary.class() type="submit">{words.choice.save}</button></p>
        </form>
    }
    .into_any()
}

/// What went wrong, where no field says it.
fn refused(texts: &'static Texts, flash: Option<&Flash>) -> Option<AnyView> {
    let problem = &flash?.problem;
    let text = texts.problem(problem.code);
    Some(view! { <Notice tone=Tone::Error>{text}</Notice> }.into_any())
}

fn again(words: &'static Models, message: MessageId, asked: Asked) -> AnyView {
    let models = control::options(words, &asked.offer, asked.offer.chosen);
    let same = (String::new(), words.choice.same_persona.to_owned(), true);
    let personas = asked.personas.into_iter();
    let personas = personas.map(|one| (one.slug, one.name, false));
    let personas = std::iter::once(same).chain(personas).collect();
    view! {
        <p class="profile-lead">{words.choice.again_lead}</p>
        <form class="profile-form model-form" method="post" action=AnswerAgain::url()>
            <input type="hidden" name="conversation_id" value=asked.id.to_string()/>
            <input type="hidden" name="message_id" value=message.to_string()/>
            <div class="field">
                <label class="field-label" for="again-model">{words.choice.model}</label>
                <select class="field-input" id="again-model" name="model">{options_of(models)}</select>
            </div>
            <div class="field">
                <label class="field-label" for="again-persona">{words.choice.persona}</label>
                <select class="field-input" id="again-persona" name="persona">{options_of(personas)}</select>
            </div>
            <p><button class=Look::Primary.class() type="submit">{words.choice.answer}</button></p>
        </form>
    }
    .into_any()
}
