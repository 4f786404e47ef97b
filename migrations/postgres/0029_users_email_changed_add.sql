-- When the account got the address that it has now; null: it is the one that the account was made with. What is older than
-- the address was not brought by whoever set it.
alter table users add column email_changed_at timestamptz;
