-- What API clients sign with. Of each only the SHA-256 is kept, and all of it ends with the session.
create table access_tokens (
    token_hash bytea not null,
    session_id uuid not null,
    expires_at timestamptz not null,
    constraint access_tokens_pk primary key (token_hash),
    constraint access_tokens_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint access_tokens_form check (octet_length(token_hash) = 32)
);
create index access_tokens_session_idx on access_tokens (session_id);
create index access_tokens_expiry_idx on access_tokens (expires_at);

-- One family is one session. Used ones stay, so that a copy is known when it is shown.
create table refresh_tokens (
    token_hash bytea not null,
    session_id uuid not null,
    created_at timestamptz not null,
    rotated_at timestamptz,
    constraint refresh_tokens_pk primary key (token_hash),
    constraint refresh_tokens_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint refresh_tokens_form check (octet_length(token_hash) = 32)
);
create unique index refresh_tokens_newest_unique on refresh_tokens (session_id) where rotated_at is null;
create index refresh_tokens_session_idx on refresh_tokens (session_id);

-- A key is a session with a name, whose token is the key.
create table api_keys (
    session_id uuid not null,
    user_id uuid not null,
    name text not null,
    last4 text not null,
    expires_at timestamptz,
    constraint api_keys_pk primary key (session_id),
    constraint api_keys_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint api_keys_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint api_keys_name_length check (char_length(name) between 1 and 100),
    constraint api_keys_end_length check (char_length(last4) = 4)
);
create index api_keys_user_idx on api_keys (user_id);
