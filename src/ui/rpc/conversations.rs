//! Reading conversations: the page of one, the page of none yet, the list.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use parlance_core::domain::ConversationId;

use super::{answer::Answer, problem::RpcError, window::Place};
use crate::state::{
    page::{OpenPage, StartPage},
    roster::RosterPage,
};

pub mod acts;

/// A conversation with the newest messages of the path that is read, Markdown rendered, and the cursor that covers it
/// all; or with another stretch of the path. `find`: the words that the page's search looks for, empty where it is only
/// open.
///
/// # Errors
/// `unauthenticated`; `not_found`, also for what is somebody else's.
#[server(input = GetUrl, output = Answer)]
pub async fn open_conversation(
    id: ConversationId,
    #[server(default)] place: Option<Place>,
    #[server(default)] find: Option<String>,
) -> Result<OpenPage, RpcError> {
    use super::{find::found, models::offer, session, window::reading};

    let opened = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        // Side by side: where the database is far, every wait counts.
        let (open, elsewhere, draft, eyes, finds, models) = futures::join!(
            app.conversations.open(&viewer, id, None),
            reading::elsewhere(&app, &viewer, id, place),
            app.drafts.read(&viewer, Some(id)),
            page::Eyes::of_request(&app, &viewer),
            found(&app, &viewer, id, find, place),
            offer::items(&app, &viewer)
        );
        let (mut open, eyes) = (open?, eyes?);
        let stretch = elsewhere?.show(&mut open, &eyes).await?;
        let choice = offer::choice(&open.conversation);
        let named = match &models {
            // Whoever asks for the page's data alone has no use for the others.
            None if open.compared.is_some() => Some(app.models.list(&viewer).await?.items),
            known => known.clone(),
        };
        let page = page::of(open, stretch, draft?, &eyes, named).await?;
        offer::note(Some(choice), models);
        Ok(OpenPage {
            finds: finds?,
            ..page
        })
    };
    // Said here and not by the page's markup: that comes too late for the head of the response.
    opened.await.inspect_err(page::set_status)
}

/// What the page of a new conversation needs. `persona` is the slug or id of who shall be chosen; what names nobody
/// chooses the first.
///
/// # Errors
/// `unauthenticated`.
#[server(input = GetUrl, output = Answer)]
pub async fn start_conversation(
    #[server(default)] persona: Option<String>,
) -> Result<StartPage, RpcError> {
    use super::{models::offer, session};

    let started = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let locale = crate::i18n::provide_locale();
        let conversation_id = app.new_conversation_id();
        let (choices, chosen, draft, models) = futures::join!(
            app.personas.choices(&viewer),
            app.personas.choose(&viewer, persona.as_deref()),
            app.drafts.read(&viewer, None),
            offer::items(&app, &viewer)
        );
        offer::note(None, models);
        let chosen = chosen?;
        let (greeting, ideas) = opening::of(app.now(), conversation_id, chosen.as_ref());
        let chosen = chosen.map(|persona| persona.id);
        Ok(StartPage {
            conversation_id,
            greeting: Some(greeting),
            ideas,
            personas: choices?
                .into_iter()
                .map(|one| page::card(locale, one, chosen))
                .collect(),
            composer: page::composer(draft?),
        })
    };
    started.await.inspect_err(page::set_status)
}

/// A page of the list, last used first, its days named in the viewer's language and time zone. `cursor` is that of the
/// page before.
///
/// # Errors
/// `unauthenticated`, `validation` (`cursor`).
#[server(input = GetUrl, output = Answer)]
pub async fn list_conversations(
    #[server(default)] cursor: Option<String>,
) -> Result<RosterPage, RpcError> {
    use super::session;

    let listed = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let read = app.conversations.sidebar(&viewer, cursor.as_deref());
        Ok(listed::of(read.await?, app.now()))
    };
    // A page says so beside the list and is a good page otherwise.
    listed.await.inspect_err(page::set_status_of_call)
}

#[cfg(feature = "ssr")]
mod listed;
#[cfg(feature = "ssr")]
mod opening;
#[cfg(feature = "ssr")]
pub(super) mod page;
