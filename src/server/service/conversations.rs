//! Conversations: making, listing, opening, renaming; deleting and the list beside the pages have files of their own.

mod bin;
mod opening;
mod page;
mod sidebar;

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{
    Conversation, ConversationId, ConversationPage, ConversationSort, FieldCode, ModelConfigId,
    ModelDraft, Parameters, ProblemCode, Role, WhenBusy, limits,
};

pub use sidebar::{Listed, ListedPage};

use super::{
    Error, Owned, Viewer,
    messages::check_beside,
    models::{self, Models},
    personas,
};
use crate::{
    engine::Engine,
    port::{
        clock::Clock,
        store::{Constraint, LATEST_REV, NewConversation, Renamed, Store, StoreError, TitleBy},
    },
};

/// An empty conversation to be made.
#[derive(Clone, Debug, Default)]
pub struct Create {
    /// `None`: the server chooses.
    pub id: Option<ConversationId>,
    pub title: Option<String>,
    /// Slug or id of the persona that replies unless a message says otherwise.
    pub persona_id: Option<String>,
    /// `None`: what the server was set up with.
    pub model_config_id: Option<ModelConfigId>,
    pub parameters: Parameters,
    /// What new messages go to beside that, at most two, and none twice.
    pub compare_with: Vec<ModelConfigId>,
}

/// What shall change.
#[derive(Clone, Debug, Default)]
pub struct Update {
    pub title: Option<String>,
    pub when_busy: Option<WhenBusy>,
    /// `Some(None)`: what the server was set up with.
    pub model_config_id: Option<Option<ModelConfigId>>,
    pub parameters: Option<Parameters>,
    pub compare_with: Option<Vec<ModelConfigId>>,
}

/// The verbs of conversations.
#[derive(Clone)]
pub struct Conversations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    models: Models,
}

