-- When a person asked for the end of their account. What is left of it is taken down by whoever comes by, until it is done.
alter table users add column deletion_asked_at timestamptz;
create index users_deletion_idx on users (deletion_asked_at) where deletion_asked_at is not null;
