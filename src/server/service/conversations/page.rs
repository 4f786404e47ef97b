//! The opaque cursor of the conversation list: where the last row stood in the list's order.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parlance_core::domain::{Conversation, ConversationId, ConversationSort, FieldCode, Timestamp};

use crate::{
    port::store::{PageKey, Place},
    service::Error,
};

pub(super) fn key_after(sort: ConversationSort, last: &Conversation) -> String {
    let place = match sort {
        ConversationSort::Updated => format!("u{}", last.updated_at.0),
        ConversationSort::Created => format!("c{}", last.created_at.0),
        ConversationSort::Title => format!("t{}", last.title),
    };
    URL_SAFE_NO_PAD.encode(format!("{}.{place}", last.id))
}

/// Where the page that `cursor` asks for begins.
///
/// # Errors
/// `Invalid` (`cursor`).
pub(super) fn after(
    sort: ConversationSort,
    cursor: Option<&str>,
) -> Result<Option<PageKey>, Error> {
    cursor
        .map(|text| parse(sort, text).ok_or_else(|| Error::field("cursor", FieldCode::Malformed)))
        .transpose()
}

/// `None` for rubbish, and for a cursor of another order.
fn parse(sort: ConversationSort, text: &str) -> Option<PageKey> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (id, place) = decoded.split_once('.')?;
    let place = match sort {
        ConversationSort::Updated => Place::Updated(moment(place.strip_prefix('u')?)?),
        ConversationSort::Created => Place::Created(moment(place.strip_prefix('c')?)?),
        ConversationSort::Title => {
            let title = place.strip_prefix('t')?;
            // PostgreSQL would fail on it.
            Place::Title((!title.contains('\0')).then(|| title.to_owned())?)
        }
    };
    Some(PageKey {
        place,
        id: id.parse::<ConversationId>().ok()?,
    })
}

/// A moment that a clock can show: PostgreSQL would fail on others.
fn moment(text: &str) -> Option<Timestamp> {
    let moment = Timestamp(text.parse().ok()?);
    moment.rfc3339().map(|_| moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_rubbish() {
        for text in ["", "x", "MS4y", "////", "🙂"] {
            assert!(parse(ConversationSort::Updated, text).is_none(), "{text}");
        }
    }
}
