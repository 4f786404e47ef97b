-- seen_at: up to which use the person has read; a reply that ended later makes the conversation unread.
alter table conversations add column seen_at timestamptz not null default to_timestamp(0);
update conversations set seen_at = updated_at;
-- What is emptied out of the bin is found by its age.
create index conversations_bin_idx on conversations (deleted_at) where deleted_at is not null;