impl Conversations {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        models: Models,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            models,
        }
    }

    /// Makes an empty conversation. The viewer's own conversation with this id is returned as it is.
    ///
    /// # Errors
    /// `Invalid` (`title`, `persona_id`, `model_config_id`, `compare_with`, `parameters.…`), `NotFound` when the id belongs
    /// to somebody else.
    pub async fn create(&self, viewer: &Viewer, create: Create) -> Result<Conversation, Error> {
        let title = title(&create.title.unwrap_or_default())?;
        let persona_id = personas::named(
            self.store.as_ref(),
            viewer,
            create.persona_id.as_deref(),
            "persona_id",
        )
        .await?;
        self.choice(viewer, create.model_config_id, Some(&create.parameters))
            .await?;
        self.choice_beside(viewer, create.model_config_id, &create.compare_with)
            .await?;
        let id = create
            .id
            .unwrap_or_else(|| ConversationId(self.clock.new_id()));
        let new = NewConversation {
            id,
            user_id: viewer.user.id,
            title,
            persona_id,
            model_config_id: create.model_config_id,
            parameters: create.parameters,
            compare_with: create.compare_with,
            created_at: self.clock.now(),
        };
        match self.store.create_conversation(new).await {
            // The same request again, perhaps at the same moment, or the id of somebody else's.
            Err(StoreError::Conflict(Constraint::ConversationId)) => {
                let known = self
                    .store
                    .open_conversation(viewer.user.id, id, Some(LATEST_REV), 0)
                    .await?;
                known
                    .map(|opened| opened.conversation)
                    .ok_or(Error::NotFound)
            }
            created => {
                let conversation = created?;
                self.engine.wake(conversation.id, viewer.user.id);
                Ok(conversation)
            }
        }
    }

    /// A page of the viewer's conversations in the order asked for.
    ///
    /// # Errors
    /// `Invalid` (`cursor`, `limit`).
    pub async fn list(
        &self,
        viewer: &Viewer,
        sort: ConversationSort,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<ConversationPage, Error> {
        let limit = limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT);
        if !(1..=limits::PAGE_ITEMS).contains(&limit) {
            return Err(Error::field("limit", FieldCode::Malformed));
        }
        let after = page::after(sort, cursor)?;
        // One more than asked tells whether another page follows.
        let mut items = self
            .store
            .list_conversations(viewer.user.id, sort, after, limit + 1)
            .await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|row| page::key_after(sort, row));
        Ok(ConversationPage { items, next_cursor })
    }

    /// Changes what is given. A title that a person gives stays, whatever the model thinks of later.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`title`, `model_config_id`, `compare_with`, `parameters.…`).
    pub async fn update(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        update: Update,
    ) -> Result<Conversation, Error> {
        let owner = viewer.user.id;
        let title = update.title.as_deref().map(self::title).transpose()?;
        if title.as_ref().is_some_and(String::is_empty) {
            return Err(Error::field("title", FieldCode::Required));
        }
        self.choice(
            viewer,
            update.model_config_id.flatten(),
            update.parameters.as_ref(),
        )
        .await?;
        if let Some(beside) = &update.compare_with {
            let first = match update.model_config_id {
                Some(first) => first,
                None => {
                    let read = |owner| self.store.models_of(owner, id);
                    Owned::find(viewer, read).await?.into_inner().model
                }
            };
            self.choice_beside(viewer, first, beside).await?;
        }
        let now = self.clock.now();
        let mut changed = None;
        if let Some(title) = title {
            changed = Some(self.rename(viewer, id, &title, TitleBy::Person).await?);
        }
        if let Some(when_busy) = update.when_busy {
            changed = Some(self.store.set_when_busy(owner, id, when_busy, now).await?);
            self.engine.wake(id, owner);
        }
        if update.model_config_id.is_some()
            || update.parameters.is_some()
            || update.compare_with.is_some()
        {
            let model = update.model_config_id;
            let parameters = update.parameters.as_ref();
            let beside = update.compare_with.as_deref();
            let set = self
                .store
                .set_model(owner, id, model, parameters, beside, now);
            changed = Some(set.await?);
            self.engine.wake(id, owner);
        }
        match changed {
            Some(conversation) => Ok(conversation),
            None => self
                .store
                .open_conversation(owner, id, Some(LATEST_REV), 0)
                .await?
                .map(|opened| opened.conversation)
                .ok_or(Error::NotFound),
        }
    }

    /// Has the conversation's model, or one that comes along, give it a title, unless a person gave one.
    ///
    /// # Errors
    /// `NotFound`, `Refused(Conflict)` when nothing has been said yet, `Refused(ModelUnavailable)`, `Later` when the model has no time for it.
    pub async fn generate_title(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        inline: Option<ModelDraft>,
    ) -> Result<Conversation, Error> {
        let opened = Owned::find(viewer, |owner| {
            self.store
                .open_conversation(owner, id, None, limits::OPEN_MESSAGES)
        })
        .await?;
        let choice = opened.conversation.model_config_id;
        let model = match inline {
            Some(draft) => self.models.inline(viewer, draft).await?,
            None => self.models.usable(viewer, choice).await?,
        };
        let first = opened
            .messages
            .iter()
            .find(|message| message.role == Role::User)
            .ok_or(Error::Refused(ProblemCode::Conflict))?;
        let title = self
            .engine
            .title(viewer.user.id, &model, &first.content)
            .await
            .ok_or(Error::Later(ProblemCode::UpstreamEmpty, TITLE_RETRY))?;
        self.rename(viewer, id, &title, TitleBy::Model).await
    }

    /// Whether this may be chosen.
    async fn choice(
        &self,
        viewer: &Viewer,
        model: Option<ModelConfigId>,
        parameters: Option<&Parameters>,
    ) -> Result<(), Error> {
        if let Some(parameters) = parameters {
            models::check_parameters(parameters)?;
        }
        if model.is_some() {
            self.models.chosen(viewer, model).await?;
        }
        Ok(())
    }

    /// Whether these may be chosen to be asked beside the first.
    async fn choice_beside(
        &self,
        viewer: &Viewer,
        first: Option<ModelConfigId>,
        beside: &[ModelConfigId],
    ) -> Result<(), Error> {
        check_beside(first.unwrap_or(ModelConfigId::INSTALLATION), beside)?;
        for id in beside {
            self.models.chosen(viewer, Some(*id)).await?;
        }
        Ok(())
    }

    async fn rename(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        title: &str,
        by: TitleBy,
    ) -> Result<Conversation, Error> {
        let owner = viewer.user.id;
        let renamed = self
            .store
            .rename_conversation(owner, id, title, by, self.clock.now())
            .await?;
        let (Renamed::Done(conversation) | Renamed::Kept(conversation)) = renamed;
        self.engine.wake(id, owner);
        Ok(conversation)
    }
}

/// When a title that the model had no time for may be asked for again.
const TITLE_RETRY: Duration = Duration::from_secs(5);

fn title(text: &str) -> Result<String, Error> {
    let title = text.trim().to_owned();
    if title.chars().count() > limits::TITLE_CHARS {
        return Err(Error::field("title", FieldCode::TooLong));
    }
    if title.contains('\0') {
        return Err(Error::field("title", FieldCode::Malformed));
    }
    Ok(title)
}
