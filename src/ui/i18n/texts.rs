//! Which texts there are. The languages fill them in; the sections of the conversation page and the sidebar have files
//! of their own.

use parlance_core::render::words::Words;

use super::{Locale, chat::Chat, composer::Composer, kit::Kit, sidebar::Sidebar, turns::Turns};
#[cfg(feature = "ssr")]
use super::{pwa::Pwa, shortcuts::Shortcuts, start::Start};

/// Every text of the pages in one language.
pub struct Texts {
    pub locale: Locale,
    pub site: Site,
    pub auth: Auth,
    pub home: Home,
    pub errors: Errors,
    pub chat: Chat,
    pub code: Words<'static>,
    pub composer: Composer,
    pub find: super::find::Find,
    pub sidebar: Sidebar,
    /// Nothing of it is needed in the WASM.
    #[cfg(feature = "ssr")]
    pub pwa: Pwa,
    #[cfg(feature = "ssr")]
    pub shortcuts: Shortcuts,
    #[cfg(feature = "ssr")]
    pub start: Start,
    pub kit: Kit,
    pub turns: Turns,
}

/// Texts that stand on every page.
pub struct Site {
    /// The product's name; the same in all languages.
    pub name: &'static str,
    /// For search engines and link previews.
    pub description: &'static str,
    pub skip_to_content: &'static str,
}

/// Signing in and registering.
pub struct Auth {
    pub sign_in: &'static str,
    pub sign_in_title: &'static str,
    pub sign_in_lead: &'static str,
    pub register: &'static str,
    pub register_title: &'static str,
    pub register_lead: &'static str,
    pub sign_out: &'static str,
    pub username: &'static str,
    pub username_hint: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub password_hint: &'static str,
    pub password_confirmation: &'static str,
    pub no_account_yet: &'static str,
    pub have_an_account: &'static str,
    pub forgot: &'static str,
    /// Stands in the button while the request is on its way.
    pub working: &'static str,
}

/// The page a visitor sees first.
pub struct Home {
    pub title: &'static str,
    pub lead: &'static str,
    pub start: &'static str,
    /// Heading and sentence of what sets the product apart.
    pub points: [(&'static str, &'static str); 3],
    pub sample: Sample,
    pub colophon: &'static str,
}

/// The conversation shown as an example on the first page.
pub struct Sample {
    /// What the picture is, for those who cannot see it.
    pub label: &'static str,
    pub question: &'static str,
    pub answer: &'static str,
    pub columns: [&'static str; 3],
    pub rows: [[&'static str; 3]; 3],
    /// The last sentence, still being written.
    pub tail: &'static str,
}

/// Pages that stand in for another, and failures without a code.
pub struct Errors {
    pub not_found_title: &'static str,
    pub not_found_lead: &'static str,
    pub failed_title: &'static str,
    pub back_home: &'static str,
    /// No answer came at all.
    pub unreachable: &'static str,
}
