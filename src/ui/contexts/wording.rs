//! How the model is told one message, beside how it was said.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{ConversationId, MessageId, ProblemCode, limits};

use super::sheet::refusal;
use crate::{
    chat::initial,
    forms_page::field::value,
    i18n::contexts::Contexts,
    kit::{Look, Notice, Tone},
    rpc::{
        contexts::{REWORD_FORM, RewordMessage, message},
        form::received,
        problem::RpcError,
        session,
    },
};

/// What the page shows.
#[derive(Clone)]
pub(super) struct Worded {
    conversation: ConversationId,
    message: MessageId,
    rev: u64,
    said: String,
    /// `None`: as it was said.
    wording: Option<String>,
}

/// Reads it.
pub(super) async fn read(conversation: ConversationId, id: MessageId) -> Result<Worded, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let said = message(conversation, id).await?;
    let (mut context, rev) = app.contexts.read(&viewer, conversation).await?;
    Ok(Worded {
        conversation,
        message: id,
        rev,
        said: said.content,
        wording: context.wordings.remove(&id),
    })
}

/// The form.
pub(super) fn view(words: &'static Contexts, worded: Worded) -> AnyView {
    let flash = received(REWORD_FORM);
    let refusal = flash.as_ref().map(|flash| match flash.problem.code {
        ProblemCode::Conflict => {
            view! { <Notice tone=Tone::Error>{words.stale}</Notice> }.into_any()
        }
        _ => refusal(words, &["content"]).view(flash),
    });
    let told = worded.wording.as_deref().unwrap_or(&worded.said);
    let content = value(flash.as_ref(), "content", Some(told));
    let as_said = worded.wording.is_some().then(|| {
        view! {
            <button class=Look::Plain.class() type="submit" name="as_said" value="on" formnovalidate>
                {words.as_said}
            </button>
        }
    });
    view! {
        <p class="profile-lead">{words.wording_lead}</p>
        <form class="context-form" method="post" action=RewordMessage::url()>
            {refusal}
            <input type="hidden" name="conversation" value=worded.conversation.to_string()/>
            <input type="hidden" name="message" value=worded.message.to_string()/>
            <input type="hidden" name="rev" value=worded.rev.to_string()/>
            <div class="field">
                <label class="field-label" for="context-wording">{words.told}</label>
                <textarea
                    class="field-input"
                    id="context-wording"
                    name="content"
                    rows="12"
                    maxlength=limits::CONTEXT_WORDINGS_BYTES
                    required
                    dir="auto"
                >
                    {initial(content)}
                </textarea>
            </div>
            <p class="profile-acts">
                <button class=Look::Primary.class() type="submit">{words.save}</button>
                {as_said}
            </p>
        </form>
        <section class="profile-part">
            <h2 class="profile-heading">{words.said}</h2>
            <p class="context-said" dir="auto">{worded.said}</p>
        </section>
    }
    .into_any()
}
