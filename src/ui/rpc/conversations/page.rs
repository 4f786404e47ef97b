//! From the domain's open conversation to what a page shows: Markdown becomes HTML here, once, on the server.

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use parlance_core::{
    domain::{ActiveGeneration, Branch, Message, MessageId, OpenConversation, Part, Persona, Role},
    render::markdown,
};

use crate::{
    rpc::problem::RpcError,
    state::page::{ComposerSeed, OpenPage, OpenReply, PersonaCard, Turn},
};

/// Answers with the status that belongs to `error`, whether a page or a script asked.
pub(super) fn set_status(error: &RpcError) {
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
pub(super) fn of(
    open: OpenConversation,
    past: Option<MessageId>,
    draft: Option<String>,
) -> OpenPage {
    OpenPage {
        conversation: open.conversation,
        turns: turns(open.messages, open.branches),
        earlier: open.earlier,
        past,
        active: open.active.map(reply),
        failure: open.failure,
        cursor: open.cursor,
        composer: composer(draft),
    }
}

/// What the composer begins with.
pub(super) fn composer(draft: Option<String>) -> ComposerSeed {
    ComposerSeed {
        client_message_id: uuid::Uuid::new_v4().to_string(),
        draft: draft.filter(|text| !text.trim().is_empty()),
    }
}

/// What is shown of a persona: how it is prompted stays on the server.
pub(super) fn card(persona: Persona) -> PersonaCard {
    PersonaCard {
        slug: persona.slug,
        name: persona.name,
        description: persona.description,
    }
}

fn turns(messages: Vec<Message>, branches: Vec<Branch>) -> Vec<Turn> {
    let mut turns: Vec<_> = messages.into_iter().map(turn).collect();
    Turn::branch(&mut turns, branches);
    turns
}

fn turn(message: Message) -> Turn {
    let html = (message.role == Role::Assistant).then(|| markdown::to_html(&message.content));
    Turn {
        html,
        ..Turn::from(message)
    }
}

fn reply(active: ActiveGeneration) -> OpenReply {
    let text = active
        .parts
        .iter()
        .find(|part| part.kind == Part::Text)
        .map(|part| part.text.as_str());
    OpenReply {
        html: text
            .filter(|text| !text.is_empty())
            .map(markdown::tail_to_html),
        generation_id: active.generation_id,
        message_id: active.message_id,
        user_message_id: active.user_message_id,
        status: active.status,
        kind: active.kind,
        parts: active.parts,
    }
}
