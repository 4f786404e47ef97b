//! Makes a conversation long without having it: ten thousand messages would take many minutes of turns, one after the
//! other. The rows are what turns would have left, written by `sqlite3` while the server is stopped.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::child::find;

/// Chained behind the head of the longest conversation, persons' and models' in turn. Their ids need only be ids.
const SCRIPT: &str = "
begin;
create temp table talk as select id, user_id, head_message_id as head, rev, updated_at
    from conversations order by message_count desc limit 1;
with recursive counted (n) as (select 1 union all select n + 1 from counted where n < :more)
insert into messages (id, conversation_id, parent_id, user_id, role, content, status, rev, created_at)
select cast(printf('%016d', n) as blob), talk.id,
    case n when 1 then talk.head else cast(printf('%016d', n - 1) as blob) end, talk.user_id,
    case n % 2 when 1 then 'user' else 'assistant' end,
    case n % 2 when 1 then 'How do tides work, and why are there two of them a day?' else 'w1@1763700000000000 ' end,
    'completed', talk.rev + n, talk.updated_at + n
from counted, talk;
update conversations set head_message_id = cast(printf('%016d', :more) as blob), rev = rev + :more,
    message_count = message_count + :more where id = (select id from talk);
commit;
";

/// Adds `more` messages, an even number of them; `false` when this machine has no `sqlite3`.
///
/// # Errors
/// The database is in use, or not what it was when this was written.
pub fn lengthen(data: &Path, more: usize) -> Result<bool> {
    let Some(binary) = find("sqlite3") else {
        return Ok(false);
    };
    let output = Command::new(binary)
        .args(["-batch", "-bail"])
        .arg(data.join("main.db"))
        .arg(SCRIPT.replace(":more", &more.to_string()))
        .stdin(Stdio::null())
        .output()
        .context("cannot start sqlite3")?;
    if !output.status.success() {
        bail!("sqlite3: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(true)
}
