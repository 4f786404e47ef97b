//! From the domain's open conversation to what a page shows: Markdown becomes HTML here, once, on the server.

use std::collections::BTreeMap;

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use parlance_core::domain::{
    ActiveGeneration, Branch, Choice, Message, MessageId, ModelConfig, OpenConversation, Part,
    PersonaId, Role, Timestamp,
};
use parlance_server::{
    App,
    service::{
        Viewer,
        highlight::{Highlights, Source},
    },
};

use crate::{
    i18n::{Locale, moment::Zone, provide_locale},
    rpc::problem::RpcError,
    state::{
        page::{ComposerSeed, Facts, OpenPage, OpenReply, PersonaCard, Topic, Turn},
        window::Stretch,
    },
};

mod compare;

/// Through whose eyes turns are seen: when, where on earth, in which language, and who is known by what name.
pub(in crate::rpc) struct Eyes {
    zone: Zone,
    locale: Locale,
    now: Timestamp,
    names: BTreeMap<PersonaId, String>,
    highlights: Highlights,
}

impl Eyes {
    /// Those of whoever sent this request.
    ///
    /// # Errors
    /// Storage only.
    pub(in crate::rpc) async fn of_request(app: &App, viewer: &Viewer) -> Result<Self, RpcError> {
        let locale = provide_locale();
        let names = app.personas.names(viewer).await?.into_iter();
        Ok(Self {
            zone: Zone::of_request(),
            locale,
            now: app.now(),
            names: names
                .map(|(id, name)| (id, locale.persona_name(id, name)))
                .collect(),
            highlights: app.highlights.clone(),
        })
    }

    /// These texts as HTML, in their order.
    async fn render(&self, sources: Vec<Source>) -> Result<std::vec::IntoIter<String>, RpcError> {
        let words = self.locale.texts().code;
        Ok(self.highlights.render(sources, words).await?.into_iter())
    }

    /// The name of a persona.
    fn name(&self, id: Option<PersonaId>) -> Option<String> {
        self.names.get(&id?).cloned()
    }
}

/// Answers with the status that belongs to `error`, whether a page or a script asked.
pub(in crate::rpc) fn set_status(error: &RpcError) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(error.0.status),
    ) {
        response.set_status(status);
    }
}

/// Answers with the status that belongs to `error` when a script asked.
pub(super) fn set_status_of_call(error: &RpcError) {
    if use_context::<Parts>().is_some_and(|parts| parts.uri.path().starts_with("/rpc/")) {
        set_status(error);
    }
}

/// The page of `open`.
///
/// # Errors
/// `internal` when the renderer dies.
pub(super) async fn of(
    open: OpenConversation,
    (past, window): (Option<MessageId>, Option<Stretch>),
    draft: Option<String>,
    eyes: &Eyes,
    models: Option<Vec<ModelConfig>>,
) -> Result<OpenPage, RpcError> {
    let stored = open
        .messages
        .last()
        .filter(|last| last.role == Role::Assistant);
    let own = match stored {
        Some(reply) => reply.model_config_id,
        None => open.conversation.model_config_id,
    };
    let (turns, active) = shown(open.messages, open.branches, open.active, eyes).await?;
    let topic = Topic {
        id: open.conversation.id,
        title: open.conversation.title,
    };
    let compared = open.compared.filter(|_| past.is_none());
    let asked = turns
        .iter()
        .find(|turn| turn.id.is_some() && turn.id == compared);
    let compared = match asked {
        Some(asked) => {
            let names = compare::names(own, models);
            compare::told(open.beside, (asked, &topic, &open.cursor), names, eyes).await?
        }
        None => String::new(),
    };
    Ok(OpenPage {
        compared,
        persona: eyes.name(open.conversation.persona_id),
        made_at: eyes.now.millis(),
        conversation: topic,
        turns,
        earlier: open.earlier,
        past,
        window,
        finds: None,
        active,
        failure: open.failure,
        cursor: open.cursor,
        composer: composer(draft),
    })
}

/// What the composer begins with.
pub(super) fn composer(draft: Option<String>) -> ComposerSeed {
    ComposerSeed {
        client_message_id: uuid::Uuid::new_v4().to_string(),
        draft: draft.filter(|text| !text.trim().is_empty()),
    }
}

/// What is shown of a persona: how it is prompted stays on the server.
pub(super) fn card(locale: Locale, choice: Choice, chosen: Option<PersonaId>) -> PersonaCard {
    PersonaCard {
        chosen: chosen == Some(choice.id),
        slug: choice.slug,
        name: locale.persona_name(choice.id, choice.name),
        description: locale.persona_description(choice.id, choice.description),
    }
}

/// The turns of a stretch of the path.
///
/// # Errors
/// As [`of`].
pub(in crate::rpc) async fn turns(
    messages: Vec<Message>,
    branches: Vec<Branch>,
    eyes: &Eyes,
) -> Result<Vec<Turn>, RpcError> {
    Ok(shown(messages, branches, None, eyes).await?.0)
}

/// All replies rendered in one go: those that are stored, and what there is of the one that is being written.
async fn shown(
    messages: Vec<Message>,
    branches: Vec<Branch>,
    active: Option<ActiveGeneration>,
    eyes: &Eyes,
) -> Result<(Vec<Turn>, Option<OpenReply>), RpcError> {
    let stored = messages
        .iter()
        .filter(|message| is_rendered(message.role))
        .map(|message| Source {
            markdown: message.content.clone(),
            open: false,
        });
    let begun = active.as_ref().map(text).filter(|text| !text.is_empty());
    let begun = begun.map(|text| Source {
        markdown: text.to_owned(),
        open: true,
    });
    let mut pages = eyes.render(stored.chain(begun).collect()).await?;
    let mut turns: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let html = is_rendered(message.role).then(|| pages.next()).flatten();
            turn(message, html, eyes)
        })
        .collect();
    Turn::branch(&mut turns, branches);
    // What is left is the open one.
    Ok((turns, active.map(|active| reply(active, pages.next()))))
}

/// Whether what is said so is Markdown. A person's own words are shown as they were typed.
fn is_rendered(role: Role) -> bool {
    role == Role::Assistant
}

fn turn(message: Message, html: Option<String>, eyes: &Eyes) -> Turn {
    let (at, persona) = (message.created_at, message.persona_id);
    let turn = Turn::from(message);
    Turn {
        html,
        facts: Facts {
            clock: eyes.zone.short(at, eyes.now, eyes.locale),
            date: eyes.zone.full(at, eyes.locale),
            name: eyes.name(persona),
            ..turn.facts
        },
        ..turn
    }
}

fn text(active: &ActiveGeneration) -> &str {
    let mut parts = active.parts.iter();
    parts
        .find(|part| part.kind == Part::Text)
        .map_or("", |part| part.text.as_str())
}

fn reply(active: ActiveGeneration, html: Option<String>) -> OpenReply {
    OpenReply {
        html,
        generation_id: active.generation_id,
        message_id: active.message_id,
        user_message_id: active.user_message_id,
        status: active.status,
        kind: active.kind,
        parts: active.parts,
    }
}
