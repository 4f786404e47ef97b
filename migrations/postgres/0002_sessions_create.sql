-- Signed-in browsers and API clients. Of a token only the SHA-256 is kept.
create table sessions (
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    user_agent text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    constraint sessions_pk primary key (id),
    constraint sessions_token_unique unique (token_hash),
    constraint sessions_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint sessions_token_form check (octet_length(token_hash) = 32),
    constraint sessions_agent_length check (char_length(user_agent) <= 200)
);
create index sessions_user_idx on sessions (user_id, last_seen_at desc);
