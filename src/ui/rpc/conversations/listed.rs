//! From the service's list to rows under headings, in the viewer's language and time zone.

use parlance_core::domain::Timestamp;
use parlance_server::service::conversations::{Listed, ListedPage};

use crate::{
    i18n::{Locale, dates, moment::Zone, provide_locale},
    state::roster::{RosterPage, Row},
};

/// The page as it is seen at the moment `now` by whoever sent this request.
pub(super) fn of(page: ListedPage, now: Timestamp) -> RosterPage {
    let (zone, locale) = (Zone::of_request(), provide_locale());
    RosterPage {
        rows: page
            .items
            .into_iter()
            .map(|listed| row(listed, &zone, now, locale))
            .collect(),
        next: page.next_cursor,
    }
}

fn row(listed: Listed, zone: &Zone, now: Timestamp, locale: Locale) -> Row {
    let Listed {
        conversation,
        running,
        unread,
    } = listed;
    Row {
        day: dates::day(zone, conversation.updated_at, now, locale),
        id: conversation.id,
        title: conversation.title,
        rev: conversation.rev,
        updated_at: conversation.updated_at.0,
        unread,
        running,
    }
}
