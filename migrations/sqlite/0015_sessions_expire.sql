-- Sessions that are over are dropped now and then, the oldest first.
create index sessions_expiry_idx on sessions (expires_at);
