//! E7: too much, too large, too slow, and too clever by half; and what the log makes of it.

mod harm;
mod names;
mod protocol;
mod rates;
mod sizes;
mod words;

use super::routes::Own;
use crate::harness::Browser;

/// Somebody's things; the ids of messages and replies name nothing.
async fn own(browser: &Browser) -> Own {
    Own {
        conversation: browser.conversation().await,
        message: uuid::Uuid::now_v7().to_string(),
        generation: uuid::Uuid::now_v7().to_string(),
    }
}
