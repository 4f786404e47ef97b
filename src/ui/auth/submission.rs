//! A form that scripts send in place of the browser: the same request, but the page stays and shows what went wrong.

use leptos::{ev, html, prelude::*, task::spawn_local};

use crate::{browser, rpc::problem::RpcError};

/// A form while its page is open.
#[derive(Clone, Copy)]
pub struct Submission {
    pub form: NodeRef<html::Form>,
    pub pending: RwSignal<bool>,
    /// The latest failure: of this page, or the one that the page was loaded with.
    pub failure: RwSignal<Option<RpcError>>,
}

impl Submission {
    /// Call while the page is being built.
    pub fn new(before: Option<RpcError>) -> Self {
        Self {
            form: NodeRef::new(),
            pending: RwSignal::new(false),
            failure: RwSignal::new(before),
        }
    }

    /// Handler of the form's `submit`. On success a new page is loaded, not navigated to: whatever this one knew
    /// belonged to somebody else.
    pub fn submit(self, event: &ev::SubmitEvent) {
        event.prevent_default();
        self.send();
    }

    /// Sends the form, unless it is on its way.
    pub fn send(self) {
        let Some(form) = self.form.try_get_untracked().flatten() else {
            return;
        };
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        spawn_local(async move {
            match browser::form::post(form).await {
                Ok(path) => {
                    let _ = window().location().set_href(&path);
                }
                Err(error) => {
                    self.failure.try_set(Some(error));
                    self.pending.try_set(false);
                }
            }
        });
    }
}
