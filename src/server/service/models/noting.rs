//! What admins do with everybody's models, for the audit log. Must not enter: keys, and what stood in the other fields.

use super::{Client, Entry, Keeper, Kind, ModelRow, Models, Viewer};

impl Models {
    /// Notes what was done with a row, if it is everybody's. `fields`: those that were changed.
    pub(super) async fn note(
        &self,
        kind: Kind,
        row: &ModelRow,
        fields: &str,
        (viewer, client): (&Viewer, &Client),
    ) {
        if row.keeper != Keeper::All {
            return;
        }
        let entry = Entry::new(kind).by(viewer.user.id).from(client);
        let entry = entry.about(row.id.0).note("name", &row.name);
        let entry = match fields {
            "" => entry,
            fields => entry.note("fields", fields),
        };
        self.audit.record(entry).await;
    }
}

/// The names of the fields that differ, with spaces between. Whether the key was written says `key`.
pub(super) fn changed(old: &ModelRow, new: &ModelRow, key: bool) -> String {
    let fields = [
        ("name", old.name != new.name),
        ("kind", old.kind != new.kind),
        ("base_url", old.base_url != new.base_url),
        ("model", old.model != new.model),
        ("api_key", key),
        ("parameters", old.parameters != new.parameters),
        ("context_tokens", old.context_tokens != new.context_tokens),
        ("price_in", old.prices.price_in != new.prices.price_in),
        ("price_out", old.prices.price_out != new.prices.price_out),
    ];
    let changed = fields.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}
