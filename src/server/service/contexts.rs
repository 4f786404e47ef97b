//! Contexts: texts that a person keeps under names, and what each of their conversations tells its model.

mod fields;

use std::sync::Arc;

use parlance_core::domain::{
    ContextDraft, ContextId, ConversationContext, ConversationId, FieldCode, Message, MessageId,
    NamedContext, Outlook, ProblemCode, limits,
};

use super::{Error, Owned, Viewer};
use crate::{
    engine::{Engine, Next},
    port::{
        clock::Clock,
        store::{Retold, Store},
    },
};

/// A conversation's context, and what comes of it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub context: ConversationContext,
    /// Grows with each change: goes along with a change that is meant for what was read.
    pub rev: u64,
    pub outlook: Outlook,
}

/// The verbs of contexts.
#[derive(Clone)]
pub struct Contexts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
}

impl Contexts {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, engine: Engine) -> Self {
        Self {
            store,
            clock,
            engine,
        }
    }

    /// The viewer's named ones, by name.
    ///
    /// # Errors
    /// Storage only.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<NamedContext>, Error> {
        Ok(self.store.contexts(viewer.user.id).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, viewer: &Viewer, id: ContextId) -> Result<NamedContext, Error> {
        let found = Owned::find(viewer, |owner| self.store.context(owner, id)).await?;
        Ok(found.into_inner())
    }

    /// Makes one. A default takes that from the one before.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `Refused(Conflict)` when there are too many.
    pub async fn create(
        &self,
        viewer: &Viewer,
        draft: ContextDraft,
    ) -> Result<NamedContext, Error> {
        let context = NamedContext {
            id: ContextId(self.clock.new_id()),
            draft: fields::named(draft)?,
        };
        let (owner, now) = (viewer.user.id, self.clock.now());
        let stored = self
            .store
            .create_context(owner, &context, limits::CONTEXTS, now);
        stored.await?;
        Ok(context)
    }

    /// Changes one. Conversations that began with it keep their copies.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `NotFound`.
    pub async fn change(
        &self,
        viewer: &Viewer,
        id: ContextId,
        draft: ContextDraft,
    ) -> Result<NamedContext, Error> {
        let context = NamedContext {
            id,
            draft: fields::named(draft)?,
        };
        let (owner, now) = (viewer.user.id, self.clock.now());
        match self.store.change_context(owner, &context, now).await? {
            true => Ok(context),
            false => Err(Error::NotFound),
        }
    }

    /// Deletes one. Conversations that began with it keep their copies.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, viewer: &Viewer, id: ContextId) -> Result<(), Error> {
        match self.store.delete_context(viewer.user.id, id).await? {
            true => Ok(()),
            false => Err(Error::NotFound),
        }
    }

    /// What the conversation tells its model, and what the next request will be.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn open(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<Opened, Error> {
        let opened = Owned::find(viewer, |owner| {
            self.store.open_conversation(owner, conversation, None, 1)
        })
        .await?
        .into_inner();
        let next = Next {
            user: viewer.user.id,
            conversation,
            head: opened.head,
            persona: opened.conversation.persona_id,
            model: opened.conversation.model_config_id,
        };
        let (told, outlook) = self
            .engine
            .outlook(next)
            .await?
            .map_err(|problem| Error::Internal(problem.to_string()))?;
        Ok(Opened {
            context: told.context,
            rev: told.rev,
            outlook,
        })
    }

    /// What the conversation tells its model, without what comes of it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn read(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<(ConversationContext, u64), Error> {
        let told = Owned::find(viewer, |owner| self.store.told(owner, conversation)).await?;
        let told = told.into_inner();
        Ok((told.context, told.rev))
    }

    /// A message of the conversation, as it was said.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn message(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Message, Error> {
        let found = Owned::find(viewer, |owner| self.store.message(owner, message)).await?;
        match found.conversation_id == conversation {
            true => Ok(found.into_inner()),
            false => Err(Error::NotFound),
        }
    }

    /// As [`Self::set`], with the text of a named context in place of its own, if one is named.
    ///
    /// # Errors
    /// As there; `Invalid` (`context_id`).
    pub async fn set_from(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        mut context: ConversationContext,
        named: Option<ContextId>,
        seen: Option<u64>,
    ) -> Result<u64, Error> {
        if let Some(id) = named {
            let named = self.store.context(viewer.user.id, id).await?;
            let named = named.ok_or(Error::field("context_id", FieldCode::Unknown))?;
            context.content = named.draft.content;
        }
        self.set(viewer, conversation, context, seen).await
    }

    /// Tells it otherwise from the next turn on; a reply that is being written is not touched. With `seen` only if nobody has
    /// changed it since it had that rev, else whatever it is now. Returns the new rev.
    ///
    /// # Errors
    /// `Invalid` (`content`, `excluded`, `wordings`), `NotFound`; `Refused(Conflict)` when it has another rev.
    pub async fn set(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        context: ConversationContext,
        seen: Option<u64>,
    ) -> Result<u64, Error> {
        fields::told(&context)?;
        let owner = viewer.user.id;
        match self.store.tell(owner, conversation, &context, seen).await? {
            Retold::Done(rev) => Ok(rev),
            Retold::Stale => Err(Error::Refused(ProblemCode::Conflict)),
            Retold::Unknown(message) => {
                let is_excluded = context.excluded.contains(&message);
                let field = if is_excluded { "excluded" } else { "wordings" };
                Err(Error::field(field, FieldCode::Unknown))
            }
        }
    }
}
