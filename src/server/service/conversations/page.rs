//! The opaque cursor of the conversation list: where the last row stood in the order of last use.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parlance_core::domain::{Conversation, ConversationId, Timestamp};

use crate::port::store::PageKey;

pub(super) fn key_after(last: &Conversation) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}", last.updated_at.0, last.id))
}

pub(super) fn parse(text: &str) -> Option<PageKey> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (moment, id) = decoded.split_once('.')?;
    let updated_at = Timestamp(moment.parse().ok()?);
    // A moment that no clock shows: PostgreSQL would fail on it.
    updated_at.rfc3339()?;
    Some(PageKey {
        updated_at,
        id: id.parse::<ConversationId>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn refuses_rubbish() {
        for text in ["", "x", "MS4y", "////", "🙂"] {
            assert!(super::parse(text).is_none(), "{text}");
        }
    }
}
