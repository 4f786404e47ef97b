//! What a person does with a row: renaming, deleting and having it back, and reading what was new. The list shows it at
//! once; the server hears of it and tells the other tabs.

use leptos::{html, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use parlance_core::domain::{ConversationId, ProblemCode};

use crate::{
    browser::{
        clock::is_hidden,
        sidebar::{focus_row, tell},
    },
    i18n::{Texts, t},
    kit::toast::{Toasts, use_toasts},
    rpc::{
        conversations::acts::{
            DeleteConversation, MarkSeen, RenameConversation, RestoreConversations,
        },
        problem::RpcError,
    },
    state::roster::{Roster, Row},
};

/// How long a deletion may be undone from the toast, milliseconds.
const UNDO: u32 = 9_000;

/// What all rows share.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub(super) roster: RwSignal<Roster>,
    /// The row whose title is being changed.
    pub(super) editing: RwSignal<Option<ConversationId>>,
    /// The one menu, and the row that it is about.
    pub(super) menu: NodeRef<html::Div>,
    pub(super) subject: StoredValue<Option<ConversationId>>,
    pub(super) texts: &'static Texts,
    toasts: Toasts,
    path: Memo<String>,
    go: Callback<String>,
}

impl Acts {
    /// Call while the page is being built.
    pub(super) fn new(roster: RwSignal<Roster>) -> Self {
        let navigate = use_navigate();
        Self {
            roster,
            editing: RwSignal::new(None),
            menu: NodeRef::new(),
            subject: StoredValue::new(None),
            texts: t(),
            toasts: use_toasts(),
            path: use_location().pathname,
            go: Callback::new(move |path: String| navigate(&path, NavigateOptions::default())),
        }
    }

    /// The title as it is shown.
    pub(super) fn title(self, title: String) -> String {
        if title.is_empty() {
            self.texts.chat.untitled.to_owned()
        } else {
            title
        }
    }

    /// The conversation that this tab shows. Tracked.
    pub(super) fn open(self) -> Option<ConversationId> {
        self.path
            .with(|path| path.strip_prefix("/chat/")?.parse().ok())
    }

    /// The title is being changed: meanwhile no row moves.
    pub(super) fn edit(self, id: Option<ConversationId>) {
        self.editing.set(id);
        self.roster.update(|roster| roster.hold(id.is_some()));
    }

    /// Gives the row another title, for good when the server agrees. An empty one means the old one.
    pub(super) fn rename(self, id: ConversationId, title: &str) {
        let old = self.roster.with_untracked(|roster| roster.face(id).title);
        let title = title.trim().to_owned();
        if title.is_empty() || title == old {
            return;
        }
        self.roster.update(|roster| roster.rename(id, &title));
        spawn_local(async move {
            let fields = [("conversation_id", &*id.to_string()), ("title", &*title)];
            if let Err(error) = tell(RenameConversation::url(), &fields).await {
                self.roster.try_update(|roster| roster.rename(id, &old));
                self.say(&error);
            }
        });
    }

    /// Takes the row away and offers it back; the keyboard goes to its neighbour.
    pub(super) fn delete(self, id: ConversationId) {
        let taken = self.roster.try_update(|roster| roster.take(id)).flatten();
        let (row, next) = taken.unzip();
        focus_row(next.flatten());
        let was_open = untrack(move || self.open()) == Some(id);
        if was_open {
            self.go.run("/chat".to_owned());
        }
        spawn_local(async move {
            let fields = [("conversation_id", &*id.to_string())];
            match tell(DeleteConversation::url(), &fields).await {
                Ok(_) => self.offer_back(id, row, was_open),
                // Somebody else was faster.
                Err(error) if error.0.code == ProblemCode::NotFound => {}
                Err(error) => {
                    self.put_back(row);
                    self.say(&error);
                }
            }
        });
    }

    fn offer_back(self, id: ConversationId, row: Option<Row>, was_open: bool) {
        let title = row.as_ref().map(|row| row.title.clone());
        let said = (self.texts.sidebar.deleted)(&self.title(title.unwrap_or_default()));
        let undo = Callback::new(move |()| {
            let row = row.clone();
            spawn_local(async move {
                match tell(RestoreConversations::url(), &[("ids", &id.to_string())]).await {
                    Ok(path) => {
                        self.put_back(row);
                        if was_open {
                            self.go.run(path);
                        } else {
                            focus_row(Some(id));
                        }
                    }
                    Err(error) => self.say(&error),
                }
            });
        });
        self.toasts.offer(said, self.texts.sidebar.undo, undo, UNDO);
    }

    /// Takes the mark away from the conversation that is open before somebody's eyes. Tracked.
    pub(super) fn see(self) {
        let Some(id) = self.open() else { return };
        if self.roster.with(|roster| !roster.is_unread(id)) || is_hidden() {
            return;
        }
        self.roster.update(|roster| {
            roster.see(id);
        });
        spawn_local(async move {
            // It stays unread, then.
            let _ = tell(MarkSeen::url(), &[("conversation_id", &id.to_string())]).await;
        });
    }

    fn put_back(self, row: Option<Row>) {
        if let Some(row) = row {
            self.roster.try_update(|roster| roster.put_back(row));
        }
    }

    fn say(self, error: &RpcError) {
        self.toasts.say(self.texts.failure(error).to_owned());
    }
}
