-- Passes for one WebSocket each, used up by the first who shows one. Of a pass only the SHA-256 is kept.
create table tickets (
    token_hash blob not null,
    session_id blob not null,
    user_id blob not null,
    expires_at integer not null,
    constraint tickets_pk primary key (token_hash),
    constraint tickets_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint tickets_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint tickets_token_form check (length(token_hash) = 32)
) strict, without rowid;
create index tickets_expiry_idx on tickets (expires_at);
create index tickets_session_idx on tickets (session_id);
create index tickets_user_idx on tickets (user_id);
