-- Signed-in browsers and API clients. Of a token only the SHA-256 is kept.
create table sessions (
    id blob not null,
    user_id blob not null,
    token_hash blob not null,
    user_agent text,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null,
    constraint sessions_pk primary key (id),
    constraint sessions_token_unique unique (token_hash),
    constraint sessions_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint sessions_id_form check (length(id) = 16),
    constraint sessions_token_form check (length(token_hash) = 32),
    constraint sessions_agent_length check (length(user_agent) <= 200)
) strict;
create index sessions_user_idx on sessions (user_id, last_seen_at desc);
