-- The token that makes the first admin: one at most, and none as soon as there is an admin.
create table setup_tokens (
    only_one integer not null default 1,
    token_hash bytea not null,
    created_at timestamptz not null,
    constraint setup_tokens_pk primary key (only_one),
    constraint setup_tokens_single check (only_one = 1),
    constraint setup_tokens_form check (octet_length(token_hash) = 32)
);
