//! Telling people of replies that ended while nobody looked.
//!
//! Who looks: a page that follows the conversation holds a stream open, and gives it up when it was hidden for a minute
//! or closed. Only this process's streams are known here, and the process that wrote the reply is the one that tells;
//! where several stand behind one address, a reader of another may be told as well, and then the browser's worker, which
//! knows its own windows, keeps it to itself.
//! The message holds the conversation's id and title, nothing of what was said.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use parlance_core::domain::{FieldCode, GenerationStatus, ProblemCode, UserId};
use tokio::sync::broadcast::error::RecvError;

use super::{
    Error, Viewer,
    audit::{Audit, Entry, Kind},
};
use crate::{
    config::Config,
    engine::Engine,
    port::{
        clock::Clock,
        egress::{Blocked, Egress},
        push::{Push, PushError, Subscription},
        store::{GenerationRow, Store},
    },
};

/// Browsers of one person that are told.
const MOST: u32 = 20;
/// Longest endpoint, bytes; what services hand out is a tenth of it.
const ENDPOINT_BYTES: usize = 2_000;
/// Characters of a title in a message; the rest would not be shown.
const TITLE_CHARS: usize = 120;

/// The verbs of push messages.
#[derive(Clone)]
pub struct Pushes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    config: Arc<Config>,
    push: Option<Arc<dyn Push>>,
    egress: Arc<dyn Egress>,
    audit: Audit,
}

impl Pushes {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        config: Arc<Config>,
        push: Option<Arc<dyn Push>>,
        egress: Arc<dyn Egress>,
        audit: Audit,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            config,
            push,
            egress,
            audit,
        }
    }

    /// What browsers bind their subscriptions to; `None` where nothing is pushed.
    #[must_use]
    pub fn public_key(&self) -> Option<&str> {
        self.push.as_deref().map(Push::public_key)
    }

    /// Tells this browser from now on, as long as the session lasts. `p256dh` and `auth` are base64url, as browsers give
    /// them.
    ///
    /// # Errors
    /// `Refused(NotFound)` where nothing is pushed; `Invalid` for an endpoint that is no known push service's, and for
    /// keys of another form; `Refused(EndpointBlocked)` for a known one that may not be called.
    pub async fn subscribe(
        &self,
        viewer: &Viewer,
        endpoint: &str,
        p256dh: &str,
        auth: &str,
    ) -> Result<(), Error> {
        if self.push.is_none() {
            return Err(Error::Refused(ProblemCode::NotFound));
        }
        if endpoint.len() > ENDPOINT_BYTES || !self.allows(endpoint) {
            return Err(Error::field("endpoint", FieldCode::Malformed));
        }
        if let Err(why) = self.egress.check(endpoint) {
            self.note(viewer.user.id, why).await;
            return Err(Error::Refused(ProblemCode::EndpointBlocked));
        }
        let subscription = Subscription {
            endpoint: endpoint.to_owned(),
            p256dh: decoded("p256dh", p256dh)?,
            auth: decoded("auth", auth)?,
        };
        let (owner, session) = (viewer.user.id, viewer.session_id);
        let now = self.clock.now();
        Ok(self
            .store
            .save_subscription(owner, session, &subscription, MOST, now)
            .await?)
    }

    /// Tells this browser no more.
    ///
    /// # Errors
    /// Storage only.
    pub async fn unsubscribe(&self, viewer: &Viewer, endpoint: &str) -> Result<(), Error> {
        let owner = viewer.user.id;
        Ok(self.store.delete_subscription(owner, endpoint).await?)
    }

    /// Tells of replies as they end, for as long as the process lives.
    pub async fn tell_always(self) {
        let Some(push) = self.push.clone() else {
            return;
        };
        let mut ended = self.engine.ended();
        loop {
            match ended.recv().await {
                Ok(reply) if self.is_news(&reply) => {
                    let (this, push) = (self.clone(), push.clone());
                    tokio::spawn(async move { this.tell(push, reply).await });
                }
                // Nobody is owed a message.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Whether it took long enough for people to have gone elsewhere, and nobody reads along.
    fn is_news(&self, reply: &GenerationRow) -> bool {
        let took = self.clock.now().0.saturating_sub(reply.created_at.0);
        let long = i64::try_from(self.config.times.push_after.as_micros()).unwrap_or(i64::MAX);
        reply.status.is_terminal() && took >= long && !self.engine.is_watched(reply.conversation_id)
    }

    async fn tell(&self, push: Arc<dyn Push>, reply: GenerationRow) {
        let now = self.clock.now();
        let idle = self.config.accounts.session_idle.as_secs();
        let idle_since = now.plus_seconds(-i64::try_from(idle).unwrap_or(i64::MAX));
        let (owner, conversation) = (reply.user_id, reply.conversation_id);
        let told = async {
            let to = self.store.subscriptions(owner, now, idle_since).await?;
            if to.is_empty() {
                return Ok(());
            }
            let Some(opened) = self
                .store
                .open_conversation(owner, conversation, None, 1)
                .await?
            else {
                return Ok(());
            };
            let is_complete = |row: &GenerationRow| row.status == GenerationStatus::Completed;
            let is_worth_it = match opened.compared {
                None => is_complete(&reply),
                // Of replies that are compared the last to end tells of all.
                Some(_) => {
                    let lanes = || opened.newest.iter().chain(&opened.beside);
                    let is_last = |row: &GenerationRow| {
                        row.status.is_terminal() && row.ended_rev <= reply.ended_rev
                    };
                    lanes().all(is_last) && lanes().any(is_complete)
                }
            };
            if !is_worth_it {
                return Ok(());
            }
            let title: String = opened
                .conversation
                .title
                .chars()
                .take(TITLE_CHARS)
                .collect();
            let message = serde_json::json!({ "id": conversation, "title": title }).to_string();
            let topic = URL_SAFE_NO_PAD.encode(conversation.0);
            let sent = to
                .iter()
                .filter(|to| self.allows(&to.endpoint))
                .map(async |to| (to, push.send(to, &topic, message.as_bytes(), now).await));
            for (to, outcome) in join_all(sent).await {
                match outcome {
                    Ok(()) => {}
                    Err(PushError::Gone) => {
                        self.store.delete_subscription(owner, &to.endpoint).await?;
                    }
                    Err(PushError::Blocked(why)) => self.note(owner, why).await,
                    Err(error) => {
                        tracing::info!(%error, user_id = %owner, "a push message was lost")
                    }
                }
            }
            Ok::<_, crate::port::store::StoreError>(())
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, user_id = %owner, "nobody is told of a reply");
        }
    }

    /// Somebody wanted the server to call what it must not.
    async fn note(&self, owner: UserId, why: Blocked) {
        let entry = Entry::new(Kind::EndpointBlocked).by(owner);
        self.audit.record(entry.note("why", why.word())).await;
    }

    /// By the settings of today, also for what was subscribed yesterday.
    fn allows(&self, endpoint: &str) -> bool {
        let settings = self.config.push.as_ref();
        settings.is_some_and(|settings| settings.allows(endpoint))
    }
}

fn decoded<const BYTES: usize>(field: &str, text: &str) -> Result<[u8; BYTES], Error> {
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Error::field(field, FieldCode::Malformed))
}
