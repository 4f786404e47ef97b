//! One line above the pages of somebody whose address is not confirmed, where that is needed to go on. Only the server
//! writes it: a confirmed address is seen with the next page.

use leptos::prelude::*;

use crate::kit::aside;

/// The line, or an empty place for it.
pub fn reminder() -> AnyView {
    aside("reminder", || {
        #[cfg(feature = "ssr")]
        let line = line();
        #[cfg(not(feature = "ssr"))]
        let line = None;
        line
    })
}

#[cfg(feature = "ssr")]
fn line() -> Option<AnyView> {
    use leptos::server_fn::ServerFn;
    use leptos_router::hooks::use_location;

    use crate::{
        i18n::t,
        kit::{Glyph, Icon},
        rpc::{
            profile::{PROFILE, SendVerification},
            session,
        },
    };

    let viewer = session::viewer().ok()?;
    let app = session::app().ok()?;
    if viewer.user.email_verified || !app.accounts.needs_verification() {
        return None;
    }
    // Said there already, and more of it.
    if use_location().pathname.get_untracked() == PROFILE {
        return None;
    }
    let words = t().locale.profile();
    let line = view! {
        <form class="reminder-line" method="post" action=SendVerification::url()>
            <Icon glyph=Glyph::Info/>
            <span>{words.account.reminder}</span>
            <button class="reminder-act" type="submit">{words.account.send_again}</button>
        </form>
    };
    Some(line.into_any())
}
