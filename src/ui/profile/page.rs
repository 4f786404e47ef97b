//! What the server reads for one of the pages, and the page around it.

use leptos::prelude::*;
use parlance_core::domain::{ApiKey, Device, Timestamp, User};

use super::{Part, account, data, devices, factor, keys, password};
use crate::{
    forms_page::{self, FormsPage},
    i18n::{Locale, Texts, moment::Zone, profile::Profile, t},
    kit::tabs,
    rpc::{
        devices::DEVICES,
        factors::FACTOR,
        keys::{KEYS, MADE},
        once::{self, MadeKey},
        problem::RpcError,
        profile::{DATA, PASSWORD, PROFILE},
        session,
    },
};

/// What a page shows, and to whom.
#[derive(Clone)]
pub(super) struct Found {
    user: User,
    /// Whether an address must be confirmed here.
    must_verify: bool,
    rows: Rows,
    now: Timestamp,
}

/// What is read for one page alone.
#[derive(Clone)]
enum Rows {
    None,
    /// The address that waits to be confirmed in the place of the account's.
    Account(Option<String>),
    Devices(Vec<Device>),
    Factor(factor::Shown),
    /// With one that has just been made.
    Keys(Vec<ApiKey>, Option<MadeKey>),
}

/// What the parts of a page have in common.
pub(super) struct Place {
    pub(super) texts: &'static Texts,
    pub(super) words: &'static Profile,
    pub(super) locale: Locale,
    zone: Zone,
    now: Timestamp,
}

impl Place {
    /// Date and time, and how long ago.
    pub(super) fn moment(&self, at: Timestamp) -> AnyView {
        let seconds = u64::try_from((self.now.0 - at.0) / 1_000_000).unwrap_or_default();
        let ago = (self.texts.turns.ago)(seconds);
        view! {
            <time datetime=at.rfc3339()>{ago}</time>
            " · "
            {self.full(at)}
        }
        .into_any()
    }

    /// Date and time.
    pub(super) fn full(&self, at: Timestamp) -> String {
        self.zone.full(at, self.locale)
    }

    /// The date alone.
    pub(super) fn date(&self, at: Timestamp) -> String {
        self.zone.date(at, self.locale)
    }
}

/// Reads what the page shows.
pub(super) async fn read(part: Part) -> Result<Found, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let rows = match part {
        Part::Account => {
            let wanted = app.accounts.wanted_email(&viewer).await?;
            Rows::Account(wanted.map(|wanted| wanted.email))
        }
        Part::Password | Part::Data => Rows::None,
        Part::Devices => Rows::Devices(app.accounts.devices(&viewer).await?),
        Part::Factor => Rows::Factor(factor::read().await?),
        Part::Keys => {
            let keys = app.accounts.api_keys(&viewer).await?;
            Rows::Keys(keys, once::take(MADE).await)
        }
    };
    Ok(Found {
        rows,
        must_verify: app.accounts.needs_verification(),
        now: app.now(),
        user: viewer.user,
    })
}

/// The page, or why there is none.
pub(super) fn view(part: Part, found: Option<Result<Found, RpcError>>) -> AnyView {
    let texts = t();
    let words = texts.locale.profile();
    let pages = [
        (PROFILE, words.account.title),
        (PASSWORD, words.password.title),
        (DEVICES, words.devices.title),
        (FACTOR, words.factor.title),
        (KEYS, words.keys.title),
        (DATA, words.data.title),
    ];
    let (address, _) = pages[part as usize];
    let page = FormsPage {
        subject: words.title,
        title: heading(part, words),
        up: None,
        tabs: Some(tabs(words.pages, &pages, address)),
    };
    let body = forms_page::body(found, |found| body(part, texts, found));
    page.view(|word| done_text(words, word), body)
}

/// What the page is called.
pub(super) fn heading(part: Part, words: &Profile) -> &'static str {
    match part {
        Part::Account => words.account.title,
        Part::Password => words.password.title,
        Part::Devices => words.devices.title,
        Part::Factor => words.factor.title,
        Part::Keys => words.keys.title,
        Part::Data => words.data.title,
    }
}

fn body(part: Part, texts: &'static Texts, found: Found) -> AnyView {
    let place = Place {
        texts,
        words: texts.locale.profile(),
        locale: texts.locale,
        zone: Zone::of_request(),
        now: found.now,
    };
    match (part, found.rows) {
        (_, Rows::Account(wanted)) => account::view(&place, &found.user, found.must_verify, wanted),
        (_, Rows::Devices(rows)) => devices::view(&place, &rows),
        (_, Rows::Factor(shown)) => factor::view(&place, shown),
        (_, Rows::Keys(rows, made)) => keys::view(&place, &rows, made),
        (Part::Password, Rows::None) => password::view(&place),
        (_, Rows::None) => data::view(&place),
    }
}

/// What has just been done, by the word that a form leads back with.
fn done_text(words: &Profile, word: &str) -> Option<&'static str> {
    Some(match word {
        "name" => words.account.name_saved,
        "email" => words.account.email_saved,
        "email-kept" => words.account.email_kept,
        "letter" => words.account.letter_sent,
        "password" => words.password.saved,
        "device" => words.devices.signed_out,
        "others" => words.devices.others_out,
        "factor" => words.factor.done,
        "factor-off" => words.factor.turned_off,
        "key" => words.keys.revoked,
        _ => return None,
    })
}

/// One subject of a page, with its heading.
pub(super) fn section(title: &'static str, inner: AnyView) -> AnyView {
    view! {
        <section class="profile-part">
            <h2 class="profile-heading">{title}</h2>
            {inner}
        </section>
    }
    .into_any()
}

/// A button that copies `text`; scripts put what came of it beside the button.
pub(super) fn copy_button(place: &Place, text: String) -> AnyView {
    view! {
        <span class="profile-copy">
            <button class="button" type="button" data-copy=text>{place.words.copy}</button>
            <span role="status"></span>
        </span>
    }
    .into_any()
}
