//! The keyboard shortcuts as a person meets them: the list, which is the form of their switches too, and the listener.
//!
//! The server alone writes the list. The browser neither downloads its texts nor makes its markup. Must not enter: which
//! shortcuts there are (`state::shortcuts`), how keys are heard (`browser::keyboard`).

use leptos::prelude::*;

use crate::tools;

#[cfg(feature = "ssr")]
mod hints;
#[cfg(feature = "ssr")]
mod list;

#[cfg(feature = "ssr")]
pub use hints::hints;
#[cfg(feature = "ssr")]
pub use list::form;

/// The list in a dialog, and the listener. Once, at the end of the page: any button with `commandfor="shortcuts"
/// command="show-modal"` opens it.
#[component]
pub fn Shortcuts() -> impl IntoView {
    tools::wire(Box::new(|tools| (tools.keyboard)()));
    #[cfg(feature = "ssr")]
    let list = list::dialog().to_html();
    // Hydration takes the server's markup as it is.
    #[cfg(not(feature = "ssr"))]
    let list = "";
    view! {
        <dialog
            class="dialog"
            id="shortcuts"
            closedby="any"
            aria-labelledby="shortcuts-title"
            inner_html=list
        ></dialog>
    }
}
