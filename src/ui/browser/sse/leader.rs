//! Who leads: whoever holds the Web Lock. The browser passes it on the moment that the page holding it is gone.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[derive(PartialEq)]
enum Stand {
    Away,
    /// In line for it.
    Queued,
    /// Calling this gives it back.
    Held(Function),
}

/// This tab's claim to the lead.
pub(super) struct Lock {
    name: String,
    /// `LockManager.request`.
    request: Function,
    stand: Rc<RefCell<Stand>>,
}

impl Lock {
    /// `None` where there are no locks.
    pub(super) fn new(name: String) -> Option<Self> {
        let request = Reflect::get(&manager()?, &"request".into()).ok()?;
        Some(Self {
            name,
            request: request.dyn_into().ok()?,
            stand: Rc::new(RefCell::new(Stand::Away)),
        })
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Held(_))
    }

    /// Gets in line once, or takes the lead from whoever has it (`steal`). `granted` says whether the lead is still
    /// wanted when its turn comes; `lost` is called when another tab took it.
    pub(super) fn ask(
        &self,
        steal: bool,
        granted: impl FnOnce() -> bool + 'static,
        lost: impl FnOnce() + 'static,
    ) {
        let Some(manager) = manager() else { return };
        if !steal && *self.stand.borrow() != Stand::Away {
            return;
        }
        if !self.is_held() {
            *self.stand.borrow_mut() = Stand::Queued;
        }
        let stand = self.stand.clone();
        let term: Rc<RefCell<Option<Function>>> = Rc::default();
        let mine = term.clone();
        let callback = Closure::once_into_js(move |_: JsValue| {
            // The lock is held until this promise is kept.
            let mut keep = None;
            let promise = Promise::new(&mut |resolve, _| keep = Some(resolve));
            if let Some(keep) = keep {
                mine.replace(Some(keep.clone()));
                stand.replace(Stand::Held(keep.clone()));
                if !granted() {
                    stand.replace(Stand::Away);
                    let_go(&keep);
                }
            }
            promise
        });
        let options = Object::new();
        // Setting a field of a plain object cannot fail.
        let _ = Reflect::set(&options, &"steal".into(), &steal.into());
        let name = JsValue::from_str(&self.name);
        let asked = self.request.call3(&manager, &name, &options, &callback);
        let Some(asked) = asked
            .ok()
            .and_then(|asked| asked.dyn_into::<Promise>().ok())
        else {
            return;
        };
        let stand = self.stand.clone();
        spawn_local(async move {
            // Kept when it was given back, broken when it was stolen or never granted.
            let _ = JsFuture::from(asked).await;
            let term = term.take();
            let (ended, stolen) = match (&*stand.borrow(), &term) {
                (Stand::Held(current), Some(term)) => (current == term, current == term),
                (Stand::Queued, None) => (true, false),
                _ => (false, false),
            };
            if ended {
                stand.replace(Stand::Away);
            }
            if stolen {
                lost();
            }
        });
    }

    /// Gives the lead back, if it is held. A place in line is kept: when its turn comes it is asked again whether it is
    /// wanted.
    pub(super) fn release(&self) {
        let held = match &*self.stand.borrow() {
            Stand::Held(release) => Some(release.clone()),
            _ => None,
        };
        if let Some(release) = held {
            self.stand.replace(Stand::Away);
            let_go(&release);
        }
    }
}

fn let_go(release: &Function) {
    // Keeping a promise cannot fail.
    let _ = release.call0(&JsValue::UNDEFINED);
}

fn manager() -> Option<JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    (!locks.is_undefined()).then_some(locks)
}
